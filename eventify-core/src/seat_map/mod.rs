//! Seat maps: sections, rows and numbered seats, so that a ticket says where its person sits.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::booking::{HoldTickets, LineRequest};
//! use eventify_core::seat_map::{PutBlock, PutRow, PutSection, SeatId};
//! use eventify_core::{Actor, Eventify, Role, store::MemoryStore};
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
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: None, quantity: 1, ..Default::default() };
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let left = PutBlock { ticket_type_id: stalls.id, from: 1, to: 10 };
//! let row = PutRow { label: "A".into(), blocks: vec![left], ..PutRow::default() };
//! let section = PutSection { name: "Stalls".into(), rows: vec![row] };
//! eventify.seat_maps().put_section(&organizer, event_id, 1, section).await?;
//!
//! // The best two together, or the very seats that somebody clicked on.
//! let line = LineRequest { ticket_type_id: stalls.id, quantity: 2 };
//! let best = eventify.bookings().hold(&bob, HoldTickets::new(event_id, vec![line])).await?;
//! assert_eq!(best.lines[0].seats[1].seat, SeatId { section: 1, row: 1, number: 2 });
//! let seat = SeatId { section: 1, row: 1, number: 7 };
//! let named = eventify.bookings().hold(&bob, HoldTickets::named(event_id, vec![seat])).await?;
//! assert_eq!(named.lines[0].seats[0].row, "A");
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod choose;
mod delete;
mod model;
mod put;
mod rows;
mod take;
mod view;

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::EventId;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key, SeatSectionKey, Version};

pub(crate) use choose::{Wanted, best, prepare};
pub(crate) use delete::{delete_with_event, reads_of_deletion};
pub use model::{
    BookedSeat, Room, RowSummary, Runs, SeatBlock, SeatId, SeatMap, SeatRow, SeatSection, SeatStatus,
    SectionSummary,
};
pub use put::{PutSeatMap, PutSection};
pub use rows::{PutBlock, PutRow};
pub(crate) use take::{named, reads, require_as_booked, require_no_gaps, row_key, turn};
pub use view::{SeatBlockView, SeatMapView, SeatRowView, SectionView};

/// What can be done with seat maps. From [`Eventify::seat_maps`](crate::Eventify::seat_maps).
#[derive(Debug, Clone, Copy)]
pub struct SeatMaps<'a> {
    pub(crate) engine: &'a Engine,
}

impl SeatMaps<'_> {
    /// The seat map of an event: its sections, and how many seats of each are free.
    ///
    /// # Errors
    /// `event_not_found`, `seat_map_not_found`.
    pub async fn get(&self, actor: &Actor, event_id: EventId) -> Result<Fetched<SeatMapView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let loaded = self.engine.load_all([Key::Event(event_id), Key::SeatMap(event_id)]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        let map = of_kind::<SeatMap>(&loaded).next().ok_or_else(no_map)?;
        let key = |section: &SectionSummary| {
            Key::SeatSection(SeatSectionKey { event_id, section: section.section })
        };
        let sections = self.engine.load_all(map.sections.iter().map(key)).await?;
        let version = sections.iter().chain(&loaded).filter(|v| !matches!(v.key, Key::Event(_)));
        let version = version.fold(Version::ABSENT, |all, v| all.and(v.version));
        let view = SeatMapView::new(map, of_kind::<SeatSection>(&sections).map(|section| &**section));
        Ok(Fetched::new(view, version))
    }

    /// The rows of a section, in order, with what every seat of them is.
    ///
    /// # Errors
    /// `event_not_found`, `section_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn rows(
        &self,
        actor: &Actor,
        event_id: EventId,
        section: u16,
        page: &PageRequest,
    ) -> Result<Listing<SeatRowView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let key = SeatSectionKey { event_id, section };
        let loaded = self.engine.load_all([Key::Event(event_id), Key::SeatSection(key)]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        of_kind::<SeatSection>(&loaded).next().ok_or_else(no_section)?;
        let rows = self.engine.list::<SeatRow>(Index::SeatRowsOfSection(key), false, page).await?;
        Ok(rows.map(|row| SeatRowView::from(&*row)))
    }
}

fn no_map() -> Error {
    Error::new(Reason::SeatMapNotFound, "The event has no seat map.")
}

fn no_section() -> Error {
    Error::new(Reason::SectionNotFound, "The seat map has no such section.")
}
