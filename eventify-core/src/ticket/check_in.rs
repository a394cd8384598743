//! The door: is this ticket good, and letting its person in once.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Tickets;
use super::code;
use super::model::{CheckIn, ShortCodeClaim, Ticket, TicketState};
use super::view::{TicketView, Validation};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Category, Error, Reason};
use crate::event::{self, Event, EventState, Standing};
use crate::eventify::of_kind;
use crate::id::{EventId, TicketId};
use crate::notification::{self, FactName, Notice};
use crate::store::{Key, ShortCode};
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Where and how a ticket is shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    /// The event whose door it is: tickets of another one are refused (`wrong_event`).
    pub event_id: Option<EventId>,
    /// The gate; at most 100 characters.
    pub gate: Option<String>,
    /// The device; at most 100 characters.
    pub device: Option<String>,
    /// The scan's own id, made by the device: repeating it (after a lost answer) is no second entry. At most 100
    /// characters.
    pub scan_id: Option<String>,
}

impl Scan {
    fn checked(mut self) -> Result<Self, Error> {
        let mut check = Check::new();
        for (field, text) in
            [("gate", &mut self.gate), ("device", &mut self.device), ("scan_id", &mut self.scan_id)]
        {
            *text = text.take().map(|t| check.optional_line(field, &t, 100)).filter(|t| !t.is_empty());
        }
        check.finish()?;
        Ok(self)
    }
}

impl Tickets<'_> {
    /// Whether a ticket would be let in now. Changes nothing. For everybody who is logged in; only its person and
    /// the event's staff see the ticket itself.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`.
    pub async fn validate(&self, actor: &Actor, code: &str, scan: Scan) -> Result<Validation, Error> {
        actor.require_somebody()?;
        let scan = scan.checked()?;
        let (ticket, event, verdict) = match self.read(code).await {
            Ok((ticket, event)) => {
                let verdict = admissible(&ticket, &event, &scan, self.engine.core().clock.now());
                let verdict =
                    verdict.and_then(|()| ticket.state.admit(CheckIn::at(Timestamp::MIN, &Scan::default())));
                (Some(ticket), Some(event), verdict.map(drop))
            }
            Err(Refused { ticket, error }) => (ticket, None, Err(error)),
        };
        let reason = match &verdict {
            Ok(()) => "valid",
            // What says nothing about the ticket is no answer about it.
            Err(error) if matches!(error.category(), Category::Unavailable | Category::Internal) => {
                return Err(error.clone());
            }
            Err(error) => error.reason().code(),
        };
        let staff = match &event {
            Some(event) => self.engine.standing(actor, event).await? >= Standing::Scanner,
            None => actor.is_admin(),
        };
        let shown = ticket.filter(|ticket| staff || actor.user_id() == Some(ticket.user_id));
        let keyring = self.engine.core().keyring();
        let ticket = shown.map(|ticket| TicketView::new(&ticket, &keyring)).transpose()?;
        Ok(Validation { valid: verdict.is_ok(), reason: reason.to_owned(), ticket })
    }

    /// Lets a ticket's person in: once. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `already_used` (with the first
    /// entry's `used_at`, `gate` and `device`), `cancelled`, `event_cancelled`, `wrong_event`, `expired`,
    /// `event_not_found` (of the door), `invalid_value`.
    pub async fn check_in(
        &self,
        call: impl Into<Call>,
        code: &str,
        scan: Scan,
    ) -> Result<Answer<TicketView>, Error> {
        let call = call.into();
        call.actor().require_somebody()?;
        let scan = scan.checked()?;
        let shown = self.parse(code).await?;
        let (ticket_id, event_id) = self.locate(&shown).await?;
        let issue = shown.issue();
        let command = Admit { actor: call.actor().clone(), ticket_id, event_id, issue, scan };
        let done = self.engine.executor.submit(&call, command).await?;
        let view = TicketView::new(&done, &self.engine.core().keyring())?;
        Ok(done.map(|_| view))
    }

    /// The ticket that a code is of, and its event; or why the code is refused.
    async fn read(&self, code: &str) -> Result<(Arc<Ticket>, Arc<Event>), Refused> {
        let shown = self.parse(code).await?;
        let (ticket_id, event_id) = self.locate(&shown).await?;
        let loaded = self.engine.load_all([Key::Ticket(ticket_id), Key::Event(event_id)]).await?;
        let ticket = of_kind::<Ticket>(&loaded).next().cloned().ok_or_else(unknown)?;
        let event = of_kind::<Event>(&loaded).next().cloned().ok_or_else(unknown)?;
        match check_issue(&ticket, shown.issue()) {
            Ok(()) => Ok((ticket, event)),
            Err(error) => Err(Refused { ticket: Some(ticket), error }),
        }
    }

    pub(super) async fn parse(&self, text: &str) -> Result<Shown, Error> {
        let text = text.trim();
        if code::is_signed_form(text) {
            let core = self.engine.core();
            // Another process may sign with a key that this one has not seen yet.
            let keyring = core.keys.knowing(code::key_id(text), &*core.store).await?;
            return code::verify(text, &keyring).map(Shown::Signed);
        }
        ShortCode::parse(text).map(Shown::Short).ok_or_else(unknown)
    }

    pub(super) async fn locate(&self, shown: &Shown) -> Result<(TicketId, EventId), Error> {
        match shown {
            Shown::Signed(claims) => Ok((claims.ticket_id, claims.event_id)),
            Shown::Short(short) => {
                let claim = self.engine.load::<ShortCodeClaim>(short).await?.ok_or_else(unknown)?;
                let ticket = self.engine.load::<Ticket>(&claim.ticket_id).await?.ok_or_else(unknown)?;
                Ok((ticket.id, ticket.event_id))
            }
        }
    }
}

/// A code as it was shown.
pub(super) enum Shown {
    Signed(code::CodeClaims),
    Short(ShortCode),
}

impl Shown {
    /// A typed code always means the newest issue.
    pub(super) const fn issue(&self) -> Option<u16> {
        match self {
            Self::Signed(claims) => Some(claims.issue),
            Self::Short(_) => None,
        }
    }
}

/// A code that is refused, with the ticket if it is known all the same.
struct Refused {
    ticket: Option<Arc<Ticket>>,
    error: Error,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { ticket: None, error }
    }
}

pub(super) fn unknown() -> Error {
    Error::new(Reason::Unknown, "No ticket has this code.")
}

fn check_issue(ticket: &Ticket, issue: Option<u16>) -> Result<(), Error> {
    if issue.is_some_and(|issue| issue != ticket.issue) {
        return Err(Error::new(Reason::Reissued, "A newer code was issued for this ticket."));
    }
    Ok(())
}

/// Whether a ticket may be let in at this door now, whatever happened to it before.
fn admissible(ticket: &Ticket, event: &Event, scan: &Scan, now: Timestamp) -> Result<(), Error> {
    if scan.event_id.is_some_and(|at| at != ticket.event_id) {
        return Err(Error::new(Reason::WrongEvent, "The ticket is for another event."));
    }
    if matches!(event.state, EventState::Cancelled { .. }) {
        return Err(Error::new(Reason::EventCancelled, "The event was cancelled."));
    }
    let over =
        matches!(event.state, EventState::Completed { .. }) || event.ends_at.is_some_and(|end| now >= end);
    // A ticket that was used before the end stays "used", which tells the door more than "over".
    if over && matches!(ticket.state, TicketState::Active) {
        return Err(Error::new(Reason::Expired, "The event is over."));
    }
    Ok(())
}

impl CheckIn {
    fn at(at: Timestamp, scan: &Scan) -> Self {
        Self { at, gate: scan.gate.clone(), device: scan.device.clone(), scan_id: scan.scan_id.clone() }
    }
}

#[derive(Serialize)]
struct Admit {
    #[serde(skip)]
    actor: Actor,
    ticket_id: TicketId,
    event_id: EventId,
    issue: Option<u16>,
    scan: Scan,
}

impl Command for Admit {
    type Reply = Ticket;
    const NAME: &'static str = "check_in";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Ticket(self.ticket_id), Key::Event(self.event_id)]);
        keys.extend(self.scan.event_id.map(Key::Event));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Ticket> {
        let ticket = work.find::<Ticket>(&self.ticket_id)?.ok_or_else(unknown)?;
        let event = event::find(work, ticket.event_id)?;
        // Staff of the door: a ticket of somebody else's event is for them to turn away, not a matter of rights.
        let door = event::find(work, self.scan.event_id.unwrap_or(event.id))?;
        event::require_door(work, &self.actor, &door)?;
        check_issue(&ticket, self.issue)?;
        admissible(&ticket, &event, &self.scan, cx.now)?;
        work.need([notification::reads(ticket.user_id)])?;
        let state = ticket.state.admit(CheckIn::at(cx.now, &self.scan))?;
        if state == ticket.state {
            // The same scan again: the first answer again.
            return Ok((*ticket).clone());
        }
        let used = Ticket { state, ..(*ticket).clone() };
        work.put(used.clone());
        tell(work, cx, &event, &used, &self.scan)?;
        let act = audit::Act::new("ticket.checked_in", "ticket", used.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(used)
    }
}

fn tell(work: &mut Work, cx: &Context<'_>, event: &Event, ticket: &Ticket, scan: &Scan) -> Decision<()> {
    // A check-in that was undone and made again is another fact.
    let nth = u64::try_from(cx.now.as_micros()).unwrap_or(0);
    let id = notification::fact_id(FactName::TicketCheckin, ticket.id.uuid(), nth);
    let data = json!({
        "ticket_id": ticket.id, "event_id": ticket.event_id, "ticket_type_id": ticket.ticket_type_id,
        "user_id": ticket.user_id, "status": ticket.state.status(), "used_at": cx.now, "gate": scan.gate,
    });
    let fact = notification::fact(cx, FactName::TicketCheckin, id, Some(event.id), &data);
    notification::publish(work, cx, &fact);
    let title = format!("Welcome to {}", event.title);
    let gate = scan.gate.as_ref().map_or_else(String::new, |gate| format!(" at {gate}"));
    let body = format!("Your ticket {} was checked in{gate}.", ticket.short_code);
    notification::tell(work, cx, &fact, &Notice { user_id: ticket.user_id, title: &title, body: &body })
        .map(drop)
}
