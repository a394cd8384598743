//! Lines of the outside: a mail server that never answers, a publisher that hangs and an announcement to everybody take the
//! places of their line only.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::account::Register;
use eventify_core::event::CancelEvent;
use eventify_core::job::JobClass;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Envelope, FactName, Message, Notifier, Publisher, Recipient,
    SendNotification,
};
use eventify_core::payment::{ChargeStatus, StartPayment};
use eventify_core::store::{MemoryStore, Store};
use eventify_core::testing::{FakeClock, MemoryProvider, MemoryPublisher};
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, BookingId, EventId, Eventify, Money, PageRequest, Role, TicketTypeId, UserId};
use tokio::time::Instant;

use crate::common::{lines, organizer};
use crate::rigged::fill;

const STEP: Duration = Duration::from_millis(5);

/// What a mailbox's server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Hangs,
    TakesItsTime(Duration),
    /// Has too much to do until this instant.
    BusyUntil(Instant),
}

#[derive(Debug, Clone)]
struct Outside {
    manner: Manner,
    /// What arrived, by which channel.
    arrived: Arc<Mutex<Vec<(Channel, FactName)>>>,
    /// Attempts to send a mail.
    tried: Arc<Mutex<usize>>,
}

impl Outside {
    fn new(manner: Manner) -> Self {
        Self { manner, arrived: Arc::default(), tried: Arc::default() }
    }

    fn count(&self, channel: Channel, fact: FactName) -> usize {
        self.arrived.lock().unwrap().iter().filter(|one| **one == (channel, fact)).count()
    }
}

#[async_trait]
impl Notifier for Outside {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email, Channel::Sms])
    }

    async fn deliver(
        &self,
        channel: Channel,
        _: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        if let Manner::TakesItsTime(long) = self.manner {
            tokio::time::sleep(long).await;
        }
        if channel == Channel::Email {
            *self.tried.lock().unwrap() += 1;
            match self.manner {
                Manner::Hangs => std::future::pending().await,
                Manner::BusyUntil(end) if Instant::now() < end => {
                    let why = "there is no connection free".to_owned();
                    return Err(DeliveryError::Busy { why, pause: None });
                }
                Manner::BusyUntil(_) | Manner::TakesItsTime(_) => {}
            }
        }
        self.arrived.lock().unwrap().push((channel, message.fact));
        Ok(Delivered::default())
    }
}

/// Never says whether it has it.
#[derive(Debug)]
struct Stuck;

#[async_trait]
impl Publisher for Stuck {
    fn name(&self) -> &str {
        "stuck"
    }

    async fn publish(&self, _: &Envelope) -> Result<(), DeliveryError> {
        std::future::pending().await
    }
}

struct Stage {
    eventify: Eventify,
    clock: FakeClock,
    outside: Outside,
    broker: MemoryPublisher,
    bank: MemoryProvider,
    ada: Actor,
    event: EventId,
    seats: TicketTypeId,
}

impl Stage {
    async fn new(manner: Manner) -> Self {
        let (clock, outside) = (FakeClock::default(), Outside::new(manner));
        let (broker, bank) = (MemoryPublisher::named("broker"), MemoryProvider::default());
        let builder = Eventify::builder(MemoryStore::new()).clock(clock.clone()).notifier(outside.clone());
        let builder = builder.publisher(Stuck).publisher(broker.clone()).payment_provider(bank.clone());
        let eventify = builder.start().await.unwrap();
        let ada = Register::new("Ada", "ada@example.org", "long enough");
        let ada = eventify.accounts().register(&Actor::system(), ada).await.unwrap();
        let (event, seats) = fill(&eventify, &clock, 10_000).await;
        let ada = Actor::user(ada.id, Role::Attendee);
        let phone = serde_json::from_str(r#"{"phone": "+77011234567"}"#).unwrap();
        eventify.notifications().set_preferences(&ada, phone).await.unwrap();
        Self { eventify, clock, outside, broker, bank, ada, event, seats }
    }

    async fn buy(&self) {
        self.eventify.bookings().buy(&self.ada, lines(self.event, &[(self.seats, 1)])).await.unwrap();
    }

    /// So many messages of an admin to one person: as many as an announcement has to that many people.
    async fn announce(&self, count: usize) {
        let user_id: UserId = self.ada.user_id().unwrap();
        for _ in 0..count / 100 {
            let send = || async {
                let words =
                    SendNotification { user_id, title: "Words".into(), body: String::new(), event_id: None };
                self.eventify.notifications().send(&Actor::system(), words).await.unwrap();
            };
            futures_util::future::join_all((0..100).map(|_| send())).await;
        }
    }

    /// A booking for money that came.
    async fn paid(&self) -> BookingId {
        let price = Some(Money::new(450_000, "KZT".parse().unwrap()));
        let stalls = CreateTicketType { name: "Stalls".into(), price, quantity: 10, ..Default::default() };
        let stalls = self.eventify.ticket_types().create(&organizer(), self.event, stalls).await.unwrap().id;
        let held = self.eventify.bookings().hold(&self.ada, lines(self.event, &[(stalls, 1)])).await.unwrap();
        let booking_id = held.id;
        let start = StartPayment { booking_id, payment_method: Some("memory".to_owned()), return_url: None };
        let payment = self.eventify.payments().start(&self.ada, start).await.unwrap().id;
        self.bank.settle(payment, ChargeStatus::Succeeded);
        self.eventify.payments().callback("memory", MemoryProvider::callback(payment)).await.unwrap();
        booking_id
    }

    /// Waits until it is so, and says how long that took by the runtime's time, which moves on only when everybody waits.
    async fn took(&self, mut is_so: impl FnMut() -> bool) -> Duration {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(600), "it never came true");
            tokio::time::sleep(STEP).await;
            self.clock.advance(STEP);
        }
        begun.elapsed()
    }

    fn has_given_back(&self) -> bool {
        self.bank.charges().iter().any(|(_, charge)| charge.refunded == charge.amount)
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_server_that_never_answers_delays_neither_publishers_nor_texts_nor_refunds() {
    let stage = Stage::new(Manner::Hangs).await;
    let paid = stage.paid().await;
    stage.announce(100).await;
    for _ in 0..200 {
        stage.buy().await;
    }
    stage.took(|| *stage.outside.tried.lock().unwrap() >= 2 * 64).await;
    let told = stage.broker.published().len();
    stage.buy().await;
    stage.eventify.bookings().cancel(&organizer(), paid).await.unwrap();
    let all_done = || {
        let texts = stage.outside.count(Channel::Sms, FactName::TicketPurchased);
        texts >= 201 && stage.broker.published().len() > told && stage.has_given_back()
    };
    let long = stage.took(all_done).await;
    assert!(long <= Duration::from_secs(1), "{long:?}");
    assert_eq!(
        *stage.outside.tried.lock().unwrap(),
        2 * 64 + 2,
        "those that hang have the places of their lines; the news are that it is cancelled, and paid back"
    );
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn an_announcement_to_ten_thousand_holds_back_no_ticket() {
    let stage = Stage::new(Manner::TakesItsTime(Duration::from_millis(500))).await;
    stage.announce(10_000).await;
    stage.took(|| stage.outside.count(Channel::Email, FactName::Announcement) > 0).await;
    stage.buy().await;
    let long = stage.took(|| stage.outside.count(Channel::Email, FactName::TicketPurchased) == 1).await;
    assert!(long <= Duration::from_secs(1), "{long:?}");
    let announced = stage.outside.count(Channel::Email, FactName::Announcement);
    assert!(announced < 1_000, "most of them still waited: {announced}");
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn an_announcement_to_ten_thousand_holds_back_no_news() {
    let stage = Stage::new(Manner::TakesItsTime(Duration::from_millis(500))).await;
    stage.buy().await;
    stage.announce(10_000).await;
    stage.took(|| stage.outside.count(Channel::Sms, FactName::Announcement) > 0).await;
    let why = CancelEvent { reason: "The hall is under water.".to_owned() };
    stage.eventify.events().cancel(&organizer(), stage.event, why).await.unwrap();
    let told = |channel| stage.outside.count(channel, FactName::EventCancelled) == 1;
    let long = stage.took(|| told(Channel::Email) && told(Channel::Sms)).await;
    assert!(long <= Duration::from_secs(2), "{long:?}");
    for channel in [Channel::Email, Channel::Sms] {
        let announced = stage.outside.count(channel, FactName::Announcement);
        assert!(announced < 1_000, "most of them still waited: {announced}");
    }
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_no_time_for_a_message_has_not_tried_it() {
    let stage = Stage::new(Manner::BusyUntil(Instant::now() + Duration::from_secs(90))).await;
    stage.buy().await;
    stage.took(|| *stage.outside.tried.lock().unwrap() > 8).await;
    let page = PageRequest::first(100);
    let class = JobClass::Outside;
    let waiting = stage.eventify.jobs().waiting(&Actor::system(), class, &page).await.unwrap().data;
    let mails: Vec<_> = waiting.iter().filter(|job| job.work.starts_with("deliver")).collect();
    assert!(!mails.is_empty());
    for mail in mails {
        assert!(mail.attempts <= 1, "the one that is being made: {mail:?}");
        assert_eq!(mail.last_error.as_deref(), Some("there is no connection free"));
    }
    stage.took(|| stage.outside.count(Channel::Email, FactName::TicketPurchased) == 1).await;
    let counts = stage.eventify.jobs().deliveries();
    let mails = counts[&eventify_core::job::Way::Channel("email")];
    assert_eq!((mails.failed, mails.attempts()), (0, mails.delivered), "nothing was tried in vain");
    stage.eventify.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_serves_any_more_waits_a_day_and_is_given_up() {
    let (store, clock): (Arc<dyn Store>, _) = (Arc::new(MemoryStore::new()), FakeClock::default());
    let engine = async |publisher: Option<MemoryPublisher>| {
        let builder = Eventify::builder_over(store.clone()).clock(clock.clone()).without_worker();
        let builder = match publisher {
            Some(publisher) => builder.publisher(publisher),
            None => builder,
        };
        builder.start().await.unwrap()
    };
    let before = engine(Some(MemoryPublisher::named("before"))).await;
    fill(&before, &clock, 10).await;
    let after = engine(Some(MemoryPublisher::named("after"))).await;
    let look = async || {
        while after.jobs().run_due().await.unwrap() > 0 {}
        after.jobs().sweep().await.unwrap();
        let backlog = after.jobs().backlog().await.unwrap();
        (backlog.due[&JobClass::Outside].count, backlog.dead)
    };
    assert_eq!(look().await, (1, 0));
    clock.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(look().await, (1, 0), "another process may serve it");
    clock.advance(Duration::from_secs(1));
    assert_eq!(look().await, (0, 1));
    let dead = after.jobs().dead(&Actor::system(), &PageRequest::default()).await.unwrap().data.remove(0);
    assert_eq!(
        (dead.work.as_str(), dead.last_error.as_deref()),
        ("publish", Some("nobody serves this any more"))
    );
    after.jobs().retry(&Actor::system(), dead.id).await.unwrap();
    while before.jobs().run_due().await.unwrap() > 0 {}
    assert_eq!(before.jobs().backlog().await.unwrap().due[&JobClass::Outside].count, 0);
}

#[tokio::test(start_paused = true)]
async fn what_another_process_is_behind_with_is_not_given_up() {
    let (store, clock): (Arc<dyn Store>, _) = (Arc::new(MemoryStore::new()), FakeClock::default());
    let engine = || Eventify::builder_over(store.clone()).clock(clock.clone()).without_worker();
    let broker = MemoryPublisher::named("broker");
    let busy = engine().publisher(broker.clone()).start().await.unwrap();
    for _ in 0..70 {
        fill(&busy, &clock, 10).await;
    }
    let other = engine().start().await.unwrap();
    let dead = async || {
        other.jobs().sweep().await.unwrap();
        other.jobs().backlog().await.unwrap().dead
    };
    clock.advance(Duration::from_secs(24 * 3600));
    broker.fail_next((0..70).map(|_| DeliveryError::Transient("slow".to_owned())));
    busy.jobs().run_due().await.unwrap();
    assert_eq!((dead().await, broker.published().len()), (0, 0), "six were not even tried");
    clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(dead().await, 70, "by now it is gone");
}
