//! An engine over a database, and something to sell.

use std::time::Duration;

use eventify_core::booking::{BookingView, HoldTickets, LineRequest};
use eventify_core::check::check;
use eventify_core::event::CreateEvent;
use eventify_core::store::{Kind, Store};
use eventify_core::testing::model::Snapshot;
use eventify_core::testing::{FakeClock, SeededEntropy};
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Answer, Clock as _, Error, EventId, Eventify, Role, TicketTypeId, UserId};

pub const DAY: Duration = Duration::from_secs(24 * 3_600);

#[derive(Clone)]
pub struct Shop {
    pub eventify: Eventify,
    pub event: EventId,
    pub kind: TicketTypeId,
    pub clock: FakeClock,
}

pub type Held = Result<Answer<BookingView>, Error>;

impl Shop {
    /// Opens one with so many seats.
    pub async fn open(store: impl Store, quantity: u32) -> Self {
        let clock = FakeClock::default();
        let organizer = person(0xFFFF, Role::Organizer);
        let builder = Eventify::builder(store).clock(clock.clone()).entropy(SeededEntropy::new(1));
        let eventify = builder.without_worker().start().await.unwrap();
        let request = CreateEvent {
            title: Some("Concert".to_owned()),
            starts_at: Some(clock.now().plus(DAY)),
            ends_at: Some(clock.now().plus(2 * DAY)),
            ..Default::default()
        };
        let event = eventify.events().create(&organizer, request).await.unwrap().id;
        let seats = CreateTicketType { name: "Standard".to_owned(), quantity, ..Default::default() };
        let kind = eventify.ticket_types().create(&organizer, event, seats).await.unwrap().id;
        eventify.events().publish(&organizer, event).await.unwrap();
        Self { eventify, event, kind, clock }
    }

    /// Holds a seat for a buyer, once however often it is asked for.
    pub async fn hold(&self, buyer: u16) -> Held {
        let line = LineRequest { ticket_type_id: self.kind, quantity: 1 };
        let call = person(buyer, Role::Attendee).with_idempotency_key("once");
        self.eventify.bookings().hold(call, HoldTickets::new(self.event, vec![line])).await
    }
}

pub fn person(n: u16, role: Role) -> Actor {
    let mut bytes = [0xC0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    Actor::user(UserId::from_bytes(bytes), role)
}

/// How many records of a kind there are.
pub async fn count(store: &dyn Store, kind: Kind) -> usize {
    Snapshot::of_kinds(store, &[kind]).await.unwrap().records().len()
}

pub async fn assert_sound(store: &dyn Store) {
    let report = check(store).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
}
