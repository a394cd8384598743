//! What waits for a webhook at which nothing arrives for long: it costs the store nothing, somebody always tries, and all of it
//! arrives soon after the webhook is back, or ends soon after it is given up.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::job::Job;
use eventify_core::notification::DeliveryError;
use eventify_core::store::{
    ChangeSet, Commit, Expectation, Key, Kind, Page, Scan, Store, StoreError, Version, Versioned, Write,
};
use eventify_core::testing::SeededEntropy;
use eventify_core::webhook::{
    UpdateWebhook, WebhookAnswer, WebhookDeliveryStatus, WebhookDeliveryView, WebhookRequest, WebhookSender,
    WebhookStatus,
};
use eventify_core::{Eventify, IfMatch, PageRequest, WebhookId};

use crate::common::*;
use crate::webhook_flow::hook;

const MINUTE: Duration = Duration::from_secs(60);
const OLD: &str = "https://old";
const NEW: &str = "https://new";

/// What the address [`OLD`] answers; any other takes everything.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Takes,
    Fails,
    Refuses,
    IsGone,
}

#[derive(Debug, Clone)]
struct Receiver {
    mood: Arc<Mutex<Mood>>,
    tried: Arc<AtomicUsize>,
    told: Arc<Mutex<BTreeSet<String>>>,
}

impl Receiver {
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn tried(&self) -> usize {
        self.tried.load(Ordering::SeqCst)
    }

    fn told(&self) -> usize {
        self.told.lock().unwrap().len()
    }
}

#[async_trait]
impl WebhookSender for Receiver {
    fn check_url(&self, url: &str) -> Result<String, String> {
        Ok(url.to_owned())
    }

    async fn send(&self, request: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError> {
        self.tried.fetch_add(1, Ordering::SeqCst);
        let mood = if request.url == OLD { *self.mood.lock().unwrap() } else { Mood::Takes };
        let status = match mood {
            Mood::Takes => 200,
            Mood::Fails => 503,
            Mood::IsGone => 410,
            Mood::Refuses => return Err(DeliveryError::Permanent("a private address".to_owned())),
        };
        if status == 200 {
            self.told.lock().unwrap().insert(request.body.clone());
        }
        Ok(WebhookAnswer { status, retry_after: None })
    }
}

/// Counts what is written of jobs.
#[derive(Debug)]
struct Counted {
    within: Arc<dyn Store>,
    writes: AtomicUsize,
}

#[async_trait]
impl Store for Counted {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.within.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.within.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let jobs = set.writes.iter().filter(|write| write.key.kind() == Kind::Job).count();
        self.writes.fetch_add(jobs, Ordering::SeqCst);
        self.within.commit(set).await
    }
}

/// The same world after a restart.
async fn restarted(mut w: World, counted: &Arc<Counted>, receiver: &Receiver, seed: u64) -> World {
    let store: Arc<dyn Store> = counted.clone();
    let builder = Eventify::builder_over(store).clock(w.clock.clone()).entropy(SeededEntropy::new(seed));
    w.eventify = builder.webhooks(receiver.clone()).without_worker().start().await.unwrap();
    w
}

/// A webhook that failed for two hours, and as many deliveries that wait for it.
async fn away(purchases: u16) -> (World, Arc<Counted>, Receiver, WebhookId) {
    let receiver =
        Receiver { mood: Arc::new(Mutex::new(Mood::Fails)), tried: Arc::default(), told: Arc::default() };
    let w = World::new().await;
    let counted = Arc::new(Counted { within: w.store.clone(), writes: AtomicUsize::new(0) });
    let w = restarted(w, &counted, &receiver, 2).await;
    let id = hook(&w, &organizer(), OLD).await.webhook.id;
    let (e, t) = w.sale(5_000).await;
    for n in 0..purchases {
        w.buy(&someone(n), e, t, 1).await;
    }
    for _ in 0..120 {
        step(&w, MINUTE).await;
    }
    (w, counted, receiver, id)
}

/// As [`World::pass`], without looking at everything that is stored.
async fn step(w: &World, time: Duration) {
    w.clock.advance(time);
    w.run_jobs().await;
}

async fn waiting(w: &World) -> Vec<Job> {
    w.jobs("deliver_webhook").await
}

async fn log_of(w: &World, id: WebhookId) -> Vec<WebhookDeliveryView> {
    w.eventify.webhooks().deliveries(&admin(), id, &PageRequest::first(100)).await.unwrap().data
}

#[tokio::test]
async fn a_backlog_of_a_day_costs_a_few_writes_and_arrives_soon_after_the_webhook_is_back() {
    let (w, counted, receiver, _) = away(500).await;
    let backlog = waiting(&w).await.len();
    assert_eq!(backlog, 1 + 2 * 500);
    let first_hours = counted.writes.swap(0, Ordering::SeqCst);
    assert!(first_hours < 14 * backlog, "{first_hours} writes until everything is held back");
    let tried = receiver.tried();
    for _ in 0..(21 * 12) {
        step(&w, 5 * MINUTE).await;
    }
    let (written, tried) = (counted.writes.load(Ordering::SeqCst), receiver.tried() - tried);
    assert!((20..=40).contains(&tried), "about one an hour tries: {tried}");
    assert!(written < 200, "{written} writes of jobs in a day for {backlog} that wait");
    // It is back, and the process dies as soon as one has arrived.
    receiver.is(Mood::Takes);
    let mut took = Duration::ZERO;
    while receiver.told() == 0 {
        assert!(took <= 65 * MINUTE, "nobody tried for {took:?}");
        w.clock.advance(MINUTE);
        took += MINUTE;
        w.eventify.jobs().run_due().await.unwrap();
    }
    assert!(waiting(&w).await.len() > backlog / 2, "nobody has looked after them yet");
    assert_eq!(w.jobs("watch_webhook").await.iter().map(|job| job.due_at).collect::<Vec<_>>(), [w.now()]);
    let w = restarted(w, &counted, &receiver, 3).await;
    for _ in 0..3 {
        step(&w, MINUTE).await;
    }
    assert_eq!((receiver.told(), waiting(&w).await), (backlog, vec![]));
    assert_eq!(w.jobs("watch_webhook").await, []);
    w.assert_sound("all arrived").await;
}

#[tokio::test]
async fn once_a_day_what_is_held_back_comes_by_itself() {
    let (w, counted, receiver, _) = away(50).await;
    counted.writes.store(0, Ordering::SeqCst);
    for _ in 0..(2 * 24 * 4) {
        step(&w, 15 * MINUTE).await;
    }
    let written = counted.writes.load(Ordering::SeqCst);
    assert!((2 * 101..3 * 101 + 2 * 24 * 15).contains(&written), "{written}");
    // Also where nobody looks after it any more.
    let jobs = w.jobs("watch_webhook").await;
    let [watch] = jobs.as_slice() else { panic!("one looks after it") };
    let key = Key::Job(watch.id);
    let found = w.store.load(&[key.clone()].into()).await.unwrap().remove(0);
    let set = ChangeSet {
        stamp: Version::new(77),
        expectations: vec![Expectation { key: key.clone(), version: found.version }],
        writes: vec![Write { key, before: found.record, after: None }],
    };
    w.store.commit(&set).await.unwrap();
    receiver.is(Mood::Takes);
    for _ in 0..(25 * 4) {
        step(&w, 15 * MINUTE).await;
    }
    assert_eq!((receiver.told(), waiting(&w).await), (101, vec![]));
}

#[tokio::test]
async fn somebody_else_tries_when_the_one_who_did_is_given_up() {
    let (w, _, receiver, id) = away(3).await;
    // Whoever tries is refused for ever: with them goes the only one who would have come again by themselves.
    receiver.is(Mood::Refuses);
    let mut last = Duration::ZERO;
    let mut tried = receiver.tried();
    for _ in 0..(12 * 12) {
        step(&w, 5 * MINUTE).await;
        last += 5 * MINUTE;
        if receiver.tried() > tried {
            (last, tried) = (Duration::ZERO, receiver.tried());
        }
        assert!(last <= 80 * MINUTE || waiting(&w).await.is_empty(), "nobody tries");
    }
    assert_eq!(waiting(&w).await, []);
    assert!(log_of(&w, id).await.iter().all(|told| told.status == WebhookDeliveryStatus::Failed));
    assert_eq!(w.jobs("watch_webhook").await, []);
}

#[tokio::test]
async fn what_is_held_back_is_let_out_whenever_its_webhook_may_be_told_again() {
    for way in ["enabled", "elsewhere", "enabled in vain"] {
        let (w, _, receiver, id) = away(20).await;
        let webhooks = w.eventify.webhooks();
        match way {
            "enabled" => {
                receiver.is(Mood::Takes);
                webhooks.enable(&organizer(), id).await.unwrap();
            }
            "elsewhere" => {
                let request = UpdateWebhook { url: Some(NEW.to_owned()), ..UpdateWebhook::default() };
                webhooks.update(&organizer(), id, request, IfMatch::default()).await.unwrap();
            }
            _ => {
                webhooks.enable(&organizer(), id).await.unwrap();
                w.run_jobs().await;
                // Those that were let out failed again, and are held back again.
                for _ in 0..60 {
                    step(&w, MINUTE).await;
                }
                assert_eq!((receiver.told(), waiting(&w).await.len()), (0, 41));
                receiver.is(Mood::Takes);
                for _ in 0..65 {
                    step(&w, MINUTE).await;
                }
            }
        }
        step(&w, Duration::ZERO).await;
        step(&w, MINUTE).await;
        assert_eq!((receiver.told(), waiting(&w).await), (41, vec![]), "{way}");
        assert_eq!(w.jobs("watch_webhook").await, [], "{way}");
    }
}

#[tokio::test]
async fn what_is_held_back_ends_with_its_webhook() {
    for way in ["gone", "disabled", "deleted"] {
        let (w, _, receiver, id) = away(20).await;
        match way {
            "gone" => receiver.is(Mood::IsGone),
            "disabled" => w.clock.advance(5 * DAY),
            _ => w.eventify.webhooks().delete(&organizer(), id).await.unwrap(),
        }
        for _ in 0..70 {
            step(&w, MINUTE).await;
        }
        assert_eq!((waiting(&w).await, w.jobs("watch_webhook").await), (vec![], vec![]), "{way}");
        if way != "deleted" {
            let log = log_of(&w, id).await;
            assert!(log.iter().all(|told| told.status == WebhookDeliveryStatus::Failed), "{way}");
            let view = w.eventify.webhooks().get(&organizer(), id).await.unwrap();
            assert_eq!(view.status, WebhookStatus::Disabled, "{way}");
        }
        assert_eq!(receiver.told(), 0);
    }
}
