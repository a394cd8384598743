//! How people are reached: their language, their phone, and the browsers and phones that take push messages.

use eventify_core::account::ResetPassword;
use eventify_core::notification::{
    AddPushSubscription, Channel, FcmSubscription, PreferencesView, PushAddress, PushClaim,
    PushSubscriptionView, PushSubscriptions, WebPushKeys, WebPushSubscription,
};
use eventify_core::{Actor, Change, Error, PageRequest, PushSubscriptionId, Reason, Role};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn subscribing() -> Vec<Row> {
    rows! {
        "a browser" => [] |w| with(w, |_| ()).await;
        "a browser whose keys are padded" => [] |w| with(w, |web| web.keys.auth = "AAAAAAAAAAAAAAAAAAAAAA==".into()).await;
        "an app" => [] |w| app(w, "cR4x:APA91bH").await;
        "an app without a token" => [InvalidValue] |w| app(w, "").await;
        "a token of 4,096 characters" => [] |w| app(w, &"t".repeat(4_096)).await;
        "a token of 4,097 characters" => [InvalidValue] |w| app(w, &"t".repeat(4_097)).await;
        "a token with a line break" => [InvalidValue] |w| app(w, "t\r\nx").await;
        "neither" => [InvalidValue] |w| add(w, &ada(w).await, AddPushSubscription::default()).await;
        "both" => [InvalidValue] |w| {
            let fcm = Some(FcmSubscription { token: "t".into() });
            add(w, &ada(w).await, AddPushSubscription { fcm, ..browser(1) }).await
        };
        "an address of 2,048 characters" => [] |w| with(w, |web| web.endpoint = long(2_048)).await;
        "an address of 2,049 characters" => [InvalidValue] |w| with(w, |web| web.endpoint = long(2_049)).await;
        "an address without encryption" => [InvalidValue] |w| {
            with(w, |web| web.endpoint = "http://push.example.org/1".to_owned()).await
        };
        "an address with a password" => [InvalidValue] |w| {
            with(w, |web| web.endpoint = "https://me:secret@push.example.org/1".to_owned()).await
        };
        "an address without a host" => [InvalidValue] |w| with(w, |web| web.endpoint = "https:///1".to_owned()).await;
        "an address with a space" => [InvalidValue] |w| {
            with(w, |web| web.endpoint = "https://push.example.org/ 1".to_owned()).await
        };
        "a key that is short" => [InvalidValue] |w| with(w, |web| web.keys.p256dh = "BAAA".to_owned()).await;
        "a compressed key" => [InvalidValue] |w| with(w, |web| web.keys.p256dh = encoded(2, 65)).await;
        "no key" => [InvalidValue] |w| with(w, |web| web.keys.p256dh = "*".repeat(87)).await;
        "a secret of 15 bytes" => [InvalidValue] |w| with(w, |web| web.keys.auth = encoded(0, 15).as_str().into()).await;
        "nobody's browser" => [NotAuthenticated] |w| add(w, &anonymous(), browser(1)).await;
        "the app's browser" => [NotAuthenticated] |w| add(w, &system(), browser(1)).await;
        "of somebody without an account" => [UserNotFound] |w| add(w, &attendee(), browser(1)).await;
        "nobody's list" => [NotAuthenticated] |w| {
            w.eventify.notifications().push_subscriptions(&anonymous(), &PageRequest::default()).await
        };
        "one's own is removed" => [] |w| {
            let ada = ada(w).await;
            let id = add(w, &ada, browser(1)).await?.id;
            w.eventify.notifications().remove_push_subscription(&ada, id).await
        };
        "one's own is removed twice" => [PushSubscriptionNotFound] |w| {
            let ada = ada(w).await;
            let id = add(w, &ada, browser(1)).await?.id;
            w.eventify.notifications().remove_push_subscription(&ada, id).await?;
            w.mark().await;
            w.eventify.notifications().remove_push_subscription(&ada, id).await
        };
        "somebody else's is removed" => [PushSubscriptionNotFound] |w| {
            let id = theirs(w).await;
            w.eventify.notifications().remove_push_subscription(&other_attendee(), id).await
        };
        "an admin removes somebody's" => [PushSubscriptionNotFound] |w| {
            let id = theirs(w).await;
            w.eventify.notifications().remove_push_subscription(&admin(), id).await
        };
        "nobody removes one" => [NotAuthenticated] |w| {
            let id = theirs(w).await;
            w.eventify.notifications().remove_push_subscription(&anonymous(), id).await
        };
    }
}

async fn ada(w: &World) -> Actor {
    Actor::user(w.register("Ada").await.id, Role::Attendee)
}

async fn theirs(w: &World) -> PushSubscriptionId {
    let ada = ada(w).await;
    let id = add(w, &ada, browser(1)).await.unwrap().id;
    w.mark().await;
    id
}

fn encoded(first: u8, bytes: usize) -> String {
    let mut all = vec![7; bytes];
    all[0] = first;
    data_encoding::BASE64URL_NOPAD.encode(&all)
}

fn long(chars: usize) -> String {
    let start = "https://push.example.org/";
    format!("{start}{}", "e".repeat(chars - start.len()))
}

fn browser(n: u32) -> AddPushSubscription {
    let keys = WebPushKeys { p256dh: encoded(4, 65), auth: encoded(0, 16).as_str().into() };
    let endpoint = format!("https://push.example.org/{n}");
    AddPushSubscription {
        web: Some(WebPushSubscription { endpoint, expiration_time: None, keys }),
        fcm: None,
    }
}

async fn add(w: &World, who: &Actor, request: AddPushSubscription) -> Result<PushSubscriptionView, Error> {
    w.eventify.notifications().add_push_subscription(who, request).await
}

async fn with(
    w: &World,
    change: impl FnOnce(&mut WebPushSubscription),
) -> Result<PushSubscriptionView, Error> {
    let ada = ada(w).await;
    let mut request = browser(1);
    change(request.web.as_mut().unwrap());
    add(w, &ada, request).await
}

async fn app(w: &World, token: &str) -> Result<PushSubscriptionView, Error> {
    let request = AddPushSubscription { web: None, fcm: Some(FcmSubscription { token: token.into() }) };
    add(w, &ada(w).await, request).await
}

async fn listed(w: &World, who: &Actor) -> Vec<PushSubscriptionId> {
    let mut ids = Vec::new();
    let mut page = PageRequest::first(3);
    loop {
        let found = w.eventify.notifications().push_subscriptions(who, &page).await.unwrap();
        ids.extend(found.data.iter().map(|one| one.id));
        let Some(cursor) = found.next_cursor else { return ids };
        page.cursor = Some(cursor);
    }
}

#[tokio::test]
async fn subscribing_has_rules() {
    run(subscribing()).await;
}

#[tokio::test]
async fn ten_browsers_are_kept_and_the_eleventh_takes_the_place_of_the_oldest() {
    let w = World::new().await;
    let ada = ada(&w).await;
    let mut ids = Vec::new();
    for n in 0..11 {
        w.clock.advance(std::time::Duration::from_secs(1));
        let added = add(&w, &ada, browser(n)).await.unwrap();
        assert_eq!((added.kind.as_str(), added.service.as_deref()), ("web", Some("push.example.org")));
        ids.push(added.id);
    }
    assert_eq!(listed(&w, &ada).await, ids[1..]);
    let entries = w.trail().await.len();
    assert_eq!(add(&w, &ada, browser(5)).await.unwrap().id, ids[5], "the same again changes nothing");
    assert_eq!((listed(&w, &ada).await, w.trail().await.len()), (ids[1..].to_vec(), entries));
    w.assert_sound("ten browsers").await;
    let mut other_keys = browser(5);
    other_keys.web.as_mut().unwrap().keys.auth = encoded(9, 16).as_str().into();
    assert_eq!(add(&w, &ada, other_keys).await.unwrap().id, ids[5], "the same browser with other keys");
    let found = w.everything().await;
    let all = &found.of::<PushSubscriptions>().next().unwrap().subscriptions;
    let keys = all.iter().filter(|one| matches!(&one.address, PushAddress::Web { auth, .. } if auth[0] == 9));
    assert_eq!((all.len(), keys.count()), (10, 1));
    for id in listed(&w, &ada).await {
        w.eventify.notifications().remove_push_subscription(&ada, id).await.unwrap();
    }
    let found = w.everything().await;
    assert_eq!((found.of::<PushSubscriptions>().count(), found.of::<PushClaim>().count()), (0, 0));
}

#[tokio::test]
async fn a_browser_takes_the_messages_of_the_last_who_asked_for_it() {
    let w = World::new().await;
    let ada = ada(&w).await;
    let bob = Actor::user(w.register("Bob").await.id, Role::Attendee);
    add(&w, &ada, browser(1)).await.unwrap();
    let phone = add(&w, &ada, browser(2)).await.unwrap().id;
    let bobs = add(&w, &bob, browser(1)).await.unwrap().id;
    assert_eq!((listed(&w, &ada).await, listed(&w, &bob).await), (vec![phone], vec![bobs]));
    w.assert_sound("a browser of two people").await;
}

#[tokio::test]
async fn messages_go_where_their_person_is_reached_and_forget_what_is_gone() {
    let w = World::connected().await;
    let ada = ada(&w).await;
    let (one, other) = (add(&w, &ada, browser(1)).await.unwrap(), add(&w, &ada, browser(2)).await.unwrap());
    let change = PreferencesView {
        language: Some(Change::To("ru".parse().unwrap())),
        phone: Some(Change::To("+7 701 123 45 67".parse().unwrap())),
        ..PreferencesView::default()
    };
    let chosen = w.eventify.notifications().set_preferences(&ada, change.clone()).await.unwrap();
    assert_eq!((&chosen.language, &chosen.phone), (&change.language, &change.phone));
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.mail.say_gone([one.id]);
    w.run_jobs().await;
    let delivered = w.mail.delivered();
    let push = delivered.iter().find(|d| d.channel == Channel::Push).unwrap();
    let ids: Vec<_> = push.recipient.push.iter().map(|target| target.id).collect();
    assert_eq!((ids, push.recipient.language.tag()), (vec![one.id, other.id], "ru"));
    assert_eq!(push.recipient.phone.as_deref(), Some("+77011234567"));
    assert_eq!(listed(&w, &ada).await, [other.id], "what is gone is forgotten");
    w.assert_sound("a browser that is gone").await;
    let back = PreferencesView {
        language: Some(Change::Clear),
        phone: Some(Change::Clear),
        ..PreferencesView::default()
    };
    let chosen = w.eventify.notifications().set_preferences(&ada, back).await.unwrap();
    assert_eq!((chosen.language, chosen.phone), (Some(Change::Clear), Some(Change::Clear)));
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    let last = w.mail.delivered().pop().unwrap().recipient;
    assert_eq!((last.language.tag(), last.phone), ("en", None));
}

#[tokio::test]
async fn a_reset_password_and_the_end_of_an_account_end_push_messages() {
    let w = World::connected().await;
    let ada = ada(&w).await;
    let email = email_of("Ada");
    add(&w, &ada, browser(1)).await.unwrap();
    let request = eventify_core::account::RequestPasswordReset { email: email.clone() };
    w.eventify.accounts().request_password_reset(&anonymous(), request).await.unwrap();
    w.run_jobs().await;
    let token = w.mail.token(&email, "account.password_reset").unwrap();
    let new = ResetPassword { token: token.as_str().into(), new_password: "another secret".into() };
    w.eventify.accounts().reset_password(&anonymous(), new).await.unwrap();
    assert!(listed(&w, &ada).await.is_empty(), "whoever had the account may have added it");
    add(&w, &ada, browser(2)).await.unwrap();
    w.eventify.accounts().erase(&admin(), id_of(&ada)).await.unwrap();
    let all = w.everything().await;
    assert_eq!((all.of::<PushSubscriptions>().count(), all.of::<PushClaim>().count()), (0, 0));
    w.assert_sound("an erased account").await;
    let late = add(&w, &ada, browser(3)).await.unwrap_err();
    assert_eq!(late.reason(), Reason::UserNotFound);
}

#[tokio::test]
async fn what_reaches_a_browser_is_shown_nowhere() {
    let w = World::new().await;
    let ada = ada(&w).await;
    let request = browser(1);
    assert!(!format!("{request:?}").contains("push.example.org"));
    add(&w, &ada, request).await.unwrap();
    let trail = serde_json::to_string(&w.trail().await).unwrap();
    let logged = w.as_logged().await;
    let listed = w.eventify.notifications().push_subscriptions(&ada, &PageRequest::default()).await.unwrap();
    let listed = serde_json::to_string(&listed).unwrap();
    for secret in ["org/1", &encoded(4, 65), &encoded(0, 16)] {
        for text in [&trail, &logged, &listed] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
