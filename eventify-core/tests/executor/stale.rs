//! A worker that says how it went when another one has its job already: what arrived has arrived, and what failed is the
//! other one's to say.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::account::Register;
use eventify_core::event::CreateEvent;
use eventify_core::job::{JobClass, JobView};
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, FactName, Message, Notifier, Recipient, SendNotification,
};
use eventify_core::store::{MemoryStore, Store};
use eventify_core::testing::FakeClock;
use eventify_core::webhook::{CreateWebhook, WebhookAnswer, WebhookRequest, WebhookSender};
use eventify_core::{Actor, Clock, Eventify, PageRequest, Role, UserId};
use tokio::sync::oneshot;

/// Whoever is called says how it went when the test says so.
#[derive(Debug, Clone, Default)]
struct Outside(Arc<Mutex<Vec<Option<oneshot::Sender<bool>>>>>);

impl Outside {
    async fn called(&self) -> bool {
        let (say, said) = oneshot::channel();
        self.0.lock().unwrap().push(Some(say));
        said.await.unwrap_or(false)
    }

    fn calls(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn answer(&self, nth: usize, arrived: bool) {
        let say = self.0.lock().unwrap()[nth].take().unwrap();
        say.send(arrived).unwrap();
    }
}

#[async_trait]
impl Notifier for Outside {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email])
    }

    async fn deliver(
        &self,
        _: Channel,
        _: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        if message.fact == FactName::Announcement && !self.called().await {
            return Err(DeliveryError::Transient("no answer".to_owned()));
        }
        Ok(Delivered::default())
    }
}

#[async_trait]
impl WebhookSender for Outside {
    fn check_url(&self, url: &str) -> Result<String, String> {
        Ok(url.to_owned())
    }

    async fn send(&self, _: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError> {
        let status = if self.called().await { 200 } else { 503 };
        Ok(WebhookAnswer { status, retry_after: None })
    }
}

#[derive(Debug, Clone, Copy)]
enum By {
    Email,
    Webhook,
}

impl By {
    const fn class(self) -> JobClass {
        match self {
            Self::Email => JobClass::Outside,
            Self::Webhook => JobClass::Webhook,
        }
    }
}

struct Stage {
    by: By,
    clock: FakeClock,
    outside: Outside,
    one: Eventify,
    other: Eventify,
}

impl Stage {
    /// Two processes without workers over one store, and one thing to bring out.
    async fn new(by: By) -> Self {
        let (store, clock): (Arc<dyn Store>, _) = (Arc::new(MemoryStore::new()), FakeClock::default());
        let outside = Outside::default();
        let one = engine(by, &store, &clock, &outside).await;
        match by {
            By::Email => {
                let ada = Register::new("Ada", "ada@example.org", "long enough");
                let user_id = one.accounts().register(&Actor::system(), ada).await.unwrap().id;
                let words =
                    SendNotification { user_id, title: "Words".into(), body: String::new(), event_id: None };
                one.notifications().send(&Actor::system(), words).await.unwrap();
            }
            By::Webhook => {
                let hook = CreateWebhook { url: "hook".to_owned(), deployment: true, facts: None };
                one.webhooks().create(&Actor::system(), hook).await.unwrap();
                publish(&one, &clock).await;
            }
        }
        let other = engine(by, &store, &clock, &outside).await;
        Self { by, clock, outside, one, other }
    }

    async fn waiting(&self) -> Vec<JobView> {
        let page = PageRequest::default();
        self.one.jobs().waiting(&Actor::system(), self.by.class(), &page).await.unwrap().data
    }

    /// Both have the job, one after the other's time is over. Runs `then` when they do.
    async fn both_at_it(&self, then: impl AsyncFnOnce()) {
        let run = async |engine: &Eventify| while engine.jobs().run_due().await.unwrap() > 0 {};
        let script = async {
            until(|| self.outside.calls() == 1).await;
            self.clock.advance(Duration::from_secs(61));
            let second = async {
                until(|| self.outside.calls() == 2).await;
                then().await;
            };
            tokio::join!(run(&self.other), second);
        };
        tokio::join!(run(&self.one), script);
    }
}

async fn publish(eventify: &Eventify, clock: &FakeClock) {
    let organizer = Actor::user(UserId::from_bytes([1; 16]), Role::Organizer);
    let start = clock.now().plus(Duration::from_secs(40 * 24 * 3600));
    let draft = CreateEvent {
        title: Some("Night".to_owned()),
        starts_at: Some(start),
        ends_at: Some(start.plus(Duration::from_secs(3600))),
        ..CreateEvent::default()
    };
    let id = eventify.events().create(&organizer, draft).await.unwrap().id;
    eventify.events().publish(&organizer, id).await.unwrap();
}

async fn engine(by: By, store: &Arc<dyn Store>, clock: &FakeClock, outside: &Outside) -> Eventify {
    let builder = Eventify::builder_over(store.clone()).clock(clock.clone()).without_worker();
    let builder = match by {
        By::Email => builder.notifier(outside.clone()),
        By::Webhook => builder.webhooks(outside.clone()),
    };
    builder.start().await.unwrap()
}

async fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..100_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never came true");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_comes_late_starts_no_third_attempt() {
    for by in [By::Email, By::Webhook] {
        let stage = Stage::new(by).await;
        stage
            .both_at_it(async || {
                stage.outside.answer(0, false);
                tokio::time::sleep(Duration::from_secs(1)).await;
                let job = &stage.waiting().await[0];
                assert_eq!(
                    (job.state.as_str(), job.attempts, &job.last_error),
                    ("leased", 2, &None),
                    "{by:?}"
                );
                // By when the first one's pause would be over.
                stage.clock.advance(Duration::from_secs(30));
                assert_eq!(stage.one.jobs().run_due().await.unwrap(), 0);
                stage.outside.answer(1, true);
            })
            .await;
        assert_eq!((stage.outside.calls(), stage.waiting().await.len()), (2, 0), "{by:?}");
        stage.one.shut_down().await;
        stage.other.shut_down().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_arrives_late_has_arrived() {
    for by in [By::Email, By::Webhook] {
        let stage = Stage::new(by).await;
        stage
            .both_at_it(async || {
                stage.outside.answer(0, true);
                tokio::time::sleep(Duration::from_secs(1)).await;
                assert_eq!(stage.waiting().await, [], "{by:?}");
                stage.outside.answer(1, false);
            })
            .await;
        stage.clock.advance(Duration::from_secs(3600));
        while stage.one.jobs().run_due().await.unwrap() > 0 {}
        assert_eq!((stage.outside.calls(), stage.waiting().await.len()), (2, 0), "{by:?}");
        let dead = stage.one.jobs().dead(&Actor::system(), &PageRequest::default()).await.unwrap();
        assert_eq!(dead.data, []);
        stage.one.shut_down().await;
        stage.other.shut_down().await;
    }
}
