//! A small world for rules: an engine over a store, a clock that stands still, and one person of every kind. A program that plays in it
//! says in its module `place` where worlds are kept.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by several test programs, and a test fails by panicking"
)]

mod bank;
pub mod outlets;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventify_core::account::{Login, Register, Tokens, User, UserView};
use eventify_core::audit::AuditEntry;
use eventify_core::booking::{BookingView, HoldTickets, LineRequest, Purchase};
use eventify_core::event::{CreateEvent, EventView, UpdateEvent};
use eventify_core::job::Job;
use eventify_core::notification::Notification;
use eventify_core::store::{ChangeSet, Commit, Expectation, Key, Kind, Record, Store, Version, Write};
use eventify_core::testing::model::{Snapshot, violations};
use eventify_core::testing::{FakeClock, MemoryWebhooks, SeededEntropy};
use eventify_core::ticket_type::{CreateTicketType, ReEntry, UpdateTicketType};
use eventify_core::{
    Actor, Builder, Clock as _, EventId, Eventify, Language, Money, Role, Settings, TicketTypeId, Timestamp,
    UserId,
};

#[allow(unused_imports, reason = "not every test program pays")]
pub use bank::{Bank, PRICE, pay};
pub use outlets::{Mail, Wire};

pub const HOUR: Duration = Duration::from_secs(3600);
pub const DAY: Duration = Duration::from_secs(24 * 3600);
pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub eventify: Eventify,
    pub clock: FakeClock,
    pub store: Arc<dyn Store>,
    pub mail: Mail,
    pub wire: Wire,
    pub bank: Bank,
    pub hooks: MemoryWebhooks,
    mark: Mutex<Option<Snapshot>>,
    /// Goes when everything else has gone.
    place: crate::place::Place,
}

/// A person without an account of ours, as an embedding app has them.
pub fn person(n: u8, role: Role) -> Actor {
    Actor::user(UserId::from_bytes([n; 16]), role)
}

pub fn organizer() -> Actor {
    person(1, Role::Organizer)
}

pub fn other_organizer() -> Actor {
    person(2, Role::Organizer)
}

pub fn attendee() -> Actor {
    person(3, Role::Attendee)
}

pub fn other_attendee() -> Actor {
    person(4, Role::Attendee)
}

pub fn admin() -> Actor {
    person(5, Role::Admin)
}

pub fn anonymous() -> Actor {
    Actor::anonymous()
}

pub fn system() -> Actor {
    Actor::system()
}

pub fn id_of(actor: &Actor) -> UserId {
    actor.user_id().unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::build(|builder| builder.settings(settings)).await
    }

    /// With somebody who brings messages, and somebody who tells other systems.
    pub async fn connected() -> Self {
        let (mail, wire) = (Mail::default(), Wire::default());
        let (notifier, publisher) = (mail.clone(), wire.clone());
        let world = Self::build(|builder| builder.notifier(notifier).publisher(publisher)).await;
        Self { mail, wire, ..world }
    }

    /// With webhooks, and somebody who brings messages.
    pub async fn hooked() -> Self {
        Self::hooked_with(Settings::default()).await
    }

    pub async fn hooked_with(settings: Settings) -> Self {
        let (mail, hooks) = (Mail::default(), MemoryWebhooks::default());
        let (notifier, sender) = (mail.clone(), hooks.clone());
        let world = Self::build(|b| b.settings(settings).notifier(notifier).webhooks(sender)).await;
        Self { mail, hooks, ..world }
    }

    pub async fn build(set_up: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = FakeClock::default();
        let (place, store) = crate::place::place().await;
        let bank = Bank::default();
        let builder = Eventify::builder_over(store.clone())
            .clock(clock.clone())
            .entropy(SeededEntropy::new(1))
            .payment_provider(bank.card.clone())
            .payment_provider(bank.transfer.clone())
            .payment_provider(bank.desk.clone())
            .without_worker();
        Self {
            eventify: set_up(builder).start().await.unwrap(),
            clock,
            store,
            mail: Mail::default(),
            wire: Wire::default(),
            bank,
            hooks: MemoryWebhooks::default(),
            mark: Mutex::new(None),
            place,
        }
    }

    /// Remembers everything that is stored: what is refused from here on must not change it.
    pub async fn mark(&self) {
        let now = self.snapshot().await;
        *self.mark.lock().unwrap() = Some(now);
    }

    /// Allows the next refusal to leave something behind.
    pub fn unmark(&self) {
        *self.mark.lock().unwrap() = None;
    }

    pub async fn assert_unchanged(&self, situation: &str) {
        let marked = self.mark.lock().unwrap().take();
        if let Some(before) = marked {
            assert_eq!(before, self.snapshot().await, "{situation}: a refusal changed something");
        }
    }

    /// Everything but what machines keep for themselves: marks of lanes, failed logins.
    async fn snapshot(&self) -> Snapshot {
        let kinds: Vec<Kind> = Kind::ALL
            .iter()
            .copied()
            .filter(|kind| !matches!(kind, Kind::LaneMark | Kind::Throttle))
            .collect();
        Snapshot::of_kinds(&*self.store, &kinds).await.unwrap()
    }

    pub async fn everything(&self) -> Snapshot {
        Snapshot::take(&*self.store).await.unwrap()
    }

    pub async fn assert_sound(&self, situation: &str) {
        let found = violations(&self.everything().await);
        assert!(found.is_empty(), "{situation}: {found:#?}");
        let report = eventify_core::check::check(&*self.store).await.unwrap();
        assert!(report.is_clean(), "{situation}: {report:?}");
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Does everything that is due.
    pub async fn run_jobs(&self) {
        for _ in 0..1_000 {
            if self.eventify.jobs().run_due().await.unwrap() == 0 {
                return;
            }
        }
        panic!("jobs never end");
    }

    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.run_jobs().await;
        self.mark().await;
    }

    // Events.

    pub fn concert(&self) -> CreateEvent {
        CreateEvent {
            title: Some("Concert".to_owned()),
            venue: Some("Philharmonic".to_owned()),
            city: Some("Almaty".to_owned()),
            starts_at: Some(self.now().plus(10 * DAY)),
            ends_at: Some(self.now().plus(10 * DAY + 3 * HOUR)),
            ..CreateEvent::default()
        }
    }

    pub async fn draft_of(&self, request: CreateEvent) -> EventId {
        let made = self.eventify.events().create(&organizer(), request).await.unwrap();
        self.mark().await;
        made.id
    }

    pub async fn draft(&self) -> EventId {
        self.draft_of(self.concert()).await
    }

    pub async fn publish(&self, id: EventId) {
        self.eventify.events().publish(&organizer(), id).await.unwrap();
        self.mark().await;
    }

    pub async fn published(&self) -> EventId {
        let id = self.draft().await;
        self.publish(id).await;
        id
    }

    pub async fn cancelled(&self) -> EventId {
        let id = self.published().await;
        self.cancel_event(id).await;
        id
    }

    pub async fn completed(&self) -> EventId {
        let id = self.published().await;
        self.pass(11 * DAY).await;
        id
    }

    pub async fn cancel_event(&self, id: EventId) {
        let request = eventify_core::event::CancelEvent::default();
        self.eventify.events().cancel(&organizer(), id, request).await.unwrap();
        self.mark().await;
    }

    pub async fn event(&self, id: EventId) -> EventView {
        self.eventify.events().get(&organizer(), id).await.unwrap().into_inner()
    }

    pub async fn update_event(&self, id: EventId, request: UpdateEvent) {
        let any = eventify_core::IfMatch::Any;
        self.eventify.events().update(&organizer(), id, request, any).await.unwrap();
        self.mark().await;
    }

    // Ticket types.

    pub async fn type_of(&self, event: EventId, request: CreateTicketType) -> TicketTypeId {
        let made = self.eventify.ticket_types().create(&organizer(), event, request).await;
        self.mark().await;
        made.unwrap().id
    }

    pub async fn free(&self, event: EventId, quantity: u32) -> TicketTypeId {
        self.type_of(event, seats(quantity)).await
    }

    pub async fn paid(&self, event: EventId, quantity: u32, price: i64) -> TicketTypeId {
        let price = Some(tenge(price));
        self.type_of(event, CreateTicketType { price, ..seats(quantity) }).await
    }

    /// A published event with one free ticket type.
    pub async fn sale(&self, quantity: u32) -> (EventId, TicketTypeId) {
        let event = self.published().await;
        (event, self.free(event, quantity).await)
    }

    pub async fn change_type(&self, event: EventId, id: TicketTypeId, request: UpdateTicketType) {
        let any = eventify_core::IfMatch::Any;
        let types = self.eventify.ticket_types();
        types.update(&organizer(), event, id, request, any).await.unwrap();
        self.mark().await;
    }

    /// Quantity, sold and held of a type.
    pub async fn counted(&self, event: EventId, id: TicketTypeId) -> (u32, u32, u32) {
        let found = self.eventify.ticket_types().get(&organizer(), event, id).await.unwrap();
        (found.quantity, found.sold, found.held)
    }

    // Bookings.

    pub async fn hold(&self, who: &Actor, event: EventId, of: TicketTypeId, quantity: u32) -> BookingView {
        let held = self.eventify.bookings().hold(who, lines(event, &[(of, quantity)])).await.unwrap();
        self.mark().await;
        held.into_inner()
    }

    pub async fn buy(&self, who: &Actor, event: EventId, of: TicketTypeId, quantity: u32) -> Purchase {
        let bought = self.eventify.bookings().buy(who, lines(event, &[(of, quantity)])).await.unwrap();
        self.mark().await;
        bought.into_inner()
    }

    /// The code of a ticket of the attendee.
    pub async fn ticket(&self, event: EventId, of: TicketTypeId) -> String {
        self.buy(&attendee(), event, of, 1).await.tickets[0].code.clone()
    }

    pub async fn used(&self, event: EventId, of: TicketTypeId) -> String {
        let code = self.ticket(event, of).await;
        let scan = eventify_core::ticket::Scan::default();
        self.eventify.tickets().check_in(&organizer(), &code, scan).await.unwrap();
        self.mark().await;
        code
    }

    // Accounts.

    pub async fn register(&self, name: &str) -> UserView {
        let request = Register::new(name, email_of(name), PASSWORD);
        let user = self.eventify.accounts().register(&anonymous(), request).await.unwrap();
        self.mark().await;
        user
    }

    /// Somebody with an account whose address is proven, written past the engine: no mail has to be read for it.
    pub async fn verified(&self, name: &str) -> Actor {
        let id = self.register(name).await.id;
        self.rewrite(Key::User(id), |found| {
            let Record::User(user) = found else { panic!("no account") };
            Record::User(Arc::new(User { email_verified_at: Some(self.now()), ..(*user).clone() }))
        })
        .await;
        self.mark().await;
        Actor::user(id, Role::Attendee)
    }

    pub async fn login(&self, name: &str) -> Tokens {
        let tokens = self.eventify.accounts().login(&anonymous(), credentials(name, PASSWORD)).await;
        self.mark().await;
        tokens.unwrap()
    }

    pub async fn session(&self, tokens: &Tokens) -> Actor {
        self.eventify.accounts().authenticate(&tokens.access_token).await.unwrap()
    }

    // What is stored.

    /// Changes a record past the engine.
    pub async fn rewrite(&self, key: Key, change: impl FnOnce(Record) -> Record) {
        let found = self.store.load(&[key.clone()].into()).await.unwrap().remove(0);
        let after = change(found.record.clone().unwrap());
        let set = ChangeSet {
            stamp: Version::new(found.version.number().wrapping_add(1)),
            expectations: vec![Expectation { key: key.clone(), version: found.version }],
            writes: vec![Write { key, before: found.record, after: Some(after) }],
        };
        assert_eq!(self.store.commit(&set).await.unwrap(), Commit::Applied);
        self.mark().await;
    }

    pub async fn trail(&self) -> Vec<AuditEntry> {
        self.everything().await.of::<AuditEntry>().map(|entry| (**entry).clone()).collect()
    }

    /// How often each action is in the trail.
    pub async fn actions(&self, action: &str) -> usize {
        self.trail().await.iter().filter(|entry| entry.action == action).count()
    }

    pub async fn jobs(&self, work: &str) -> Vec<Job> {
        let all = self.everything().await;
        all.of::<Job>().filter(|job| job.work.name() == work).map(|job| (**job).clone()).collect()
    }

    /// What a person was told, in English.
    pub async fn told(&self, who: &Actor) -> Vec<Told> {
        let all = self.everything().await;
        let own = all.of::<Notification>().filter(|n| n.user_id == id_of(who));
        own.map(|n| self.said((**n).clone())).collect()
    }

    /// A notification with its words, in English.
    pub fn said(&self, notification: Notification) -> Told {
        let say = |words| self.eventify.texts().say(&Language::english(), words);
        let (title, body) = notification
            .words
            .as_ref()
            .map(say)
            .map_or_else(Default::default, |said| (said.title, said.body));
        Told { notification, title, body }
    }

    /// Every record as a log would show it.
    pub async fn as_logged(&self) -> String {
        let all = self.everything().await;
        all.records().iter().map(|record: &Record| format!("{record:?} {:?}\n", record.key())).collect()
    }
}

pub fn email_of(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

pub fn credentials(name: &str, password: &str) -> Login {
    Login::new(email_of(name), password)
}

pub fn tenge(amount_minor: i64) -> Money {
    Money::new(amount_minor, "KZT".parse().unwrap())
}

pub fn seats(quantity: u32) -> CreateTicketType {
    CreateTicketType {
        name: "Standard".to_owned(),
        price: None,
        quantity,
        sales_start: None,
        sales_end: None,
        per_person_max: None,
        hidden: false,
        waitlist_skips: false,
        doors_at: None,
        re_entry: ReEntry::Once,
    }
}

pub fn lines(event_id: EventId, of: &[(TicketTypeId, u32)]) -> HoldTickets {
    let line = |&(ticket_type_id, quantity): &(TicketTypeId, u32)| LineRequest { ticket_type_id, quantity };
    HoldTickets::new(event_id, of.iter().map(line).collect())
}

/// One of a crowd.
pub fn someone(n: u16) -> Actor {
    let mut bytes = [0xC0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    Actor::user(UserId::from_bytes(bytes), Role::Attendee)
}

/// A notification and its words, which are empty when it is not shown.
#[derive(Debug, Clone)]
pub struct Told {
    pub notification: Notification,
    pub title: String,
    pub body: String,
}

impl std::ops::Deref for Told {
    type Target = Notification;

    fn deref(&self) -> &Notification {
        &self.notification
    }
}
