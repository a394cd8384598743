//! Exports: everything of an event's attendees, bookings and money, piece by piece, for spreadsheets and other programs.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::{Actor, Eventify, Role, booking::HoldTickets, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: None, quantity: 120, ..Default::default() };
//! # eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! eventify.bookings().buy(&bob, HoldTickets::only(event_id, 2)).await?;
//!
//! let mut export = eventify.exports().attendees(&organizer, event_id).await?;
//! let mut names = Vec::new();
//! while let Some(piece) = eventify.exports().next_attendees(&mut export).await? {
//!     names.extend(piece.into_iter().map(|attendee| (attendee.ticket_type, attendee.status)));
//! }
//! assert_eq!(names.len(), 2);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attendees;
mod begin;
mod bookings;
mod ledger;

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::Arc;

pub use attendees::{AttendeeExport, ExportedAttendee};
pub use bookings::{BookingExport, ExportedBooking, ExportedLine};
pub use ledger::LedgerExport;

use crate::account::User;
use crate::error::Error;
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, TicketTypeId, UserId};
use crate::store::{Index, Key, Position, Recorded, Scan};
use crate::ticket_type::TicketType;
use crate::time::Timestamp;

/// What can be taken out. From [`Eventify::exports`](crate::Eventify::exports).
#[derive(Debug, Clone, Copy)]
pub struct Exports<'a> {
    pub(crate) engine: &'a Engine,
}

/// A list of one event on its way out, as records of one kind.
#[derive(Debug)]
pub struct EventExport<R> {
    event_id: EventId,
    began_at: Timestamp,
    pieces: Pieces<R>,
    shows_emails: bool,
}

impl<R> EventExport<R> {
    /// The event.
    #[must_use]
    pub const fn event_id(&self) -> EventId {
        self.event_id
    }

    /// When it was begun: all that was there by then is in it.
    #[must_use]
    pub const fn began_at(&self) -> Timestamp {
        self.began_at
    }
}

/// Records that one piece has: all that an export takes memory for, however long the list is.
const PIECE_RECORDS_MAX: usize = 200;

/// A list on its way out: where it stands.
#[derive(Debug)]
struct Pieces<R> {
    index: Index,
    after: Option<Position>,
    is_done: bool,
    kind: PhantomData<fn() -> R>,
}

impl<R: Recorded> Pieces<R> {
    const fn of(index: Index) -> Self {
        Self { index, after: None, is_done: false, kind: PhantomData }
    }

    /// The next piece, and what comes behind it; `None` behind the last. Stays where it is until [`Self::go_on`]: a
    /// piece that could not be made is made by the next call, and never left out.
    async fn next(&self, engine: &Engine) -> Result<Option<(Vec<Arc<R>>, Option<Position>)>, Error> {
        if self.is_done {
            return Ok(None);
        }
        let scan = Scan { after: self.after.clone(), ..Scan::first(self.index.clone(), PIECE_RECORDS_MAX) };
        let page = engine.core().store.scan(&scan).await?;
        Ok(Some((of_kind::<R>(&page.items).cloned().collect(), page.next)))
    }

    fn go_on(&mut self, behind: Option<Position>) {
        self.is_done = behind.is_none();
        self.after = behind;
    }
}

/// What the people and ticket types of a piece are called.
struct Names {
    people: BTreeMap<UserId, Arc<User>>,
    types: BTreeMap<TicketTypeId, Arc<TicketType>>,
    shows_emails: bool,
}

impl Names {
    async fn load(engine: &Engine, keys: BTreeSet<Key>, shows_emails: bool) -> Result<Self, Error> {
        let loaded = engine.load_all(keys).await?;
        Ok(Self {
            people: of_kind::<User>(&loaded).map(|user| (user.id, user.clone())).collect(),
            types: of_kind::<TicketType>(&loaded).map(|of| (of.id, of.clone())).collect(),
            shows_emails,
        })
    }

    fn of_person(&self, id: UserId) -> String {
        self.people.get(&id).map(|user| user.name.clone()).unwrap_or_default()
    }

    fn email(&self, id: UserId) -> Option<String> {
        self.people.get(&id).filter(|_| self.shows_emails).map(|user| user.email.clone())
    }

    fn of_type(&self, id: TicketTypeId) -> String {
        self.types.get(&id).map(|of| of.name.clone()).unwrap_or_default()
    }
}
