//! An engine with somebody to tell, on a clock that stands still.

#![allow(dead_code, reason = "each test program uses a part")]

use std::time::Duration;

use eventify_core::account::Register;
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::job::JobClass;
use eventify_core::notification::Notifier;
use eventify_core::store::MemoryStore;
use eventify_core::testing::{FakeClock, SeededEntropy};
use eventify_core::ticket::TicketView;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Clock, EventId, Eventify, PageRequest, Role, TicketTypeId};

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

/// An engine that tells people through a notifier, and an event of free seats.
pub(crate) struct House {
    pub(crate) eventify: Eventify,
    pub(crate) clock: FakeClock,
    pub(crate) event_id: EventId,
    seats: TicketTypeId,
}

impl House {
    pub(crate) async fn open(notifier: impl Notifier) -> Self {
        let clock = FakeClock::default();
        let eventify = Eventify::builder(MemoryStore::new())
            .clock(clock.clone())
            .entropy(SeededEntropy::new(1))
            .notifier(notifier)
            .without_worker()
            .start()
            .await
            .unwrap();
        let organizer = Actor::user(register(&eventify, "olga").await, Role::Organizer);
        let start = clock.now().plus(48 * HOUR);
        let draft = CreateEvent {
            title: Some("An evening <of> jazz".into()),
            starts_at: Some(start),
            ends_at: Some(start.plus(2 * HOUR)),
            reminders: Some(Vec::new()),
            ..CreateEvent::default()
        };
        let event_id = eventify.events().create(&organizer, draft).await.unwrap().id;
        let free = CreateTicketType { name: "Free".into(), quantity: 100, ..CreateTicketType::default() };
        let seats = eventify.ticket_types().create(&organizer, event_id, free).await.unwrap().id;
        eventify.events().publish(&organizer, event_id).await.unwrap();
        let house = Self { eventify, clock, event_id, seats };
        house.run_jobs().await;
        house
    }

    pub(crate) async fn run_jobs(&self) {
        while self.eventify.jobs().run_due().await.unwrap() > 0 {}
    }

    /// Somebody new.
    pub(crate) async fn welcome(&self, name: &str) -> Actor {
        Actor::user(register(&self.eventify, name).await, Role::Attendee)
    }

    /// Somebody buys two tickets.
    pub(crate) async fn sell_to(&self, buyer: &Actor) -> Vec<TicketView> {
        let lines = vec![LineRequest { ticket_type_id: self.seats, quantity: 2 }];
        self.eventify
            .bookings()
            .buy(buyer, HoldTickets::new(self.event_id, lines))
            .await
            .unwrap()
            .into_inner()
            .tickets
    }

    /// How often messages that still wait were tried.
    pub(crate) async fn attempts(&self) -> Vec<u32> {
        let all = PageRequest::first(100);
        let waiting = self.eventify.jobs().waiting(&Actor::system(), JobClass::Outside, &all).await.unwrap();
        waiting.data.into_iter().map(|job| job.attempts).collect()
    }

    /// Why messages were given up.
    pub(crate) async fn dead(&self) -> Vec<String> {
        let admin = Actor::system();
        let dead = self.eventify.jobs().dead(&admin, &PageRequest::default()).await.unwrap().data;
        dead.into_iter().filter_map(|job| job.last_error).collect()
    }
}

async fn register(eventify: &Eventify, name: &str) -> eventify_core::UserId {
    let account = Register::new(name, format!("{name}@example.org"), "a long enough secret");
    eventify.accounts().register(&Actor::anonymous(), account).await.unwrap().id
}
