//! Asking the door without going in.

use std::sync::Arc;

use super::Tickets;
use super::check_in::{Scan, acting_door};
use super::door::{check_door, check_time};
use super::find::unknown;
use super::model::Ticket;
use super::view::{TicketView, Validation};
use crate::actor::Actor;
use crate::error::{Category, Error};
use crate::event::{Event, Standing};
use crate::eventify::of_kind;
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket_type::TicketType;

/// A ticket with what the door needs to know.
struct Seen {
    ticket: Arc<Ticket>,
    event: Arc<Event>,
    of: Arc<TicketType>,
}

impl Tickets<'_> {
    /// Whether a ticket would be let in now. Changes nothing. For everybody who is logged in; only its person and
    /// the event's staff see the ticket itself.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`.
    pub async fn validate(&self, actor: &Actor, code: &str, scan: Scan) -> Result<Validation, Error> {
        let actor = &*actor.within(Scope::TicketsCheckIn)?;
        actor.require_somebody()?;
        let mut scan = scan.checked()?;
        scan.event_id = acting_door(actor, scan.event_id);
        let (seen, verdict) = match self.see(code).await {
            Ok((seen, current)) => {
                let verdict = current.and_then(|()| self.admissible(&seen, &scan));
                (Some(seen), verdict)
            }
            Err(error) => (None, Err(error)),
        };
        let reason = match &verdict {
            Ok(()) => "valid",
            // What says nothing about the ticket is no answer about it.
            Err(error) if matches!(error.category(), Category::Unavailable | Category::Internal) => {
                return Err(error.clone());
            }
            Err(error) => error.reason().code(),
        };
        let staff = match &seen {
            Some(seen) => self.engine.standing(actor, &seen.event).await? >= Standing::Scanner,
            None => false,
        };
        let shown = seen.filter(|seen| staff || actor.user_id() == Some(seen.ticket.user_id));
        let ticket = shown.map(|seen| TicketView::new(&seen.ticket, self.engine.core())).transpose()?;
        Ok(Validation { valid: verdict.is_ok(), reason: reason.to_owned(), ticket })
    }

    fn admissible(&self, seen: &Seen, scan: &Scan) -> Result<(), Error> {
        check_door(&seen.ticket, scan)?;
        check_time(&seen.ticket, &seen.event, Some(&seen.of), self.engine.core().clock.now())?;
        seen.ticket.state.check_entry(seen.of.re_entry)
    }

    /// The ticket that a code is of, and whether the code is its newest.
    async fn see(&self, code: &str) -> Result<(Seen, Result<(), Error>), Error> {
        let located = self.locate(code).await?;
        let keys = [Key::Ticket(located.ticket_id), Key::Event(located.event_id)];
        let loaded = self.engine.load_all(keys).await?;
        let ticket = of_kind::<Ticket>(&loaded).next().cloned().ok_or_else(unknown)?;
        let event = of_kind::<Event>(&loaded).next().cloned().ok_or_else(unknown)?;
        let of = self.engine.load::<TicketType>(&ticket.ticket_type_id).await?.ok_or_else(unknown)?;
        let current = located.check_issue(&ticket);
        Ok((Seen { ticket, event, of }, current))
    }
}
