//! Webhooks and the worker: one that hangs or makes its sender panic has few places, and delays no other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::event::CreateEvent;
use eventify_core::job::JobClass;
use eventify_core::notification::DeliveryError;
use eventify_core::store::Store;
use eventify_core::testing::FakeClock;
use eventify_core::webhook::{
    CreateWebhook, WebhookAnswer, WebhookDeliveryStatus, WebhookDeliveryView, WebhookRequest, WebhookSender,
};
use eventify_core::{Actor, Clock, Eventify, PageRequest, Role, UserId, WebhookId};

use crate::rigged::{Rigged, let_tasks_run};

#[derive(Debug, Clone, Default)]
struct Outside {
    /// Addresses that were called and have answered nothing.
    hanging: Arc<Mutex<Vec<String>>>,
    /// Those that have failed once; the next time they hang.
    failed: Arc<Mutex<BTreeSet<String>>>,
    told: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl WebhookSender for Outside {
    fn check_url(&self, url: &str) -> Result<String, String> {
        Ok(url.to_owned())
    }

    async fn send(&self, request: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError> {
        match request.url.as_str() {
            url if url.starts_with("slow") => {
                self.hanging.lock().unwrap().push(request.url.clone());
                std::future::pending().await
            }
            url if url.starts_with("ailing") && self.failed.lock().unwrap().insert(url.to_owned()) => {
                Ok(WebhookAnswer { status: 500, retry_after: None })
            }
            url if url.starts_with("ailing") => {
                self.hanging.lock().unwrap().push(request.url.clone());
                std::future::pending().await
            }
            "second" => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.told.lock().unwrap().push(request.url.clone());
                Ok(WebhookAnswer { status: 200, retry_after: None })
            }
            "bad" => panic!("as it was asked to"),
            _ => {
                self.told.lock().unwrap().push(request.url.clone());
                Ok(WebhookAnswer { status: 200, retry_after: None })
            }
        }
    }
}

struct Stage {
    eventify: Eventify,
    rigged: Rigged,
    store: Arc<dyn Store>,
    clock: FakeClock,
    outside: Outside,
}

impl Stage {
    async fn new() -> Self {
        let (rigged, clock, outside) = (Rigged::new(), FakeClock::default(), Outside::default());
        let store: Arc<dyn Store> = Arc::new(rigged.clone());
        let eventify = engine(&store, &clock, &outside).await;
        Self { eventify, rigged, store, clock, outside }
    }

    async fn hook(&self, url: &str) -> WebhookId {
        let request = CreateWebhook { url: url.to_owned(), deployment: true, facts: None };
        self.eventify.webhooks().create(&Actor::system(), request).await.unwrap().webhook.id
    }

    /// One of an organizer's.
    async fn own_hook(&self, organizer: &Actor, url: &str) -> WebhookId {
        let request = CreateWebhook { url: url.to_owned(), deployment: false, facts: None };
        self.eventify.webhooks().create(organizer, request).await.unwrap().webhook.id
    }

    /// So many facts.
    async fn happen(&self, count: usize) {
        self.happen_to(&organizer(1), count).await;
    }

    async fn happen_to(&self, organizer: &Actor, count: usize) {
        let start = self.clock.now().plus(Duration::from_secs(24 * 3600));
        for _ in 0..count {
            let draft = CreateEvent {
                title: Some("Night".to_owned()),
                starts_at: Some(start),
                ends_at: Some(start.plus(Duration::from_secs(3600))),
                ..CreateEvent::default()
            };
            let id = self.eventify.events().create(organizer, draft).await.unwrap().id;
            self.eventify.events().publish(organizer, id).await.unwrap();
            // One after another, not all at once.
            let_tasks_run().await;
        }
    }

    fn told(&self, url: &str) -> usize {
        self.outside.told.lock().unwrap().iter().filter(|told| *told == url).count()
    }

    async fn log(&self, id: WebhookId) -> Vec<WebhookDeliveryView> {
        let page = PageRequest::first(100);
        self.eventify.webhooks().deliveries(&Actor::system(), id, &page).await.unwrap().data
    }
}

fn organizer(nth: u8) -> Actor {
    Actor::user(UserId::from_bytes([nth; 16]), Role::Organizer)
}

async fn engine(store: &Arc<dyn Store>, clock: &FakeClock, outside: &Outside) -> Eventify {
    let builder = Eventify::builder_over(store.clone()).clock(clock.clone());
    builder.webhooks(outside.clone()).start().await.unwrap()
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    // The runtime's time stands still and is moved on when everybody waits, so this costs none.
    for _ in 0..100_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came true");
}

#[tokio::test(start_paused = true)]
async fn one_that_answers_slowly_has_four_places_and_delays_no_other() {
    let stage = Stage::new().await;
    stage.hook("slow").await;
    stage.hook("quick").await;
    stage.happen(100).await;
    until(async || stage.told("quick") == 100).await;
    let hanging = || stage.outside.hanging.lock().unwrap().len();
    assert_eq!(hanging(), 4, "of a hundred that wait for it");
    let page = PageRequest::first(100);
    let waiting = stage.eventify.jobs().waiting(&Actor::system(), JobClass::Webhook, &page).await.unwrap();
    assert_eq!(waiting.data.len(), 100, "none was lost");
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn those_of_one_owner_have_places_together() {
    let stage = Stage::new().await;
    for nth in 0..4 {
        stage.own_hook(&organizer(2), &format!("slow {nth}")).await;
    }
    for nth in 0..10 {
        stage.hook(&format!("slow of all {nth}")).await;
    }
    stage.own_hook(&organizer(3), "quick").await;
    stage.happen_to(&organizer(2), 20).await;
    stage.happen_to(&organizer(3), 20).await;
    until(async || stage.told("quick") == 20).await;
    let hanging = stage.outside.hanging.lock().unwrap().clone();
    let of_all = hanging.iter().filter(|url| url.starts_with("slow of all")).count();
    assert_eq!((hanging.len() - of_all, of_all), (8, 32), "of 16 and 40 if they were alone");
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn tests_and_those_at_which_nothing_arrives_have_no_places_of_their_own() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for nth in 0..10 {
        ids.push(stage.own_hook(&organizer(2), &format!("slow {nth}")).await);
        stage.own_hook(&organizer(3), &format!("ailing {nth}")).await;
    }
    let quick = stage.own_hook(&organizer(4), "quick").await;
    for id in ids {
        stage.eventify.webhooks().test(&organizer(2), id).await.unwrap();
    }
    stage.happen_to(&organizer(3), 1).await;
    // Long enough for everybody to come again, and shorter than it takes until one that hangs is given up.
    let (begun, step) = (tokio::time::Instant::now(), Duration::from_millis(50));
    while begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(step).await;
        stage.clock.advance(step);
    }
    stage.eventify.webhooks().test(&organizer(4), quick).await.unwrap();
    until(async || stage.told("quick") == 1).await;
    let hanging = stage.outside.hanging.lock().unwrap().clone();
    let tests = hanging.iter().filter(|url| url.starts_with("slow")).count();
    assert_eq!((tests, hanging.len() - tests), (8, 8), "of ten each");
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn a_crowd_before_one_webhook_gets_its_turns_and_leaves_the_store_alone() {
    const CROWD: usize = 3_000;
    let stage = Stage::new().await;
    stage.hook("second").await;
    stage.happen(CROWD).await;
    let wait = async |how_long: Duration| {
        let (begun, step) = (tokio::time::Instant::now(), Duration::from_millis(50));
        while begun.elapsed() < how_long {
            tokio::time::sleep(step).await;
            stage.clock.advance(step);
        }
    };
    wait(Duration::from_secs(60)).await;
    let minutes = 5;
    let (commits, told) = (stage.rigged.commits(), stage.told("second"));
    wait(Duration::from_secs(60) * minutes).await;
    let told = stage.told("second") - told;
    assert!(told >= 900, "four a second would be 1,200: {told}");
    // A lease and an end for each that is told, and now and then a batch of those whose turn it is not.
    let commits = stage.rigged.commits() - commits;
    assert!(commits < 3_000, "{commits} commits in five minutes");
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_panics_or_hangs_for_ever_is_a_failed_attempt() {
    let stage = Stage::new().await;
    let (bad, slow) = (stage.hook("bad").await, stage.hook("slow").await);
    stage.happen(1).await;
    let error = async |id| {
        let log = stage.log(id).await;
        log.first().and_then(|delivery| delivery.newest_attempts.first().cloned()).and_then(|a| a.error)
    };
    until(async || error(bad).await.as_deref() == Some("the sender panicked")).await;
    until(async || error(slow).await.as_deref() == Some("no answer within 30 s")).await;
    let log = stage.log(slow).await;
    assert_eq!(
        (log[0].status, log[0].newest_attempts[0].duration_ms),
        (WebhookDeliveryStatus::Waiting, 30_000)
    );
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_stopping_process_was_about_another_one_does_at_once() {
    let stage = Stage::new().await;
    let id = stage.hook("slow").await;
    stage.happen(2).await;
    until(async || stage.outside.hanging.lock().unwrap().len() == 2).await;
    stage.eventify.shut_down().await;
    let next = engine(&stage.store, &stage.clock, &stage.outside).await;
    let stage = Stage { eventify: next, ..stage };
    until(async || stage.outside.hanging.lock().unwrap().len() == 4).await;
    assert!(stage.log(id).await.iter().all(|delivery| delivery.attempts == 0), "no attempt failed");
    stage.eventify.shut_down().await;
}
