//! Announcements: who may make one, of which event, how often, and whom it reaches.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::User;
use eventify_core::announcement::{AnnouncementView, MakeAnnouncement};
use eventify_core::event::CancelEvent;
use eventify_core::notification::{
    Channel, DailyDigest, FactName, NoticeKind, PreferencesView, SendNotification,
};
use eventify_core::review::ReplyToReview;
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::store::{Key, Record};
use eventify_core::testing::SeededEntropy;
use eventify_core::{
    Actor, AnnouncementId, Answer, Change, Error, EventId, Eventify, PageRequest, Reason, Role,
};

use crate::common::*;
use crate::review::{let_in, review};
use crate::table::{Row, rows, run};

pub fn making() -> Vec<Row> {
    rows! {
        "to everybody" => [] |w| make(w, &organizer(), |_| ()).await;
        "by an admin" => [] |w| make(w, &admin(), |_| ()).await;
        "by the app" => [] |w| make(w, &system(), |_| ()).await;
        "by nobody" => [NotAuthenticated] |w| make(w, &anonymous(), |_| ()).await;
        "by somebody who has a ticket" => [NotEventOwner] |w| make(w, &attendee(), |_| ()).await;
        "by another organizer" => [NotEventOwner] |w| make(w, &other_organizer(), |_| ()).await;
        "of an event that is not there" => [EventNotFound] |w| {
            w.eventify.announcements().make(&organizer(), EventId::from_bytes([9; 16]), words("Words")).await
        };
        "of a draft" => [EventNotPublished] |w| {
            let id = w.draft().await;
            w.eventify.announcements().make(&organizer(), id, words("Words")).await
        };
        "of somebody else's draft" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.announcements().make(&other_organizer(), id, words("Words")).await
        };
        "of an event that is over" => [] |w| {
            let id = w.completed().await;
            w.eventify.announcements().make(&organizer(), id, words("Words")).await
        };
        "of a cancelled event" => [] |w| {
            let id = w.cancelled().await;
            w.eventify.announcements().make(&organizer(), id, words("Words")).await
        };
        "to a ticket type of another event" => [TicketTypeNotFound] |w| {
            let (_, foreign) = w.sale(5).await;
            make(w, &organizer(), |a| a.ticket_type_id = Some(foreign)).await
        };
        "a title of 120 characters" => [] |w| make(w, &organizer(), |a| a.title = Some("ё".repeat(120))).await;
        "a title of 121 characters" => [InvalidValue] |w| make(w, &organizer(), |a| a.title = Some("ё".repeat(121))).await;
        "an empty title" => [InvalidValue] |w| make(w, &organizer(), |a| a.title = Some(" ".to_owned())).await;
        "no words" => [InvalidValue] |w| make(w, &organizer(), |a| a.body = " \n ".to_owned()).await;
        "2,000 characters" => [] |w| make(w, &organizer(), |a| a.body = "ё".repeat(2_000)).await;
        "2,001 characters" => [InvalidValue] |w| make(w, &organizer(), |a| a.body = "ё".repeat(2_001)).await;
        "a control character" => [InvalidValue] |w| make(w, &organizer(), |a| a.body = "a\u{7}b".to_owned()).await;
        "a tenth within a day" => [] |w| many(w, 10, Duration::ZERO).await;
        "an eleventh within a day" => [TooManyAnnouncements] |w| many(w, 11, DAY - Duration::from_micros(1)).await;
        "an eleventh when the first is a day old" => [] |w| many(w, 11, DAY).await;
        "one that is not there" => [AnnouncementNotFound] |w| {
            let id = w.published().await;
            w.eventify.announcements().get(&organizer(), id, AnnouncementId::from_bytes([9; 16])).await
        };
        "one of another event" => [AnnouncementNotFound] |w| {
            let (id, other) = (w.published().await, w.published().await);
            let made = w.eventify.announcements().make(&organizer(), id, words("Words")).await?.id;
            w.mark().await;
            w.eventify.announcements().get(&organizer(), other, made).await
        };
        "the list of an event that is not there" => [EventNotFound] |w| {
            w.eventify.announcements().list(&organizer(), EventId::from_bytes([9; 16]), &PageRequest::default()).await
        };
    }
}

fn words(body: &str) -> MakeAnnouncement {
    MakeAnnouncement { title: None, body: body.to_owned(), ticket_type_id: None }
}

async fn make(
    w: &World,
    who: &Actor,
    change: impl FnOnce(&mut MakeAnnouncement),
) -> Result<Answer<AnnouncementView>, Error> {
    let (event, of) = w.sale(5).await;
    w.buy(&attendee(), event, of, 1).await;
    let mut request = words("The hall is cold.");
    change(&mut request);
    w.eventify.announcements().make(who, event, request).await
}

/// So many, the last of them so long after the others.
async fn many(w: &World, count: usize, later: Duration) -> Result<(), Error> {
    let id = w.published().await;
    let once = async || w.eventify.announcements().make(&organizer(), id, words("Words")).await;
    for _ in 1..count {
        once().await?;
    }
    w.pass(later).await;
    once().await.map(drop)
}

/// Who was told these words, and how often.
async fn heard(w: &World, body: &str) -> Vec<eventify_core::UserId> {
    let all = w.everything().await;
    let told = all.of::<eventify_core::notification::Notification>();
    let mut heard: Vec<_> = told.filter(|n| w.said((***n).clone()).body == body).map(|n| n.user_id).collect();
    heard.sort_unstable();
    heard
}

fn ids(people: &[Actor]) -> Vec<eventify_core::UserId> {
    let mut ids: Vec<_> = people.iter().map(id_of).collect();
    ids.sort_unstable();
    ids
}

async fn announce(w: &World, id: EventId, request: MakeAnnouncement) {
    w.eventify.announcements().make(&organizer(), id, request).await.unwrap();
    w.run_jobs().await;
    w.assert_sound("announced").await;
}

#[tokio::test]
async fn announcements_have_rules() {
    run(making()).await;
}

#[tokio::test]
async fn everybody_with_a_ticket_hears_once_and_nobody_else() {
    let w = World::new().await;
    let (e, stalls) = w.sale(500).await;
    let balcony = w.free(e, 100).await;
    let crowd: Vec<Actor> = (0..130).map(someone).collect();
    for who in &crowd {
        w.eventify.bookings().buy(who, lines(e, &[(stalls, 2)])).await.unwrap();
    }
    w.buy(&crowd[7], e, balcony, 1).await;
    w.buy(&attendee(), e, balcony, 1).await;
    w.hold(&other_attendee(), e, stalls, 1).await;
    let back = w.buy(&other_attendee(), e, stalls, 1).await.booking.id;
    w.eventify.bookings().cancel(&other_attendee(), back).await.unwrap();
    announce(&w, e, words("To all")).await;
    let mut all = crowd.clone();
    all.push(attendee());
    assert_eq!(heard(&w, "To all").await, ids(&all));
    announce(&w, e, MakeAnnouncement { ticket_type_id: Some(balcony), ..words("Upstairs") }).await;
    assert_eq!(heard(&w, "Upstairs").await, ids(&[crowd[7].clone(), attendee()]));
    announce(&w, e, words("To all")).await;
    assert_eq!(heard(&w, "To all").await.len(), 2 * all.len(), "the same words again are said again");
    let note = w.told(&attendee()).await;
    let note = note.iter().find(|n| n.body == "Upstairs").unwrap();
    assert_eq!((note.fact, note.title.as_str(), note.event_id), (FactName::Announcement, "Concert", Some(e)));
}

#[tokio::test]
async fn steps_of_crashing_processes_tell_everybody_once() {
    let w = World::new().await;
    let (e, t) = w.sale(500).await;
    for n in 0..130 {
        w.eventify.bookings().buy(&someone(n), lines(e, &[(t, 2)])).await.unwrap();
    }
    w.eventify.announcements().make(&organizer(), e, words("Words")).await.unwrap();
    let mut steps = 0;
    while !w.jobs("tell_of_announcement").await.is_empty() {
        let engines = [1, 2].map(|n| {
            Eventify::builder_over(w.store.clone())
                .clock(w.clock.clone())
                .entropy(SeededEntropy::new(10 * steps + n))
                .without_worker()
                .start()
        });
        let engines = futures_util::future::join_all(engines).await;
        let runs = engines.iter().map(|engine| async { engine.as_ref().unwrap().jobs().run_due().await });
        assert!(futures_util::future::join_all(runs).await.into_iter().all(|run| run.is_ok()));
        steps += 1;
        assert!(steps < 50, "it never ends");
    }
    let told = heard(&w, "Words").await;
    assert_eq!((told.len(), BTreeSet::from_iter(told).len()), (130, 130));
}

#[tokio::test]
async fn a_cancelled_event_reaches_those_who_had_a_ticket_until_then() {
    let w = World::new().await;
    let (e, t) = w.sale(50).await;
    w.buy(&attendee(), e, t, 1).await;
    let back = w.buy(&other_attendee(), e, t, 1).await.booking.id;
    w.eventify.bookings().cancel(&other_attendee(), back).await.unwrap();
    w.pass(HOUR).await;
    w.cancel_event(e).await;
    announce(&w, e, words("While it is swept")).await;
    assert_eq!(heard(&w, "While it is swept").await, ids(&[attendee()]));
    w.pass(DAY).await;
    announce(&w, e, words("Your money comes back")).await;
    assert_eq!(heard(&w, "Your money comes back").await, ids(&[attendee()]));
}

#[tokio::test]
async fn preferences_are_kept_and_managers_speak() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    let before = w.mail.delivered().len();
    let off = PreferencesView::of([(NoticeKind::Announcement, [(Channel::Email, false)].into())]);
    w.eventify.notifications().set_preferences(&ada, off).await.unwrap();
    let manager = person(7, Role::Attendee);
    let grant = GrantStaff { user_id: manager.user_id(), email: None, right: StaffRight::Manager };
    w.eventify.staff(e).grant(&organizer(), grant).await.unwrap();
    w.eventify.announcements().make(&manager, e, words("Words")).await.unwrap();
    w.run_jobs().await;
    let delivered = w.mail.delivered();
    let channels: Vec<Channel> = delivered[before..].iter().map(|d| d.channel).collect();
    assert_eq!(channels, [Channel::Push]);
    assert_eq!(w.actions("announcement.made").await, 1);
    let listed = w.eventify.announcements().list(&manager, e, &PageRequest::default()).await.unwrap().data;
    assert_eq!(listed.len(), 1);
    let one = w.eventify.announcements().get(&manager, e, listed[0].id).await.unwrap();
    assert_eq!(*one, listed[0]);
}

/// Registering with somebody else's address and taking a ticket of one's own event must not mail them one's words.
#[tokio::test]
async fn only_proven_addresses_are_mailed_an_organizers_words() {
    for (proven, operator, about, mailed) in [
        (true, false, true, true),
        (false, false, true, false),
        (true, true, true, true),
        (false, true, true, false),
        (false, true, false, true),
    ] {
        let case = format!("proven {proven}, operator {operator}, about the event {about}");
        let w = World::connected().await;
        let id = if proven { id_of(&w.verified("Ada").await) } else { w.register("Ada").await.id };
        let ada = Actor::user(id, Role::Attendee);
        let (e, t) = w.sale(5).await;
        w.buy(&ada, e, t, 1).await;
        if operator {
            let (title, body) = ("Words".to_owned(), "Words".to_owned());
            let message = SendNotification { user_id: id, title, body, event_id: about.then_some(e) };
            w.eventify.notifications().send(&admin(), message).await.unwrap();
            w.run_jobs().await;
        } else {
            announce(&w, e, words("Words")).await;
        }
        let delivered = w.mail.delivered();
        let about_it = |channel| {
            delivered.iter().filter(|d| d.channel == channel && d.message.body.contains("Words")).count()
        };
        assert_eq!(about_it(Channel::Email), usize::from(mailed), "{case}");
        assert_eq!(about_it(Channel::Push), 1, "{case}: by every other channel");
        assert_eq!(heard(&w, "Words").await, [id], "{case}: and in the app");
        let bought = delivered
            .iter()
            .filter(|d| (d.channel, d.message.fact) == (Channel::Email, FactName::TicketPurchased));
        assert_eq!(bought.count(), 1, "{case}: what one bought comes anyhow");
        assert!(w.jobs("deliver").await.is_empty(), "{case}: nothing waits");
    }
}

/// What happened is mailed everywhere; why, and what somebody has to say to it, are an organizer's words, too.
#[tokio::test]
async fn unproven_addresses_are_mailed_what_happened_and_no_more() {
    for (proven, cancelled) in [(true, true), (false, true), (true, false), (false, false)] {
        let case = format!("proven {proven}, cancelled {cancelled}");
        let w = World::connected().await;
        let id = if proven { id_of(&w.verified("Ada").await) } else { w.register("Ada").await.id };
        let ada = Actor::user(id, Role::Attendee);
        let (e, t) = w.sale(5).await;
        let text = "Words of mine".to_owned();
        let fact = if cancelled {
            w.buy(&ada, e, t, 1).await;
            w.eventify.events().cancel(&organizer(), e, CancelEvent { reason: text }).await.unwrap();
            FactName::EventCancelled
        } else {
            let_in(&w, &ada, e).await;
            let review = review(&w, &ada, e, 5).await.unwrap().id;
            w.eventify.reviews().reply(&organizer(), e, review, ReplyToReview { text }).await.unwrap();
            FactName::ReviewReplied
        };
        w.run_jobs().await;
        let told: Vec<_> = w.mail.delivered().into_iter().filter(|d| d.message.fact == fact).collect();
        let by = |channel| {
            let mut told = told.iter().filter(|d| d.channel == channel);
            let first = told.next().map(|d| d.message.body.contains("Words of mine"));
            (first, told.count())
        };
        assert_eq!(by(Channel::Email), (Some(proven), 0), "{case}");
        assert_eq!(by(Channel::Push), (Some(true), 0), "{case}: by every other channel");
    }
}

/// Once it is proven, or not any more, between the words and the mail: what counts is when it leaves.
#[tokio::test]
async fn an_address_is_looked_at_when_a_mail_leaves() {
    for (first, then) in [(false, true), (true, false)] {
        let w = World::connected().await;
        let ada = w.verified("Ada").await;
        let prove = async |proven: bool| {
            w.rewrite(Key::User(id_of(&ada)), |found| {
                let Record::User(user) = found else { panic!("no account") };
                let at = proven.then_some(w.now());
                Record::User(Arc::new(User { email_verified_at: at, ..(*user).clone() }))
            })
            .await;
        };
        let digest = DailyDigest { at: "08:00".parse().unwrap(), time_zone: "UTC".parse().unwrap() };
        let daily = PreferencesView { digest: Some(Change::To(digest)), ..PreferencesView::default() };
        w.eventify.notifications().set_preferences(&ada, daily).await.unwrap();
        let (e, t) = w.sale(5).await;
        w.buy(&ada, e, t, 1).await;
        prove(first).await;
        announce(&w, e, words("Early words")).await;
        prove(then).await;
        announce(&w, e, words("Late words")).await;
        w.pass(DAY).await;
        w.run_jobs().await;
        let mails: Vec<String> = w
            .mail
            .delivered()
            .into_iter()
            .filter(|d| d.channel == Channel::Email)
            .map(|d| d.message.body)
            .collect();
        let mailed = |words: &str| mails.iter().any(|mail| mail.contains(words));
        // What came while it was not proven is gone; what waits in the box goes only where it is still proven.
        assert_eq!(
            (mailed("Early words"), mailed("Late words")),
            (false, then),
            "first {first}, then {then}"
        );
    }
}

#[tokio::test]
async fn a_repeated_request_announces_once_and_counts_once() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    w.buy(&attendee(), e, t, 1).await;
    let call = organizer().with_idempotency_key("once");
    let mut made = BTreeSet::new();
    for nth in 0..12 {
        let answer = w.eventify.announcements().make(&call, e, words("Words")).await.unwrap();
        assert_eq!(answer.is_replayed(), nth > 0);
        made.insert(answer.id);
    }
    w.run_jobs().await;
    assert_eq!((made.len(), heard(&w, "Words").await.len()), (1, 1));
    let other = w.eventify.announcements().make(&call, e, words("Other words")).await.unwrap_err();
    assert_eq!(other.reason(), Reason::IdempotencyKeyReused);
}

#[tokio::test]
async fn too_many_say_when_to_come_back() {
    let w = World::new().await;
    let id = w.published().await;
    let once = async || w.eventify.announcements().make(&organizer(), id, words("Words")).await;
    once().await.unwrap();
    w.clock.advance(HOUR);
    for _ in 0..9 {
        once().await.unwrap();
    }
    let error = once().await.unwrap_err();
    assert_eq!((error.reason(), error.retry_after()), (Reason::TooManyAnnouncements, Some(23 * HOUR)));
    assert_eq!(error.details()["per_day_max"], 10);
    w.clock.advance(23 * HOUR);
    once().await.unwrap();
    assert_eq!(once().await.unwrap_err().retry_after(), Some(HOUR), "one place came back, not ten");
    let elsewhere = w.published().await;
    w.eventify.announcements().make(&organizer(), elsewhere, words("Words")).await.unwrap();
}
