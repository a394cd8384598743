//! The product: an event with one ticket type, and a crowd that buys.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::store::Store;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Clock, EventId, Eventify, Role, SystemClock, TicketTypeId, UserId};
use eventify_store_redb::RedbStore;
use uuid::Uuid;

use crate::Result;
use crate::crowd::{Outcome, run_counted};

/// An event and its ticket type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shelf {
    pub(crate) event_id: EventId,
    pub(crate) ticket_type_id: TicketTypeId,
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.event_id, self.ticket_type_id)
    }
}

impl FromStr for Shelf {
    type Err = Box<dyn std::error::Error + Send + Sync>;

    fn from_str(text: &str) -> Result<Self> {
        let (event_id, ticket_type_id) = text.split_once('/').ok_or("not an event and a type")?;
        Ok(Self { event_id: event_id.parse()?, ticket_type_id: ticket_type_id.parse()? })
    }
}

/// An engine with events on sale.
pub(crate) struct Sale {
    pub(crate) eventify: Eventify,
    pub(crate) shelves: Vec<Shelf>,
}

impl Sale {
    pub(crate) async fn open(store: Arc<dyn Store>, events: usize) -> Result<Self> {
        let eventify = Eventify::builder_over(store).start().await?;
        let mut shelves = Vec::with_capacity(events);
        for nth in 0..events {
            shelves.push(put_on_sale(&eventify, nth).await?);
        }
        Ok(Self { eventify, shelves })
    }

    /// Over a store where these are on sale already.
    pub(crate) const fn of(eventify: Eventify, shelves: Vec<Shelf>) -> Self {
        Self { eventify, shelves }
    }

    /// Somebody new buys one ticket of an event.
    pub(crate) async fn buy(&self, nth: usize) -> Result {
        self.buy_some(nth, 1).await.map(drop)
    }

    /// Sells so many tickets, so many in each booking, over all events; their codes.
    pub(crate) async fn sell(self: &Arc<Self>, tickets: usize, each: u32) -> Result<Vec<String>> {
        let bookings = tickets.div_ceil(usize::try_from(each)?);
        let codes = Arc::new(Mutex::new(Vec::with_capacity(tickets)));
        let shared = (self.clone(), Arc::new(AtomicUsize::new(0)), codes.clone());
        run_counted(bookings, 256, move || {
            let (sale, nth, codes) = shared.clone();
            async move {
                let bought = sale.buy_some(nth.fetch_add(1, Ordering::Relaxed), each).await?;
                codes.lock().unwrap_or_else(PoisonError::into_inner).extend(bought);
                Ok(())
            }
        })
        .await?;
        Ok(std::mem::take(&mut *codes.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The same when nobody needs the codes: a piece at a time, since they would take more memory than anything else.
    pub(crate) async fn sell_out(self: &Arc<Self>, tickets: usize, each: u32) -> Result {
        const PIECE: usize = 100_000;
        for from in (0..tickets).step_by(PIECE) {
            self.sell((tickets - from).min(PIECE), each).await?;
        }
        Ok(())
    }

    async fn buy_some(&self, nth: usize, quantity: u32) -> Result<Vec<String>> {
        self.buy_as(&Actor::user(person(), Role::Attendee), nth, quantity).await
    }

    /// Somebody buys some tickets of an event; their codes.
    pub(crate) async fn buy_as(&self, buyer: &Actor, nth: usize, quantity: u32) -> Result<Vec<String>> {
        let shelf = self.shelves.get(nth % self.shelves.len()).ok_or("nothing on sale")?;
        let line = LineRequest { ticket_type_id: shelf.ticket_type_id, quantity };
        let request = HoldTickets::new(shelf.event_id, vec![line]);
        let bought = self.eventify.bookings().buy(buyer, request).await?;
        if bought.tickets.len() != usize::try_from(quantity)? {
            return Err("a purchase came without its tickets".into());
        }
        Ok(bought.tickets.iter().map(|ticket| ticket.code.clone()).collect())
    }
}

pub(crate) async fn put_on_sale(eventify: &Eventify, nth: usize) -> Result<Shelf> {
    let organizer = Actor::user(person(), Role::Organizer);
    let starts_at = SystemClock.now().plus(Duration::from_secs(24 * 3600));
    let event = CreateEvent {
        title: Some(format!("The hot event {nth}")),
        starts_at: Some(starts_at),
        ends_at: Some(starts_at.plus(Duration::from_secs(3600))),
        ..CreateEvent::default()
    };
    let event_id = eventify.events().create(&organizer, event).await?.id;
    let of = CreateTicketType {
        name: "Standing".to_owned(),
        price: None,
        quantity: 1_000_000,
        // Counted for everybody, and reached by nobody: over HTTP a few accounts buy everything.
        per_person_max: Some(1_000_000),
        ..CreateTicketType::default()
    };
    let ticket_type_id = eventify.ticket_types().create(&organizer, event_id, of).await?.id;
    eventify.events().publish(&organizer, event_id).await?;
    Ok(Shelf { event_id, ticket_type_id })
}

#[allow(clippy::disallowed_methods, reason = "buyers are strangers")]
fn person() -> UserId {
    UserId::from_uuid(Uuid::now_v7())
}

/// So many bookings by so many buyers at a time, in a new file; every answer comes after its fsync.
pub(crate) async fn run(bookings: usize, buyers: usize) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let sale = Arc::new(Sale::open(Arc::new(RedbStore::open(dir.path().join("sale.redb"))?), 1).await?);
    let shared = sale.clone();
    let made = run_counted(bookings, buyers, move || {
        let sale = shared.clone();
        async move { sale.buy(0).await }
    })
    .await?;
    sale.eventify.shut_down().await;
    Ok(made)
}
