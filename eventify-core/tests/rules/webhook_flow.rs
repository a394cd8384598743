//! Webhooks: what they are told, by which signature, and that nothing of it is told to anybody else.

use std::collections::BTreeSet;

use eventify_core::account::{EraseAccount, SetRole};
use eventify_core::notification::FactName;
use eventify_core::webhook::{
    CreateWebhook, RotateWebhookSecret, Webhook, WebhookDelivery, WebhookDeliveryStatus, WebhookDeliveryView,
    WebhookList, WebhookRequest, WebhookSecret,
};
use eventify_core::{Actor, PageRequest, Role, WebhookId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::common::*;
use crate::webhook::{make_of, wanted};

pub async fn hook(w: &World, who: &Actor, url: &str) -> WebhookSecret {
    make_of(w, who, |r| r.url = url.to_owned()).await.unwrap().into_inner()
}

async fn shared(w: &World, url: &str) -> WebhookSecret {
    let change = |r: &mut CreateWebhook| (r.url, r.deployment) = (url.to_owned(), true);
    make_of(w, &admin(), change).await.unwrap().into_inner()
}

pub async fn log_of(w: &World, id: WebhookId) -> Vec<WebhookDeliveryView> {
    w.eventify.webhooks().deliveries(&admin(), id, &PageRequest::first(100)).await.unwrap().data
}

/// What an address was sent, as JSON.
pub fn told(w: &World, url: &str) -> Vec<Value> {
    let sent = w.hooks.sent().into_iter().filter(|request| request.url == url);
    sent.map(|request| serde_json::from_str(&request.body).unwrap()).collect()
}

fn names(told: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = told.iter().map(|fact| fact["event"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn header<'r>(request: &'r WebhookRequest, name: &str) -> &'r str {
    &request.headers.iter().find(|(n, _)| *n == name).unwrap().1
}

/// Whether one of the signatures is by this secret, as a receiver finds out.
fn is_signed(request: &WebhookRequest, secret: &WebhookSecret) -> bool {
    let key = secret.secret.expose().strip_prefix("whsec_").unwrap();
    let key = data_encoding::BASE64.decode(key.as_bytes()).unwrap();
    assert!(key.len() >= 24);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, at) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
    mac.update(format!("{id}.{at}.{}", request.body).as_bytes());
    let expected = format!("v1,{}", data_encoding::BASE64.encode(&mac.finalize().into_bytes()));
    header(request, "webhook-signature").split(' ').any(|signature| signature == expected)
}

#[tokio::test]
async fn owners_are_told_of_their_own_events_and_the_deployment_of_all() {
    let w = World::hooked().await;
    hook(&w, &organizer(), "https://own").await;
    hook(&w, &other_organizer(), "https://other").await;
    hook(&w, &admin(), "https://admins-own").await;
    shared(&w, "https://all").await;
    let (e, t) = w.sale(5).await;
    w.buy(&attendee(), e, t, 2).await;
    w.run_jobs().await;
    let own = told(&w, "https://own");
    assert_eq!(names(&own), ["booking.confirmed", "event.published", "ticket.purchased", "ticket.purchased"]);
    assert_eq!(own.len(), told(&w, "https://all").len());
    assert!(told(&w, "https://other").is_empty() && told(&w, "https://admins-own").is_empty());
    let bought = own.iter().find(|fact| fact["event"] == "ticket.purchased").unwrap();
    assert_eq!(bought["data"]["event_id"], e.to_string());
    assert_eq!(bought["timestamp"], w.now().to_string());
    for url in ["https://own", "https://all"] {
        for fact in told(&w, url) {
            assert_eq!(
                fact["data"].get("code"),
                None,
                "what lets somebody in is in no log of another system"
            );
            assert!(fact["id"].is_string());
        }
    }
    w.assert_sound("told").await;
}

#[tokio::test]
async fn only_what_is_wanted_is_told() {
    let w = World::hooked().await;
    let some = wanted(&[FactName::BookingCancelled, FactName::TicketCheckin]);
    make_of(&w, &organizer(), |r| (r.url, r.facts) = ("https://some".to_owned(), some)).await.unwrap();
    let (e, t) = w.sale(5).await;
    w.used(e, t).await;
    let back = w.buy(&other_attendee(), e, t, 1).await.booking.id;
    w.eventify.bookings().cancel(&other_attendee(), back).await.unwrap();
    w.run_jobs().await;
    assert_eq!(names(&told(&w, "https://some")), ["booking.cancelled", "ticket.checkin"]);
}

#[tokio::test]
async fn a_purchase_pays_one_job_and_nothing_without_webhooks() {
    let w = World::hooked().await;
    let (e, t) = w.sale(50).await;
    w.run_jobs().await;
    w.buy(&attendee(), e, t, 8).await;
    assert_eq!(w.jobs("fan_out").await.len(), 1, "for a booking and eight tickets");
    w.run_jobs().await;
    assert!(w.jobs("fan_out").await.is_empty() && w.jobs("deliver_webhook").await.is_empty());
    let plain = World::connected().await;
    let (e, t) = plain.sale(50).await;
    plain.buy(&attendee(), e, t, 8).await;
    assert!(plain.jobs("fan_out").await.is_empty());
}

#[tokio::test]
async fn a_crowd_of_facts_is_told_in_steps_each_once() {
    let w = World::hooked().await;
    for n in 0..10 {
        hook(&w, &organizer(), &format!("https://hook-{n}")).await;
    }
    let (e, t) = w.sale(500).await;
    w.run_jobs().await;
    let before = w.hooks.sent().len();
    for n in 0..3 {
        w.buy(&someone(n), e, t, 40).await;
    }
    w.run_jobs().await;
    let sent = w.hooks.sent().len() - before;
    assert_eq!(sent, 10 * 3 * 41, "ten webhooks, three bookings of forty tickets");
    let told: BTreeSet<_> =
        w.hooks.sent().into_iter().map(|r| (r.url.clone(), header(&r, "webhook-id").to_owned())).collect();
    assert_eq!(told.len(), w.hooks.sent().len());
    w.assert_sound("told").await;
}

#[tokio::test]
async fn everything_is_signed_and_by_both_secrets_while_they_change() {
    let w = World::hooked().await;
    let first = hook(&w, &organizer(), "https://own").await;
    let id = first.webhook.id;
    let test = async || {
        w.eventify.webhooks().test(&organizer(), id).await.unwrap();
        w.run_jobs().await;
        w.hooks.sent().pop().unwrap()
    };
    let rotate = async |overlap_hours| {
        let request = RotateWebhookSecret { overlap_hours };
        w.eventify.webhooks().rotate_secret(&organizer(), id, request).await.unwrap().into_inner()
    };
    assert!(is_signed(&test().await, &first));
    let second = rotate(None).await;
    let until = w.now().plus(DAY);
    assert_eq!(second.webhook.previous_secret_until, Some(until));
    assert_ne!(first.secret, second.secret);
    let both = test().await;
    assert!(is_signed(&both, &first) && is_signed(&both, &second));
    for _ in 0..2 {
        w.pass(8 * HOUR).await;
        let again = rotate(Some(48)).await;
        assert_eq!(again.secret, second.secret, "whoever lost it gets it again");
        assert_eq!(again.webhook, second.webhook, "and changes nothing, or it would never end");
        let both = test().await;
        assert!(is_signed(&both, &first) && is_signed(&both, &second), "the other side may have either");
    }
    w.pass(8 * HOUR).await;
    assert_eq!(w.now(), until);
    let after = test().await;
    assert!(!is_signed(&after, &first) && is_signed(&after, &second));
    let third = rotate(Some(0)).await;
    let after = test().await;
    assert!(!is_signed(&after, &second) && is_signed(&after, &third), "one that leaked ends at once");
    let fourth = rotate(None).await;
    let fifth = rotate(Some(0)).await;
    let after = test().await;
    assert!(is_signed(&after, &fifth) && ![&third, &fourth].iter().any(|old| is_signed(&after, old)));
    let seconds = w.now().as_seconds().to_string();
    assert_eq!(header(&after, "webhook-timestamp"), seconds);
    assert_eq!(header(&after, "content-type"), "application/json");
    assert_eq!(told(&w, "https://own")[0]["event"], "webhook.test");
}

#[tokio::test]
async fn what_is_sent_again_is_the_same_under_the_same_id_and_newly_signed() {
    let w = World::hooked().await;
    let made = hook(&w, &organizer(), "https://own").await;
    w.published().await;
    w.run_jobs().await;
    let log = log_of(&w, made.webhook.id).await;
    assert_eq!((log.len(), log[0].status, log[0].attempts), (1, WebhookDeliveryStatus::Delivered, 1));
    w.clock.advance(HOUR);
    let call = organizer().with_idempotency_key("again");
    for nth in 0..2 {
        let again = w.eventify.webhooks().redeliver(&call, made.webhook.id, log[0].id).await.unwrap();
        assert_eq!((again.status, again.is_replayed()), (WebhookDeliveryStatus::Waiting, nth > 0));
    }
    w.run_jobs().await;
    let [first, second] = <[WebhookRequest; 2]>::try_from(w.hooks.sent()).unwrap();
    assert_eq!(first.body, second.body);
    assert_eq!(header(&first, "webhook-id"), header(&second, "webhook-id"));
    assert_eq!(header(&first, "webhook-id"), log[0].fact_id.to_string());
    assert_ne!(header(&first, "webhook-timestamp"), header(&second, "webhook-timestamp"));
    assert!(is_signed(&second, &made));
    let log = log_of(&w, made.webhook.id).await;
    assert_eq!((log.len(), log[0].status, log[0].attempts), (1, WebhookDeliveryStatus::Delivered, 2));
}

#[tokio::test]
async fn a_repeated_request_makes_one_webhook_and_shows_its_secret_again() {
    let w = World::hooked().await;
    let call = organizer().with_idempotency_key("once");
    let request = || CreateWebhook { url: "https://own".to_owned(), ..CreateWebhook::default() };
    let first = w.eventify.webhooks().create(&call, request()).await.unwrap();
    let again = w.eventify.webhooks().create(&call, request()).await.unwrap();
    assert!(again.is_replayed() && *first == *again);
    assert_eq!(w.everything().await.of::<Webhook>().count(), 1);
}

#[tokio::test]
async fn secrets_and_addresses_stay_out_of_logs_and_records() {
    let w = World::hooked().await;
    let url = "https://hooks.example.org/T0/very-secret";
    let call = organizer().with_idempotency_key("once");
    let request = CreateWebhook { url: url.to_owned(), ..CreateWebhook::default() };
    let made = w.eventify.webhooks().create(&call, request.clone()).await.unwrap().into_inner();
    w.hooks.answer_next(url, [Ok(410)]);
    w.published().await;
    w.run_jobs().await;
    let trail = serde_json::to_string(&w.trail().await).unwrap();
    let sent = w.hooks.sent().pop().unwrap();
    let shown = format!("{request:?} {made:?} {sent:?} {:?}", log_of(&w, made.webhook.id).await);
    let logged = w.as_logged().await;
    let key = made.secret.expose().strip_prefix("whsec_").unwrap();
    for text in [&trail, &shown, &logged] {
        assert!(!text.contains(key) && !text.contains("very-secret"), "{text}");
    }
    // Not even as bytes: the secret follows from what is stored under the deployment's key.
    let key = data_encoding::BASE64.decode(key.as_bytes()).unwrap();
    for record in w.everything().await.records() {
        let mut bytes = Vec::new();
        eventify_core::store::encode_record(record, &mut bytes).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key), "{record:?}");
    }
}

#[tokio::test]
async fn a_deleted_webhook_is_told_nothing_of_what_waited() {
    let w = World::hooked().await;
    let made = hook(&w, &organizer(), "https://own").await;
    w.hooks.answer_next("https://own", [Ok(503)]);
    w.published().await;
    w.run_jobs().await;
    assert_eq!(w.jobs("deliver_webhook").await.len(), 1);
    w.eventify.webhooks().delete(&organizer(), made.webhook.id).await.unwrap();
    w.assert_sound("deleted").await;
    w.pass(DAY).await;
    assert_eq!((w.hooks.sent().len(), w.jobs("deliver_webhook").await.len()), (1, 0));
    let all = w.everything().await;
    assert_eq!((all.of::<Webhook>().count(), all.of::<WebhookList>().count()), (0, 0));
}

#[tokio::test]
async fn the_log_is_forgotten_after_its_time() {
    let w = World::hooked().await;
    let made = hook(&w, &organizer(), "https://own").await;
    w.published().await;
    w.run_jobs().await;
    let kept = async || {
        w.eventify.jobs().sweep().await.unwrap();
        w.everything().await.of::<WebhookDelivery>().count()
    };
    w.clock.advance(7 * DAY - std::time::Duration::from_micros(1));
    assert_eq!(kept().await, 1);
    w.clock.advance(std::time::Duration::from_micros(1));
    assert_eq!(kept().await, 0);
    assert!(log_of(&w, made.webhook.id).await.is_empty());
}

#[tokio::test]
async fn whoever_is_forgotten_is_told_nothing_and_sees_their_webhooks_before() {
    let w = World::hooked().await;
    let id = w.register("Ada").await.id;
    w.eventify.accounts().set_role(&system(), id, SetRole { role: Role::Organizer }).await.unwrap();
    let ada = Actor::user(id, Role::Organizer);
    hook(&w, &ada, "https://adas").await;
    hook(&w, &ada, "https://adas-other").await;
    let kept = hook(&w, &organizer(), "https://own").await;
    let mut archive = w.eventify.accounts().archive(&ada).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = w.eventify.accounts().read_archive(&mut archive).await.unwrap() {
        text.push_str(&piece);
    }
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["webhooks"].as_array().unwrap().len(), 2);
    assert_eq!(whole["webhooks"][0].get("secret"), None);
    let goodbye = EraseAccount { password: PASSWORD.into(), code: None, recovery_code: None };
    w.eventify.accounts().erase_me(&ada, goodbye).await.unwrap();
    w.pass(HOUR).await;
    let all = w.everything().await;
    let left: Vec<_> = all.of::<Webhook>().map(|webhook| webhook.id).collect();
    assert_eq!((left, all.of::<WebhookList>().count()), (vec![kept.webhook.id], 1));
    w.assert_sound("forgotten").await;
}
