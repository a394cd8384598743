//! Kinds and channels: each kind reaches people by exactly the channels that they allow.

use std::collections::{BTreeMap, HashMap};

use eventify_core::account::ChangePassword;
use eventify_core::event::UpdateEvent;
use eventify_core::notification::{
    AddPushSubscription, Channel, FcmSubscription, NoticeKind, Notification, PreferencesView,
    SendNotification,
};
use eventify_core::review::ReplyToReview;
use eventify_core::{Actor, Change, Reason, Role, UserId};

use crate::common::*;
use crate::review::review;

/// How often somebody was reached, and by what.
type Reached = BTreeMap<(NoticeKind, Channel), usize>;

fn all() -> impl Iterator<Item = (NoticeKind, Channel)> {
    NoticeKind::ALL.iter().flat_map(|kind| Channel::ALL.iter().map(|channel| (*kind, *channel)))
}

/// Somebody with a phone and an app, who wants everything or all but one.
async fn guest(w: &World, name: &str, off: Option<(NoticeKind, Channel)>) -> Actor {
    let guest = Actor::user(w.register(name).await.id, Role::Attendee);
    let notes = w.eventify.notifications();
    let phone = serde_json::from_str(r#"{"phone": "+77011234567"}"#).unwrap();
    notes.set_preferences(&guest, phone).await.unwrap();
    let fcm = Some(FcmSubscription { token: name.into() });
    notes.add_push_subscription(&guest, AddPushSubscription { fcm, web: None }).await.unwrap();
    if let Some((kind, channel)) = off {
        let change = PreferencesView::of([(kind, [(channel, false)].into())]);
        notes.set_preferences(&guest, change).await.unwrap();
    }
    w.mark().await;
    guest
}

/// Makes everything happen to all of them that people are told, but for their accounts.
async fn live_through_everything(w: &World, guests: &[Actor]) {
    let (seen, t) = w.sale(500).await;
    for guest in guests {
        let code = w.buy(guest, seen, t, 1).await.tickets[0].code.clone();
        w.eventify.tickets().check_in(&organizer(), &code, Default::default()).await.unwrap();
        let review = review(w, guest, seen, 5).await.unwrap().id;
        let thanks = ReplyToReview { text: "Thank you.".to_owned() };
        w.eventify.reviews().reply(&organizer(), seen, review, thanks).await.unwrap();
        let (_, _, payment) = w.paid_by_card(guest).await;
        w.eventify.bookings().cancel(&organizer(), payment.booking_id).await.unwrap();
        let (user_id, title) = (id_of(guest), "Words".to_owned());
        let words = SendNotification { user_id, title, body: String::new(), event_id: None };
        w.eventify.notifications().send(&admin(), words).await.unwrap();
    }
    let moved = UpdateEvent { venue: Some(Change::To("Opera".to_owned())), ..UpdateEvent::default() };
    w.update_event(seen, moved).await;
    w.run_jobs().await;
    w.cancel_event(seen).await;
    w.run_jobs().await;
    let (next, t) = w.sale(500).await;
    for guest in guests {
        w.buy(guest, next, t, 1).await;
    }
    w.pass(9 * DAY + HOUR).await;
}

async fn reached(w: &World) -> HashMap<UserId, Reached> {
    let mut reached: HashMap<UserId, Reached> = HashMap::new();
    let mut count = |who, kind, channel| {
        *reached.entry(who).or_default().entry((kind, channel)).or_default() += 1;
    };
    for one in w.mail.delivered().into_iter().chain(w.mail.of_accounts()) {
        count(one.to, one.message.fact.notice_kind(), one.channel);
    }
    for told in w.everything().await.of::<Notification>().filter(|told| told.shown) {
        count(told.user_id, told.fact.notice_kind(), Channel::InApp);
    }
    reached
}

#[tokio::test]
async fn every_kind_reaches_people_by_exactly_the_channels_that_they_allow() {
    let w = World::connected().await;
    let mut guests = vec![guest(&w, "Ada", None).await];
    let choices: Vec<_> = all().filter(|(kind, _)| *kind != NoticeKind::Security).collect();
    for (kind, channel) in &choices {
        let name = format!("{}-{}", kind.as_str(), channel.as_str()).replace('_', "-");
        guests.push(guest(&w, &name, Some((*kind, *channel))).await);
    }
    live_through_everything(&w, &guests).await;
    let new =
        ChangePassword { current_password: PASSWORD.into(), new_password: "quite another secret".into() };
    w.eventify.accounts().change_password(&guests[0], new).await.unwrap();
    w.run_jobs().await;
    let reached = reached(&w).await;
    let everything = &reached[&id_of(&guests[0])];
    for (kind, channel) in all() {
        assert!(everything.contains_key(&(kind, channel)), "{kind:?} by {channel:?}");
    }
    let chosen = |of: &Reached| of.clone().into_iter().filter(|((kind, _), _)| *kind != NoticeKind::Security);
    for (guest, off) in guests.iter().skip(1).zip(choices) {
        let expected: Reached = chosen(everything).filter(|(by, _)| *by != off).collect();
        assert_eq!(chosen(&reached[&id_of(guest)]).collect::<Reached>(), expected, "without {off:?}");
    }
    for channel in Channel::ALL {
        let change = PreferencesView::of([(NoticeKind::Security, [(*channel, false)].into())]);
        let refused = w.eventify.notifications().set_preferences(&guests[0], change).await.unwrap_err();
        assert_eq!(
            refused.reason(),
            Reason::InvalidValue,
            "nobody is kept from what is done to their account"
        );
    }
}

#[tokio::test]
async fn who_gave_no_number_has_no_text_messages_waiting() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    assert_eq!(w.jobs("deliver").await.len(), 2, "by mail, and by push");
    let phone = serde_json::from_str(r#"{"phone": "+77011234567"}"#).unwrap();
    w.eventify.notifications().set_preferences(&ada, phone).await.unwrap();
    w.buy(&ada, e, t, 1).await;
    assert_eq!(w.jobs("deliver").await.len(), 2 + 3);
}
