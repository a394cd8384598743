//! Whoever is away is asked by one for all: what waits for them is left alone until then, and leaves at once when they are back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::event::UpdateEvent;
use eventify_core::job::{Job, JobState};
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Envelope, Message, Notifier, Publisher, Recipient, SendNotification,
};
use eventify_core::testing::SeededEntropy;
use eventify_core::{Actor, Change, EventId, Eventify, Role, TicketTypeId};
use futures_util::FutureExt;
use tokio::sync::Notify;

use crate::common::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn away(pause: Duration) -> DeliveryError {
    DeliveryError::Away { why: "no route".to_owned(), pause }
}

fn transient() -> DeliveryError {
    DeliveryError::Transient("what an odd fact".to_owned())
}

/// A world where the system that is told of facts was found away, for a minute: by the one fact that there is.
async fn deserted() -> (World, EventId, TicketTypeId) {
    let w = World::connected().await;
    w.wire.fail_next([away(MINUTE)]);
    let (e, t) = w.sale(100).await;
    w.run_jobs().await;
    assert_eq!(w.wire.sent().len(), 1);
    (w, e, t)
}

async fn buy(w: &World, (e, t): (EventId, TicketTypeId), times: usize) {
    for _ in 0..times {
        w.buy(&attendee(), e, t, 1).await;
    }
}

/// Jobs that nobody has touched.
fn untouched(jobs: &[Job]) -> usize {
    let is = |job: &&Job| {
        (job.attempts, &job.last_error) == (0, &None)
            && job.state == JobState::Waiting
            && job.due_at == job.created_at
    };
    jobs.iter().filter(is).count()
}

#[tokio::test]
async fn one_asks_for_all_and_the_rest_is_left_alone_until_one_has_arrived() {
    let (w, e, t) = deserted().await;
    buy(&w, (e, t), 10).await;
    w.run_jobs().await;
    w.pass(MINUTE - SECOND).await;
    assert_eq!(w.wire.sent().len(), 1, "nobody asks before the pause is over");
    assert_eq!(untouched(&w.jobs("publish").await), 20);
    w.wire.fail_next([away(2 * MINUTE)]);
    w.pass(SECOND).await;
    assert_eq!(w.wire.sent().len(), 2, "one asks");
    assert!(w.jobs("publish").await.iter().all(|job| job.attempts == 0), "which is no attempt");
    w.pass(2 * MINUTE - SECOND).await;
    assert_eq!((w.wire.sent().len(), untouched(&w.jobs("publish").await)), (2, 19));
    w.pass(SECOND).await;
    assert_eq!(
        (w.wire.sent().len(), w.jobs("publish").await.len()),
        (2 + 21, 0),
        "one, and then all, at once"
    );
    buy(&w, (e, t), 1).await;
    w.run_jobs().await;
    assert_eq!(w.wire.sent().len(), 2 + 21 + 2);
    let counted = w.eventify.jobs().deliveries()[&eventify_core::job::Way::Publisher("wire".into())];
    assert_eq!((counted.delivered, counted.failed), (23, 0));
}

#[tokio::test]
async fn one_that_fails_for_itself_brings_nobody_back_and_the_next_one_asks_at_once() {
    let (w, e, t) = deserted().await;
    buy(&w, (e, t), 10).await;
    w.wire.fail_next([transient(), transient(), away(MINUTE)]);
    w.pass(MINUTE).await;
    assert_eq!(w.wire.sent().len(), 4, "one after the other, until one learns something");
    let waiting = w.jobs("publish").await;
    assert_eq!((waiting.len(), waiting.iter().filter(|job| job.attempts == 1).count()), (21, 2));
    w.wire.fail_next([DeliveryError::Permanent("too long".to_owned())]);
    w.pass(MINUTE).await;
    assert_eq!(w.wire.sent().len(), 4 + 21);
    let dead = w.jobs("publish").await;
    assert_eq!((dead.len(), dead[0].last_error.as_deref()), (1, Some("too long")));
}

#[tokio::test]
async fn those_that_are_refused_for_good_are_followed_by_ever_more() {
    let (w, e, t) = deserted().await;
    buy(&w, (e, t), 40).await;
    let refused = || DeliveryError::Permanent("nobody of that name".to_owned());
    let looks = async || {
        w.eventify.jobs().run_due().await.unwrap();
        w.wire.sent().len()
    };
    w.wire.fail_next((0..63).map(|_| refused()));
    w.clock.advance(MINUTE);
    let mut left = Vec::new();
    for _ in 0..5 {
        left.push(looks().await);
    }
    // Behind the one that found nobody: one, two, which make it eight, as many as there are places, of which some arrived, and the rest.
    assert_eq!(
        left,
        [1, 2, 8, 64, 6]
            .iter()
            .scan(1, |sent, more| {
                *sent += more;
                Some(*sent)
            })
            .collect::<Vec<_>>()
    );
    assert_eq!(w.jobs("publish").await.iter().filter(|job| job.last_error.is_some()).count(), 63);
    // Whoever finds nobody is alone again.
    w.wire.fail_next([away(MINUTE), away(MINUTE)]);
    buy(&w, (e, t), 1).await;
    w.run_jobs().await;
    buy(&w, (e, t), 10).await;
    w.wire.fail_next([refused(), away(MINUTE), away(MINUTE)]);
    let before = w.wire.sent().len();
    w.pass(MINUTE).await;
    assert_eq!(w.wire.sent().len(), before + 3, "one, and then two");
    w.wire.fail_next([away(MINUTE)]);
    w.pass(MINUTE).await;
    assert_eq!(w.wire.sent().len(), before + 4, "one");
}

fn mails(w: &World, of: impl Fn(&Mail) -> Vec<outlets::Delivery>) -> usize {
    of(&w.mail).iter().filter(|d| d.channel == Channel::Email).count()
}

#[tokio::test]
async fn a_channel_that_is_away_holds_back_all_of_its_lines_and_nobody_else() {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    w.run_jobs().await;
    let tell = async |title: &str| {
        let request = SendNotification {
            user_id: id_of(&ada),
            title: title.to_owned(),
            body: String::new(),
            event_id: None,
        };
        w.eventify.notifications().send(&admin(), request).await.unwrap();
        w.run_jobs().await;
    };
    // Mail is asked for first.
    w.mail.fail_next([away(MINUTE)]);
    tell("One").await;
    assert_eq!((mails(&w, Mail::attempts), w.mail.delivered().len()), (1, 1), "the push message arrived");
    tell("Two").await;
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    assert_eq!(mails(&w, Mail::attempts), 1, "neither what goes last nor what somebody waits for");
    assert_eq!((w.mail.delivered().len(), w.wire.sent_of("ticket.purchased").len()), (3, 1));
    w.pass(MINUTE).await;
    assert_eq!(mails(&w, Mail::delivered), 3);
}

#[tokio::test]
async fn what_has_waited_for_a_week_goes_along_and_counts() {
    let (w, e, t) = deserted().await;
    buy(&w, (e, t), 1).await;
    w.wire.fail_next((0..20_000).map(|_| away(HOUR)));
    for _ in 1..7 * 24 {
        w.pass(HOUR).await;
    }
    let asked = w.wire.sent().len();
    assert!((160..=168).contains(&asked), "once an hour: {asked}");
    assert!(w.jobs("publish").await.iter().all(|job| job.attempts == 0));
    for _ in 0..30 {
        w.pass(HOUR).await;
    }
    assert_eq!(
        w.jobs("publish").await.iter().filter(|job| matches!(job.state, JobState::Dead { .. })).count(),
        3
    );
}

/// Is away once, and from then on says nothing.
#[derive(Debug, Clone, Default)]
struct Odd {
    told: Arc<std::sync::Mutex<usize>>,
    called: Arc<Notify>,
}

#[async_trait]
impl Publisher for Odd {
    fn name(&self) -> &str {
        "odd"
    }

    async fn publish(&self, _: &Envelope) -> Result<(), DeliveryError> {
        let nth = {
            let mut told = self.told.lock().unwrap();
            *told += 1;
            *told
        };
        match nth {
            1 => Err(away(SECOND)),
            2 => {
                self.called.notify_one();
                std::future::pending().await
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn one_that_never_comes_back_is_followed_by_another() {
    let odd = Odd::default();
    let publisher = odd.clone();
    let w = World::build(|builder| builder.publisher(publisher)).await;
    let (e, t) = w.sale(5).await;
    w.run_jobs().await;
    buy(&w, (e, t), 1).await;
    w.clock.advance(SECOND);
    // A host that gives its call up.
    {
        let jobs = w.eventify.jobs();
        let mut given_up = std::pin::pin!(jobs.run_due().fuse());
        tokio::select! {
            _ = &mut given_up => panic!("it hangs"),
            () = odd.called.notified() => {}
        }
    }
    w.run_jobs().await;
    assert_eq!(*odd.told.lock().unwrap(), 2, "it may come back yet");
    w.pass(MINUTE).await;
    assert!(w.jobs("publish").await.is_empty());
    assert_eq!(*odd.told.lock().unwrap(), 2 + 3);
}

#[tokio::test]
async fn a_clock_that_is_set_back_closes_nothing_for_longer() {
    let (w, e, t) = deserted().await;
    buy(&w, (e, t), 1).await;
    w.clock.set(w.now().minus(2 * HOUR));
    let user = Actor::user(w.register("Ada").await.id, Role::Attendee);
    w.buy(&user, e, t, 1).await;
    w.run_jobs().await;
    let ids: BTreeSet<_> = w.wire.sent().iter().map(|envelope| envelope.id).collect();
    assert!(ids.len() > 1, "what is due by the clock as it is now leaves");
}

/// Brings messages, and is away until it is said to be back.
#[derive(Debug, Clone, Default)]
struct Courier {
    is_back: Arc<AtomicBool>,
    brought: Arc<AtomicUsize>,
}

#[async_trait]
impl Notifier for Courier {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email, Channel::Sms, Channel::Push])
    }

    async fn deliver(&self, _: Channel, _: &Recipient, _: &Message) -> Result<Delivered, DeliveryError> {
        if !self.is_back.load(Ordering::SeqCst) {
            return Err(away(MINUTE));
        }
        self.brought.fetch_add(1, Ordering::SeqCst);
        Ok(Delivered::default())
    }
}

/// The lines that somebody waits in, by their names.
fn lines_of(jobs: &[Job]) -> Vec<String> {
    let lines: BTreeSet<String> = jobs.iter().filter_map(|job| Some(job.work.line()?.to_string())).collect();
    lines.into_iter().collect()
}

#[tokio::test]
async fn what_waits_while_a_channel_is_away_is_not_given_up_by_a_process_that_does_not_serve_it() {
    let courier = Courier::default();
    let notifier = courier.clone();
    let w = World::build(|builder| builder.notifier(notifier)).await;
    let other = Eventify::builder_over(w.store.clone()).clock(w.clock.clone()).entropy(SeededEntropy::new(2));
    let other = other.without_worker().start().await.unwrap();
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let phone = serde_json::from_str(r#"{"phone": "+77011234567"}"#).unwrap();
    w.eventify.notifications().set_preferences(&ada, phone).await.unwrap();
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    let moved = UpdateEvent { venue: Some(Change::To("Opera".to_owned())), ..UpdateEvent::default() };
    w.update_event(e, moved).await;
    let (user_id, title) = (id_of(&ada), "Words".to_owned());
    let words = SendNotification { user_id, title, body: String::new(), event_id: None };
    w.eventify.notifications().send(&admin(), words).await.unwrap();
    w.run_jobs().await;
    let waiting = w.jobs("deliver").await;
    let all = ["email", "email_later", "email_news", "push", "push_later", "sms", "sms_later"];
    assert_eq!(lines_of(&waiting), all);
    for hour in 1..=30 {
        w.pass(HOUR).await;
        while other.jobs().sweep().await.unwrap() {}
        let left = w.jobs("deliver").await;
        let is_dead = |job: &&Job| matches!(job.state, JobState::Dead { .. });
        assert_eq!(
            lines_of(&left.iter().filter(is_dead).cloned().collect::<Vec<_>>()),
            [""; 0],
            "hour {hour}"
        );
    }
    courier.is_back.store(true, Ordering::SeqCst);
    w.pass(MINUTE).await;
    assert_eq!(
        (w.jobs("deliver").await, courier.brought.load(Ordering::SeqCst) >= waiting.len()),
        (vec![], true)
    );
    // Once whoever served it is gone for good, nobody waits for them.
    w.eventify
        .notifications()
        .send(
            &admin(),
            SendNotification { user_id, title: "More".to_owned(), body: String::new(), event_id: None },
        )
        .await
        .unwrap();
    w.clock.advance(DAY);
    while other.jobs().sweep().await.unwrap() {}
    assert_eq!(
        w.jobs("deliver").await.iter().filter(|job| matches!(job.state, JobState::Dead { .. })).count(),
        3
    );
}
