//! From a code as it is shown to its ticket.

use super::Tickets;
use std::sync::Arc;

use super::code;
use super::model::{ShortCodeClaim, Ticket};
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::event::{Event, Standing};
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, TicketId};
use crate::store::{Key, ShortCode, Version};

/// A code as it was shown.
pub(super) enum Shown {
    Signed(code::CodeClaims),
    Short(ShortCode),
}

/// The ticket that a code stands for, or stood for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located {
    pub(super) ticket_id: TicketId,
    pub(super) event_id: EventId,
    /// Which issue of the ticket's codes was shown.
    pub(super) issue: u16,
}

impl Located {
    /// # Errors
    /// `reissued`.
    pub(super) fn check_issue(&self, ticket: &Ticket) -> Result<(), Error> {
        if self.issue == ticket.issue {
            return Ok(());
        }
        Err(Error::new(Reason::Reissued, "A newer code was issued for this ticket."))
    }
}

/// The ticket of a code with its event and the code's issue, for whom an unknown code is nothing.
///
/// # Errors
/// `ticket_not_found`.
pub(crate) async fn locate(engine: &Engine, code: &str) -> Result<(TicketId, EventId, u16), Error> {
    let hide = |error: Error| if error.is_retryable() { error } else { super::not_found() };
    let Located { ticket_id, event_id, issue } = Tickets { engine }.locate(code).await.map_err(hide)?;
    Ok((ticket_id, event_id, issue))
}

/// A ticket that an actor may see, with its event.
pub(super) struct Seen {
    pub(super) ticket: Arc<Ticket>,
    pub(super) event: Arc<Event>,
    pub(super) version: Version,
}

impl Tickets<'_> {
    /// The ticket of a code that was not replaced: for its person, and for the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found`.
    pub(super) async fn seen(&self, actor: &Actor, code: &str) -> Result<Seen, Error> {
        actor.require_somebody()?;
        let (ticket_id, event_id, issue) = locate(self.engine, code).await?;
        let key = Key::Ticket(ticket_id);
        let loaded = self.engine.load_all([key.clone(), Key::Event(event_id)]).await?;
        let ticket = of_kind::<Ticket>(&loaded).next().ok_or_else(super::not_found)?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(super::not_found)?;
        let own = actor.user_id() == Some(ticket.user_id);
        let current = issue == ticket.issue;
        if !current || !(own || self.engine.standing(actor, event).await? >= Standing::Scanner) {
            return Err(super::not_found());
        }
        let version = loaded.iter().find(|v| v.key == key).map(|v| v.version).ok_or_else(super::not_found)?;
        Ok(Seen { ticket: Arc::clone(ticket), event: Arc::clone(event), version })
    }

    /// The ticket of a code.
    ///
    /// # Errors
    /// `unknown`, `bad_signature`.
    pub(super) async fn locate(&self, text: &str) -> Result<Located, Error> {
        match self.parse(text).await? {
            Shown::Signed(claims) => {
                Ok(Located { ticket_id: claims.ticket_id, event_id: claims.event_id, issue: claims.issue })
            }
            Shown::Short(short) => {
                let claim = self.engine.load::<ShortCodeClaim>(&short).await?.ok_or_else(unknown)?;
                let ticket = self.engine.load::<Ticket>(&claim.ticket_id).await?.ok_or_else(unknown)?;
                Ok(Located { ticket_id: ticket.id, event_id: ticket.event_id, issue: claim.issue })
            }
        }
    }

    async fn parse(&self, text: &str) -> Result<Shown, Error> {
        let text = text.trim();
        if code::is_signed_form(text) {
            let core = self.engine.core();
            // Another process may sign with a key that this one has not seen yet.
            let keyring = core.keys.knowing(code::key_id(text), &*core.store).await?;
            return code::verify(text, &keyring, &core.signing_keys).map(Shown::Signed);
        }
        ShortCode::parse(text).map(Shown::Short).ok_or_else(unknown)
    }
}

pub(super) fn unknown() -> Error {
    Error::new(Reason::Unknown, "No ticket has this code.")
}
