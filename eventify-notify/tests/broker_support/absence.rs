//! An hour without a broker, through the engine, on a clock that stands still.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::notification::Publisher;
use eventify_core::store::MemoryStore;
use eventify_core::testing::FakeClock;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Clock, EventId, Eventify, PageRequest, Role, TicketTypeId, UserId};

use super::facts::Arrived;

const MINUTE: Duration = Duration::from_secs(60);
/// Tickets that are sold meanwhile.
const SOLD: u8 = 10;
/// One of each about every ticket, and one about the event.
const FACTS: usize = 2 * SOLD as usize + 1;

/// Somebody who sells tickets.
struct Shop {
    eventify: Eventify,
    clock: FakeClock,
    event: EventId,
    seats: TicketTypeId,
}

impl Shop {
    async fn open(publisher: impl Publisher) -> Self {
        let clock = FakeClock::default();
        let builder = Eventify::builder(MemoryStore::new()).clock(clock.clone()).without_worker();
        let eventify = builder.publisher(publisher).start().await.unwrap();
        let organizer = Actor::user(UserId::from_bytes([1; 16]), Role::Organizer);
        let start = clock.now().plus(Duration::from_secs(24 * 3600));
        let draft = CreateEvent {
            title: Some("An evening with the Analytical Engine".into()),
            starts_at: Some(start),
            ends_at: Some(start.plus(Duration::from_secs(7200))),
            ..CreateEvent::default()
        };
        let event = eventify.events().create(&organizer, draft).await.unwrap().id;
        let seats = CreateTicketType { name: "Seat".into(), quantity: 100, ..CreateTicketType::default() };
        let seats = eventify.ticket_types().create(&organizer, event, seats).await.unwrap().id;
        eventify.events().publish(&organizer, event).await.unwrap();
        Self { eventify, clock, event, seats }
    }

    async fn sell_to(&self, nth: u8) {
        let buyer = Actor::user(UserId::from_bytes([100 + nth; 16]), Role::Attendee);
        let lines = vec![LineRequest { ticket_type_id: self.seats, quantity: 1 }];
        self.eventify.bookings().buy(&buyer, HoldTickets::new(self.event, lines)).await.unwrap();
    }

    async fn run_jobs(&self) {
        while self.eventify.jobs().run_due().await.unwrap() > 0 {}
    }
}

/// Sells tickets while a broker is down for an hour; once it is back it has every fact, and nobody gave anything up. `read` gives all
/// that it has. Answers how often a fact arrived a second time.
pub async fn an_hour_without(
    publisher: impl Publisher,
    stop: impl FnOnce(),
    start_again: impl FnOnce(),
    mut read: impl AsyncFnMut() -> Vec<Arrived>,
) -> usize {
    stop();
    let shop = Shop::open(publisher).await;
    for nth in 0..SOLD {
        shop.sell_to(nth).await;
        shop.run_jobs().await;
        shop.clock.advance(6 * MINUTE);
    }
    assert_eq!(shop.eventify.jobs().backlog().await.unwrap().dead, 0);
    start_again();
    // A pause is an hour at most; the connection comes back by itself, in real time.
    let arriving = async {
        loop {
            shop.clock.advance(10 * MINUTE);
            shop.run_jobs().await;
            let arrived = read().await;
            if arrived.iter().map(|one| &one.id).collect::<BTreeSet<_>>().len() >= FACTS {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let arrived = tokio::time::timeout(2 * MINUTE, arriving).await.expect("all arrive");
    let by_id: BTreeMap<_, _> = arrived.iter().map(|one| (&one.id, one.name.as_str())).collect();
    let count = |name| by_id.values().filter(|other| **other == name).count();
    assert_eq!(
        (count("event.published"), count("ticket.purchased"), count("booking.confirmed")),
        (1, usize::from(SOLD), usize::from(SOLD))
    );
    let dead = shop.eventify.jobs().dead(&Actor::system(), &PageRequest::default()).await.unwrap();
    assert!(dead.data.is_empty(), "{dead:?}");
    shop.eventify.shut_down().await;
    arrived.len() - by_id.len()
}
