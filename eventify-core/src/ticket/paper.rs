//! What a ticket says on paper and in a calendar.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::find::Seen;
use super::model::TicketState;
use super::{Tickets, model, not_found};
use crate::account::User;
use crate::actor::Actor;
use crate::booking::Booking;
use crate::error::Error;
use crate::event::{Event, EventState};
use crate::eventify::of_kind;
use crate::id::{TicketId, UserId};
use crate::money::Money;
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket::{Ticket, TicketView};
use crate::ticket_type::TicketType;
use crate::time::{TimeZoneName, Timestamp};

/// A ticket with what belongs to it, for whoever draws it. Whoever has its codes can use it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct TicketPaper {
    /// The ticket and its codes.
    pub ticket: TicketView,
    /// The event's title.
    pub title: String,
    /// The house.
    pub venue: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// When the event starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When the ticket's doors open: those of its type, or else the event's.
    pub doors_at: Option<Timestamp>,
    /// The time zone that people at the event live by.
    pub time_zone: TimeZoneName,
    /// Whether the event was called off.
    pub is_event_cancelled: bool,
    /// The name of the type that it was sold as.
    pub ticket_type: String,
    /// What was to be paid for it; `None` for a ticket that was given to somebody else.
    pub price: Option<Money>,
    /// What to call its person; `None` for somebody without an account here.
    pub holder: Option<String>,
    /// When the event was made.
    pub created_at: Timestamp,
    /// When something of the event was last changed, or the ticket became void.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for TicketPaper {
    /// Without the codes and the name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketPaper").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

impl TicketPaper {
    /// Whether it lets nobody in any more.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.is_event_cancelled || self.ticket.status == model::TicketStatus::Cancelled
    }
}

impl Tickets<'_> {
    /// What a ticket says, for a calendar; also of one that is void. For whom [`Tickets::get`] shows it.
    ///
    /// # Errors
    /// As [`Tickets::get`].
    pub async fn paper(&self, actor: &Actor, code: &str) -> Result<TicketPaper, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        let Seen { ticket, event, .. } = self.seen(actor, code).await?;
        self.paper_of(&ticket, &event).await
    }

    /// What a ticket says, to be printed: a void one is refused, since paper cannot be called back. One that was used is
    /// printed as it was.
    ///
    /// # Errors
    /// As [`Tickets::get`]; `cancelled`, `event_cancelled`.
    pub async fn printed(&self, actor: &Actor, code: &str) -> Result<TicketPaper, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        let Seen { ticket, event, .. } = self.seen(actor, code).await?;
        if matches!(event.state, EventState::Cancelled { .. }) {
            event.state.require_published()?;
        }
        if matches!(ticket.state, TicketState::Cancelled { .. }) {
            return Err(model::ticket_cancelled());
        }
        self.paper_of(&ticket, &event).await
    }

    /// What the first of some tickets say that are a person's and let somebody in.
    pub(crate) async fn good_papers(
        &self,
        user_id: UserId,
        ids: &[TicketId],
        papers_max: usize,
    ) -> Result<Vec<TicketPaper>, Error> {
        let loaded = self.engine.load_all(ids.iter().copied().map(Key::Ticket)).await?;
        let found: BTreeMap<TicketId, &Arc<Ticket>> = of_kind::<Ticket>(&loaded).map(|t| (t.id, t)).collect();
        let is_good =
            |t: &&&Arc<Ticket>| t.user_id == user_id && !matches!(t.state, TicketState::Cancelled { .. });
        let mut papers = Vec::new();
        for ticket in ids.iter().filter_map(|id| found.get(id)).filter(is_good).take(papers_max) {
            if let Some(event) = self.engine.load::<Event>(&ticket.event_id).await? {
                let paper = self.paper_of(ticket, &event).await?;
                papers.extend(Some(paper).filter(|paper| !paper.is_void()));
            }
        }
        Ok(papers)
    }

    async fn paper_of(&self, ticket: &Ticket, event: &Event) -> Result<TicketPaper, Error> {
        let keys = [
            Key::TicketType(ticket.ticket_type_id),
            Key::Booking(ticket.booking_id),
            Key::User(ticket.user_id),
        ];
        let loaded = self.engine.load_all(keys).await?;
        let of = of_kind::<TicketType>(&loaded).next().ok_or_else(not_found)?;
        let booking = of_kind::<Booking>(&loaded).next().filter(|booking| booking.user_id == ticket.user_id);
        let holder = of_kind::<User>(&loaded).next().map(|user| user.name.clone());
        let (starts_at, ends_at) = event.starts_at.zip(event.ends_at).ok_or_else(not_found)?;
        let voided_at = match ticket.state {
            TicketState::Cancelled { at } => at,
            _ => ticket.purchased_at,
        };
        Ok(TicketPaper {
            ticket: TicketView::new(ticket, self.engine.core())?,
            title: event.title.clone(),
            venue: event.venue.clone(),
            city: event.city.clone(),
            starts_at,
            ends_at,
            doors_at: of.doors_at.or(event.doors_at),
            time_zone: event.time_zone.clone(),
            is_event_cancelled: matches!(event.state, EventState::Cancelled { .. }),
            ticket_type: of.name.clone(),
            price: booking.and_then(|booking| price(booking, ticket)),
            holder,
            created_at: event.created_at,
            updated_at: event.updated_at.max(voided_at),
        })
    }
}

/// What was to be paid for one ticket of a booking.
fn price(booking: &Booking, ticket: &Ticket) -> Option<Money> {
    let of_type = |line: &&crate::booking::BookingLine| line.ticket_type_id == ticket.ticket_type_id;
    booking.lines.iter().find(of_type).and_then(|line| line.unit_due().ok())
}
