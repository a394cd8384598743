//! How long history is kept: what people were told, and the trail.

use std::time::Duration;

use eventify_core::Settings;
use eventify_core::audit::AuditEntry;
use eventify_core::job::{Job, JobState, JobWork};
use eventify_core::notification::Notification;
use eventify_core::store::{Key, Recorded};

use crate::common::*;

async fn counted(w: &World) -> (usize, usize) {
    let all = w.everything().await;
    (all.of::<Notification>().count(), all.of::<AuditEntry>().count())
}

async fn sweep(w: &World) -> usize {
    let mut runs = 1;
    while w.eventify.jobs().sweep().await.unwrap() {
        runs += 1;
        assert!(runs < 100, "it never ends");
    }
    runs
}

async fn world(notifications_kept: Duration, audit_kept: Option<Duration>) -> World {
    let mut settings = Settings::default();
    settings.notifications_kept = notifications_kept;
    settings.audit_kept = audit_kept;
    World::with(settings).await
}

/// So many purchases, each of which is told and audited.
async fn buy(w: &World, count: u16) {
    let (e, t) = w.sale(5_000).await;
    for n in 0..count {
        w.eventify.bookings().buy(&someone(n), lines(e, &[(t, 1)])).await.unwrap();
    }
    // The event's own entries and jobs are somebody else's business.
    w.eventify.events().cancel(&organizer(), e, Default::default()).await.unwrap();
}

#[tokio::test]
async fn what_people_were_told_goes_after_its_time_in_chunks_and_the_trail_stays() {
    let w = world(30 * DAY, None).await;
    buy(&w, 450).await;
    let (told, trail) = counted(&w).await;
    assert_eq!(told, 450);
    w.clock.advance(30 * DAY - Duration::from_micros(1));
    sweep(&w).await;
    assert_eq!(counted(&w).await.0, told, "not a moment early");
    w.clock.advance(Duration::from_micros(1));
    assert!(sweep(&w).await >= 2, "it goes on while there is much to do");
    assert_eq!(counted(&w).await, (0, trail), "the trail is kept for ever");
    w.assert_sound("swept").await;
}

#[tokio::test]
async fn the_trail_goes_when_the_deployment_says_so() {
    let w = world(365 * DAY, Some(7 * DAY)).await;
    buy(&w, 450).await;
    let (told, trail) = counted(&w).await;
    w.clock.advance(7 * DAY - Duration::from_micros(1));
    sweep(&w).await;
    assert_eq!(counted(&w).await, (told, trail));
    w.clock.advance(Duration::from_micros(1));
    assert!(sweep(&w).await >= 3, "200 at a time");
    assert_eq!(counted(&w).await, (told, 0));
}

#[tokio::test]
async fn history_that_nobody_sees_goes_too_and_newer_history_stays() {
    let w = world(30 * DAY, None).await;
    let off = r#"{"purchase": {"in_app": false}}"#;
    let notes = w.eventify.notifications();
    notes.set_preferences(&attendee(), serde_json::from_str(off).unwrap()).await.unwrap();
    let (e, t) = w.sale(50).await;
    w.buy(&attendee(), e, t, 1).await;
    w.clock.advance(DAY);
    w.buy(&other_attendee(), e, t, 1).await;
    w.clock.advance(29 * DAY);
    sweep(&w).await;
    assert!(w.told(&attendee()).await.is_empty());
    assert_eq!(w.told(&other_attendee()).await.len(), 1);
}

#[tokio::test]
async fn nothing_is_swept_within_a_day() {
    let w = world(Duration::ZERO, Some(Duration::ZERO)).await;
    buy(&w, 3).await;
    let before = counted(&w).await;
    w.clock.advance(DAY - Duration::from_micros(1));
    sweep(&w).await;
    assert_eq!(counted(&w).await, before);
    w.clock.advance(Duration::from_micros(1));
    sweep(&w).await;
    assert_eq!(counted(&w).await, (0, 0));
}

#[tokio::test]
async fn messages_that_were_given_up_go_in_the_end_and_what_the_engine_has_to_do_stays() {
    let w = World::connected().await;
    let stuck = w.published().await;
    let job = w.jobs("complete_event").await.remove(0);
    let at = w.now();
    w.rewrite(Key::Job(job.id), |_| Job::wrap(Job { state: JobState::Dead { at }, ..job.clone() }.into()))
        .await;
    w.clock.advance(HOUR);
    // None of these has an account: there is nobody to bring mail and push messages to.
    buy(&w, 300).await;
    w.run_jobs().await;
    let dead = async || {
        w.everything().await.of::<Job>().filter(|j| matches!(j.state, JobState::Dead { .. })).count()
    };
    let all = dead().await;
    assert!(all > 600, "{all}");
    w.clock.advance(90 * DAY - Duration::from_micros(1));
    sweep(&w).await;
    assert_eq!(dead().await, all, "not a moment early");
    w.clock.advance(Duration::from_micros(1));
    sweep(&w).await;
    let left = w.everything().await;
    let left: Vec<_> = left.of::<Job>().filter(|j| matches!(j.state, JobState::Dead { .. })).collect();
    assert_eq!((left.len(), &left[0].work), (1, &JobWork::CompleteEvent(stuck)));
}

#[tokio::test]
async fn by_default_the_history_of_a_year_is_there() {
    let w = World::new().await;
    buy(&w, 3).await;
    let before = counted(&w).await;
    w.clock.advance(364 * DAY);
    sweep(&w).await;
    assert_eq!(counted(&w).await, before);
    w.clock.advance(DAY);
    sweep(&w).await;
    assert_eq!(counted(&w).await, (0, before.1));
}
