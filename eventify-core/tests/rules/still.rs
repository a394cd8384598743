//! What waits, in quiet hours or for a digest, is said only if it is still so, and still wanted.

use std::time::Duration;

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::job::JobState;
use eventify_core::notification::{
    Channel, DailyDigest, DeliveryError, DigestBox, FactName, NoticeKind, PreferencesView, QuietHours,
};
use eventify_core::waitlist::JoinWaitlist;
use eventify_core::{Actor, Change, EventId, Timestamp};

use crate::common::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn choose(w: &World, who: &Actor, change: PreferencesView) {
    w.eventify.notifications().set_preferences(who, change).await.unwrap();
}

fn quiet(from: &str, to: &str) -> PreferencesView {
    let hours = QuietHours {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        time_zone: "UTC".parse().unwrap(),
    };
    PreferencesView { quiet_hours: Some(Change::To(hours)), ..PreferencesView::default() }
}

fn daily(time: &str) -> PreferencesView {
    let digest = DailyDigest { at: time.parse().unwrap(), time_zone: "UTC".parse().unwrap() };
    PreferencesView { digest: Some(Change::To(digest)), ..PreferencesView::default() }
}

fn without(channels: &[Channel]) -> PreferencesView {
    let off = channels.iter().map(|channel| (*channel, false)).collect();
    PreferencesView::of([(NoticeKind::Announcement, off)])
}

/// Ada, who wants to be told so, with a ticket of an event that begins then; what she heard until then is delivered.
async fn with_ticket(chosen: PreferencesView, starts_at: &str) -> (World, Actor, EventId) {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    choose(&w, &ada, chosen).await;
    let start = at(starts_at);
    let request = CreateEvent { starts_at: Some(start), ends_at: Some(start.plus(HOUR)), ..w.concert() };
    let e = w.draft_of(request).await;
    w.publish(e).await;
    let t = w.free(e, 5).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    (w, ada, e)
}

async fn move_on(w: &World, e: EventId) {
    let start = w.event(e).await.starts_at.unwrap().plus(20 * DAY);
    let later =
        UpdateEvent { starts_at: Some(start), ends_at: Some(start.plus(HOUR)), ..UpdateEvent::default() };
    w.update_event(e, later).await;
    w.run_jobs().await;
}

async fn announce(w: &World, e: EventId, body: &str) {
    let words = MakeAnnouncement { body: body.to_owned(), ..MakeAnnouncement::default() };
    w.eventify.announcements().make(&organizer(), e, words).await.unwrap();
    w.run_jobs().await;
}

/// The channels and words of what was delivered about anything but purchases and accounts.
fn said(w: &World) -> Vec<(Channel, FactName, String)> {
    let mut all = w.mail.delivered();
    all.retain(|d| d.message.fact.may_wait());
    all.into_iter()
        .map(|d| (d.channel, d.message.fact, format!("{}\n{}", d.message.title, d.message.body)))
        .collect()
}

fn about(w: &World, words: &str) -> usize {
    said(w).iter().filter(|(_, _, said)| said.contains(words)).count()
}

const SOON: &str = "begins soon";

#[tokio::test]
async fn a_reminder_that_waits_is_dropped_when_its_event_is_cancelled_or_moved() {
    for chosen in [quiet("22:00", "08:00"), daily("08:00")] {
        for (what, reminders, news) in [
            ("nothing", true, None),
            ("cancel", false, Some("was cancelled")),
            ("move", false, Some("has changed")),
        ] {
            let (w, ada, e) = with_ticket(chosen.clone(), "2026-12-11T23:30:00Z").await;
            // A day before, at half past eleven.
            w.clock.set(at("2026-12-10T23:30:00Z"));
            w.run_jobs().await;
            let mailed =
                || said(&w).iter().filter(|(c, _, s)| *c == Channel::Email && s.contains(SOON)).count();
            let (before, told) = (about(&w, SOON), w.told(&ada).await.len());
            assert_eq!(mailed(), 0, "{chosen:?}");
            w.clock.set(at("2026-12-11T03:00:00Z"));
            match what {
                "cancel" => w.cancel_event(e).await,
                "move" => move_on(&w, e).await,
                _ => {}
            }
            w.run_jobs().await;
            w.clock.set(at("2026-12-11T08:00:00Z"));
            w.run_jobs().await;
            assert_eq!(mailed(), usize::from(reminders), "{what} {chosen:?}");
            if !reminders {
                assert_eq!(about(&w, SOON), before, "{what} {chosen:?}: by no channel");
            }
            if let Some(news) = news {
                assert_eq!(about(&w, news), 2, "{what} {chosen:?}: of that they hear");
                assert!(w.told(&ada).await.len() > told);
            }
            w.assert_sound(what).await;
        }
    }
}

#[tokio::test]
async fn a_change_that_waits_is_dropped_when_the_event_is_cancelled() {
    for chosen in [quiet("22:00", "08:00"), daily("08:00")] {
        let (w, _, e) = with_ticket(chosen.clone(), "2027-02-11T20:00:00Z").await;
        w.clock.set(at("2026-12-10T23:30:00Z"));
        let venue = Some(Change::To("Opera".to_owned()));
        w.update_event(e, UpdateEvent { venue, ..UpdateEvent::default() }).await;
        w.run_jobs().await;
        let before = about(&w, "has changed");
        w.cancel_event(e).await;
        w.run_jobs().await;
        w.clock.set(at("2026-12-11T08:00:00Z"));
        w.run_jobs().await;
        assert_eq!(about(&w, "has changed"), before, "{chosen:?}");
        assert_eq!(about(&w, "was cancelled"), 2, "{chosen:?}");
        assert_eq!(w.everything().await.of::<DigestBox>().count(), 0);
    }
}

#[tokio::test]
async fn of_two_changes_that_wait_the_newer_one_is_said() {
    for chosen in [quiet("22:00", "08:00"), daily("08:00")] {
        let (w, _, e) = with_ticket(chosen.clone(), "2027-02-11T20:00:00Z").await;
        let move_to = async |venue: &str| {
            let venue = Some(Change::To(venue.to_owned()));
            w.update_event(e, UpdateEvent { venue, ..UpdateEvent::default() }).await;
            w.run_jobs().await;
        };
        w.clock.set(at("2026-12-10T23:30:00Z"));
        move_to("Opera").await;
        w.clock.set(at("2026-12-11T02:00:00Z"));
        move_to("Circus").await;
        let before = [about(&w, "Opera"), about(&w, "Circus")];
        w.clock.set(at("2026-12-11T08:00:00Z"));
        w.run_jobs().await;
        assert_eq!(about(&w, "Opera"), before[0], "{chosen:?}: that it was to be there is over");
        assert!(about(&w, "Circus") > before[1], "{chosen:?}");
        w.assert_sound("moved twice").await;
    }
}

#[tokio::test]
async fn an_offer_whose_time_is_over_is_not_mailed_any_more() {
    for (later, mailed) in [(HOUR, 2), (DAY, 0)] {
        let w = World::connected().await;
        let ada = w.verified("Ada").await;
        let (e, t) = w.sale(1).await;
        let bought = w.buy(&attendee(), e, t, 1).await.booking.id;
        w.eventify.waitlists().join(&ada, e, t, JoinWaitlist { quantity: 1 }).await.unwrap();
        w.run_jobs().await;
        // By e-mail and by push, at the first attempt.
        let busy = DeliveryError::Busy { why: "no connection".to_owned(), pause: Some(HOUR / 2) };
        w.mail.fail_next([busy.clone(), busy]);
        w.eventify.bookings().cancel(&attendee(), bought).await.unwrap();
        w.run_jobs().await;
        assert_eq!(w.mail.attempts().len(), 2);
        w.pass(later).await;
        let offers = w.mail.delivered().into_iter().filter(|d| d.message.fact == FactName::WaitlistOffered);
        assert_eq!(offers.count(), mailed, "{later:?}");
        assert!(w.jobs("deliver").await.iter().all(|job| matches!(job.state, JobState::Dead { .. })));
        w.assert_sound("offered").await;
    }
}

#[tokio::test]
async fn what_is_refused_while_it_waits_does_not_leave() {
    for (refused, came) in [
        (vec![], vec![Channel::Email, Channel::Push]),
        (vec![Channel::Email], vec![Channel::Push]),
        (vec![Channel::Email, Channel::Push], vec![]),
    ] {
        let (w, ada, e) = with_ticket(quiet("22:00", "08:00"), "2027-02-11T20:00:00Z").await;
        w.clock.set(at("2026-12-10T23:30:00Z"));
        announce(&w, e, "Words").await;
        assert_eq!(said(&w), []);
        choose(&w, &ada, without(&refused)).await;
        w.clock.set(at("2026-12-11T08:00:00Z"));
        w.run_jobs().await;
        let mut channels: Vec<Channel> = said(&w).iter().map(|(channel, ..)| *channel).collect();
        channels.sort();
        assert_eq!(channels, came, "{refused:?}");
        assert!(w.jobs("deliver").await.is_empty(), "nothing waits any more");
        w.assert_sound("refused").await;
    }
}

#[tokio::test]
async fn a_link_ends_what_is_queued_as_well() {
    let (w, ada, e) = with_ticket(quiet("22:00", "08:00"), "2027-02-11T20:00:00Z").await;
    w.clock.set(at("2026-12-10T20:00:00Z"));
    announce(&w, e, "By day").await;
    let mails = w.mail.delivered();
    let mail = mails.iter().find(|d| d.channel == Channel::Email && d.message.fact == FactName::Announcement);
    let token = mail.unwrap().message.unsubscribe.as_ref().unwrap().expose().into();
    w.clock.set(at("2026-12-10T23:30:00Z"));
    announce(&w, e, "At night").await;
    w.eventify.notifications().unsubscribe(&anonymous(), &token).await.unwrap();
    w.clock.set(at("2026-12-11T08:00:00Z"));
    w.run_jobs().await;
    let night = said(&w).into_iter().filter(|(_, _, said)| said.contains("At night"));
    assert_eq!(night.map(|(channel, ..)| channel).collect::<Vec<_>>(), [Channel::Push]);
    assert!(w.told(&ada).await.iter().any(|n| n.body.contains("At night")), "the history has it");
}

#[tokio::test]
async fn a_digest_that_waits_for_the_end_of_quiet_hours_leaves_out_what_is_refused_until_then() {
    for (also_changed, mails) in [(true, 1), (false, 0)] {
        let (w, ada, e) = with_ticket(daily("08:00"), "2027-02-11T20:00:00Z").await;
        choose(&w, &ada, quiet("22:00", "09:30")).await;
        w.clock.set(at("2026-12-10T12:00:00Z"));
        announce(&w, e, "Words").await;
        if also_changed {
            let venue = Some(Change::To("Opera".to_owned()));
            w.update_event(e, UpdateEvent { venue, ..UpdateEvent::default() }).await;
            w.run_jobs().await;
        }
        w.clock.set(at("2026-12-11T08:00:00Z"));
        w.run_jobs().await;
        assert_eq!(w.jobs("deliver_digest").await.len(), 1, "it is kept until half past nine");
        choose(&w, &ada, without(&[Channel::Email])).await;
        w.clock.set(at("2026-12-11T09:30:00Z"));
        w.run_jobs().await;
        let digests: Vec<_> = said(&w).into_iter().filter(|(_, fact, _)| *fact == FactName::Digest).collect();
        assert_eq!(digests.len(), mails);
        assert!(digests.iter().all(|(_, _, said)| said.contains("has changed") && !said.contains("Words")));
        assert!(w.jobs("deliver_digest").await.is_empty());
    }
}

#[tokio::test]
async fn a_digest_that_is_put_off_leaves_when_the_first_of_it_can_wait_no_longer() {
    // It begins at ten in the evening: from ten in the morning on it is urgent.
    for chosen in [daily("11:00"), quiet("22:00", "12:00")] {
        let (w, ada, e) = with_ticket(daily("08:00"), "2026-12-11T22:00:00Z").await;
        w.clock.set(at("2026-12-10T12:00:00Z"));
        announce(&w, e, "Words").await;
        let mailed = || said(&w).iter().filter(|(_, fact, _)| *fact == FactName::Digest).count();
        choose(&w, &ada, chosen.clone()).await;
        w.clock.set(at("2026-12-11T09:59:59Z"));
        w.run_jobs().await;
        assert_eq!(mailed(), 0, "{chosen:?}");
        w.pass(Duration::from_secs(1)).await;
        assert_eq!(mailed(), 1, "{chosen:?}");
        w.pass(3 * DAY).await;
        assert_eq!(mailed(), 1, "{chosen:?}");
    }
}
