//! Tickets: signed codes, QR pictures, and the door.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::ticket::{Scan, TicketVerifier};
//! use eventify_core::{Actor, Eventify, Reason, Role, booking::HoldTickets, store::MemoryStore};
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
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let one = HoldTickets::only(event_id, 1); // of the event's only type
//! let ticket = eventify.bookings().buy(&bob, one).await?.tickets[0].clone();
//! let picture = eventify.tickets().qr_svg(&bob, &ticket.code).await?;
//! assert!(picture.contains("<svg"));
//!
//! // A device at the door verifies without network …
//! let keys = eventify.tickets().public_keys(&organizer, event_id).await?;
//! assert_eq!(TicketVerifier::new(event_id, &keys)?.verify(&ticket.code)?.ticket_id, ticket.id);
//!
//! // … and the engine lets in once, by the picture or by the typed code.
//! let north = Scan { gate: Some("North".into()), ..Scan::default() };
//! eventify.tickets().check_in(&organizer, &ticket.code, north).await?;
//! let twice = eventify.tickets().check_in(&organizer, &ticket.short_code, Scan::default()).await;
//! assert_eq!(twice.unwrap_err().reason(), Reason::AlreadyUsed);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attendees;
mod check_in;
mod code;
mod door;
mod find;
mod gate_scan;
mod model;
mod paper;
mod passages;
mod personal;
mod qr;
mod reissue;
mod rotate_keys;
mod undo_check_in;
mod upload_scans;
mod validate;
mod view;

pub(crate) use check_in::CHECKED_IN;
pub use check_in::Scan;
pub use code::{CodeClaims, TicketKey, TicketVerifier};
pub(crate) use find::locate;
pub use gate_scan::{GateScan, GateScanView, ScanOutcome};
pub use model::{CheckIn, ShortCodeClaim, Ticket, TicketState, TicketStatus};
pub use paper::TicketPaper;
pub use passages::{Direction, Passage, Passages};
pub(crate) use personal::PERSONAL;
pub(crate) use reissue::issue_anew;
pub use upload_scans::{OfflineScan, UploadScans};
pub use view::{AttendeeView, DoorTicket, TicketView, Validation};

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::EventId;
use crate::keyring::Keyring;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key};

/// What can be done with tickets. From [`Eventify::tickets`](crate::Eventify::tickets).
#[derive(Debug, Clone, Copy)]
pub struct Tickets<'a> {
    pub(crate) engine: &'a Engine,
}

pub(crate) fn not_found() -> Error {
    Error::new(Reason::TicketNotFound, "There is no such ticket.")
}

impl Tickets<'_> {
    /// The caller's tickets, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn mine(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<TicketView>, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        let user_id = actor.require_user()?;
        let found = self.engine.list::<Ticket>(Index::TicketsOfUser(user_id), true, page).await?;
        let core = self.engine.core();
        let data = found.data.iter().map(|ticket| TicketView::new(ticket, core)).collect::<Result<_, _>>()?;
        Ok(Listing { data, next_cursor: found.next_cursor })
    }

    /// The ticket of a code, signed or short: for its person, and for the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found` for strangers, and for a code that is none or was replaced.
    pub async fn get(&self, actor: &Actor, code: &str) -> Result<Fetched<TicketView>, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        let seen = self.seen(actor, code).await?;
        let view = TicketView::new(&seen.ticket, self.engine.core())?;
        Ok(Fetched::new(view, seen.version))
    }

    /// The code of a ticket as an SVG picture.
    ///
    /// # Errors
    /// As [`Tickets::get`].
    pub async fn qr_svg(&self, actor: &Actor, code: &str) -> Result<String, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        qr::svg(&self.get(actor, code).await?.code)
    }

    /// The code of a ticket as a PNG picture.
    ///
    /// # Errors
    /// As [`Tickets::get`].
    pub async fn qr_png(&self, actor: &Actor, code: &str) -> Result<Vec<u8>, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        qr::png(&self.get(actor, code).await?.code)
    }

    /// The public keys that verify an event's codes without network: give them to door devices.
    ///
    /// # Errors
    /// `event_not_found`.
    pub async fn public_keys(&self, actor: &Actor, event_id: EventId) -> Result<Vec<TicketKey>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let loaded = self.engine.load_all([Key::Event(event_id), Key::Keyring(())]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        // As the store has it: a door device keeps what it gets for days.
        let keyring = of_kind::<Keyring>(&loaded).next();
        let keyring = keyring.ok_or_else(|| Error::internal("the store has no keyring"))?;
        code::public_keys(keyring, event_id)
    }
}
