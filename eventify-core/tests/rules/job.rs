//! Jobs: an operator's view.

use eventify_core::job::{PurgeJobs, Purged, Way};
use eventify_core::notification::DeliveryError;
use eventify_core::{Actor, JobId, PageRequest, Role};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn jobs() -> Vec<Row> {
    rows! {
        "nobody looks" => [NotAuthenticated] |w| look(w, &anonymous()).await;
        "an attendee looks" => [NotAllowed] |w| look(w, &attendee()).await;
        "an organizer looks" => [NotAllowed] |w| look(w, &organizer()).await;
        "an admin looks" => [] |w| look(w, &admin()).await;
        "the app looks" => [] |w| look(w, &system()).await;
        "an organizer looks at dead letters" => [NotAllowed] |w| {
            w.eventify.jobs().dead(&organizer(), &PageRequest::default()).await
        };
        "an organizer retries" => [NotAllowed] |w| w.eventify.jobs().retry(&organizer(), nothing()).await;
        "nobody retries" => [NotAuthenticated] |w| w.eventify.jobs().retry(&anonymous(), nothing()).await;
        "one that is not there is retried" => [JobNotFound] |w| w.eventify.jobs().retry(&admin(), nothing()).await;
        "one that waits is retried" => [JobNotDead] |w| {
            w.published().await;
            let id = w.jobs("complete_event").await[0].id;
            w.eventify.jobs().retry(&admin(), id).await
        };
        "nobody purges" => [NotAuthenticated] |w| w.eventify.jobs().purge(&anonymous(), all()).await;
        "an attendee purges" => [NotAllowed] |w| w.eventify.jobs().purge(&attendee(), all()).await;
        "an organizer purges" => [NotAllowed] |w| w.eventify.jobs().purge(&organizer(), all()).await;
        "nothing is purged" => [] |w| w.eventify.jobs().purge(&admin(), all()).await;
        "messages are purged" => [] |w| {
            w.eventify.jobs().purge(&admin(), PurgeJobs { work: Some("deliver".to_owned()), before: None, cursor: None }).await
        };
        "a foreign cursor is purged" => [Malformed] |w| {
            w.eventify.jobs().purge(&admin(), PurgeJobs { cursor: Some("x".to_owned()), ..all() }).await
        };
        "what the engine has to do is purged" => [InvalidValue] |w| {
            w.eventify.jobs().purge(&admin(), PurgeJobs { work: Some("expire_hold".to_owned()), before: None, cursor: None }).await
        };
    }
}

fn all() -> PurgeJobs {
    PurgeJobs::default()
}

fn nothing() -> JobId {
    JobId::from_bytes([9; 16])
}

async fn look(
    w: &World,
    who: &Actor,
) -> Result<eventify_core::Listing<eventify_core::job::JobView>, eventify_core::Error> {
    w.eventify.jobs().waiting(who, eventify_core::job::JobClass::Inside, &PageRequest::default()).await
}

#[tokio::test]
async fn jobs_have_rules() {
    run(jobs()).await;
}

#[tokio::test]
async fn dead_letters_are_thrown_away_by_what_they_were_and_by_age_and_nothing_else_is() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(9).await;
    w.run_jobs().await;
    let never = || DeliveryError::Permanent("no such mailbox".to_owned());
    // By e-mail and by push, and two facts.
    w.buy(&ada, e, t, 1).await;
    w.mail.fail_next([never(), never()]);
    w.wire.fail_next([never(), never()]);
    w.run_jobs().await;
    let old = w.now();
    w.clock.advance(DAY);
    w.buy(&ada, e, t, 1).await;
    w.mail.fail_next([never(), never()]);
    w.run_jobs().await;
    let dead = async || w.eventify.jobs().dead(&admin(), &PageRequest::first(100)).await.unwrap().data;
    assert_eq!(dead().await.len(), 6);
    let jobs = w.eventify.jobs();
    let purge = async |work: Option<&str>, before| {
        jobs.purge(&admin(), PurgeJobs { work: work.map(str::to_owned), before, cursor: None }).await.unwrap()
    };
    let purged = |purged| Purged { purged, next_cursor: None };
    assert_eq!(purge(None, Some(old)).await, purged(0), "not before its instant");
    assert_eq!(purge(Some("publish"), None).await, purged(2));
    assert_eq!(purge(None, Some(old.plus(HOUR))).await, purged(2));
    assert_eq!(dead().await.len(), 2);
    let before = w.trail().await.len();
    let waiting = w.jobs("complete_event").await.len();
    assert_eq!(purge(None, None).await, purged(2));
    assert_eq!(purge(None, None).await, purged(0));
    assert_eq!((dead().await.len(), w.jobs("complete_event").await.len()), (0, waiting));
    assert_eq!(
        (w.actions("jobs.purged").await, w.trail().await.len()),
        (3, before + 1),
        "an entry for each that did something"
    );
    w.assert_sound("purged").await;
}

#[tokio::test]
async fn deliveries_are_counted_by_channel_and_publisher() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(9).await;
    w.run_jobs().await;
    let before = w.eventify.jobs().deliveries();
    let later = DeliveryError::Transient("busy".to_owned());
    w.buy(&ada, e, t, 1).await;
    w.mail.fail_next([later, DeliveryError::Permanent("no such mailbox".to_owned())]);
    w.run_jobs().await;
    w.pass(HOUR).await;
    let after = w.eventify.jobs().deliveries();
    let way = |name: &'static str| Way::Channel(name);
    let change = |of: &Way| {
        let (b, a) = (before.get(of).copied().unwrap_or_default(), after[of]);
        [a.delivered - b.delivered, a.failed - b.failed, a.refused - b.refused, a.dead - b.dead]
    };
    let people = [change(&way("email")), change(&way("push"))];
    let sum: Vec<u64> = (0..4).map(|n| people[0][n] + people[1][n]).collect();
    assert_eq!(sum, [1, 1, 1, 1], "one is refused for ever, the other one comes at the second attempt");
    assert_eq!(change(&Way::Publisher("wire".to_owned())), [2, 0, 0, 0]);
    assert_eq!(
        after[&way("email")].attempts() + after[&way("push")].attempts(),
        before.values().map(|c| c.attempts()).sum::<u64>()
            - before.get(&Way::Publisher("wire".to_owned())).map_or(0, |c| c.attempts())
            + 3
    );
}

#[tokio::test]
async fn what_lies_behind_many_that_stay_is_thrown_away_too() {
    use eventify_core::EventId;
    use eventify_core::job::{Job, JobState, JobWork};
    use eventify_core::store::{ChangeSet, Key, Recorded, Version, Write};
    let w = World::connected().await;
    let (user, now) = (w.register("Ada").await.id, w.now());
    w.run_jobs().await;
    let dead = |n: u64, work: JobWork| Job {
        id: JobId::from_uuid(uuid::Uuid::from_u64_pair(n, 7)),
        work,
        due_at: now,
        attempts: 24,
        state: JobState::Dead { at: now.plus(std::time::Duration::from_micros(n)) },
        last_error: None,
        created_at: now,
    };
    let of_event = JobWork::CompleteEvent(EventId::from_bytes([3; 16]));
    let seed = w.jobs("deliver_token").await;
    assert!(seed.is_empty());
    let message = JobWork::Publish {
        publisher: "gone".to_owned(),
        fact: Box::new(eventify_core::notification::Fact {
            id: eventify_core::FactId::from_bytes([4; 16]),
            name: eventify_core::notification::FactName::EventPublished,
            at: now,
            event_id: None,
            data: format!("{{\"user_id\":\"{user}\"}}"),
        }),
    };
    let mut set = ChangeSet { stamp: Version::new(77_777), expectations: vec![], writes: vec![] };
    for n in 0..=10_000 {
        let job = dead(n, if n < 10_000 { of_event.clone() } else { message.clone() });
        set.writes.push(Write { key: Key::Job(job.id), before: None, after: Some(Job::wrap(job.into())) });
    }
    w.store.commit(&set).await.unwrap();
    let jobs = w.eventify.jobs();
    let first = jobs.purge(&admin(), all()).await.unwrap();
    assert_eq!((first.purged, first.next_cursor.is_some()), (0, true));
    let rest = PurgeJobs { cursor: first.next_cursor, ..all() };
    assert_eq!(jobs.purge(&admin(), rest).await.unwrap(), Purged { purged: 1, next_cursor: None });
    // Operators see how much lies there, up to a bound.
    let backlog = jobs.backlog().await.unwrap();
    assert_eq!(backlog.dead, 1_000);
    assert!(backlog.due.values().all(|due| due.count == 0));
}

#[tokio::test]
async fn the_backlog_is_what_is_due_and_for_how_long() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(9).await;
    w.run_jobs().await;
    w.buy(&ada, e, t, 1).await;
    w.clock.advance(HOUR);
    let backlog = w.eventify.jobs().backlog().await.unwrap();
    let outside = backlog.due[&eventify_core::job::JobClass::Outside];
    // A message by e-mail and one by push, and two facts; what is due in weeks is not counted.
    assert_eq!((outside.count, outside.oldest), (4, HOUR));
    w.run_jobs().await;
    let backlog = w.eventify.jobs().backlog().await.unwrap();
    assert!(backlog.due.values().all(|due| due.count == 0 && due.oldest.is_zero()));
}
