//! Coming in and going out at the door.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Tickets;
use super::door::{check_door, check_time};
use super::find::{Located, unknown};
use super::model::{CheckIn, Ticket, TicketState};
use super::passages::{Direction, Passage, Passages};
use super::view::TicketView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event::{self, Event};
use crate::id::{EventId, TicketId};
use crate::notification::{self, FactName, Notice, Words};
use crate::scope::Scope;
use crate::stats;
use crate::store::Key;
use crate::ticket_type::{self, ReEntry};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Where and how a ticket is shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    /// The event whose door it is: tickets of another one are refused (`wrong_event`). A device's own if absent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub event_id: Option<EventId>,
    /// The gate; at most 100 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub gate: Option<String>,
    /// The device; at most 100 characters. One that shows its own key need not and cannot name another.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub device: Option<String>,
    /// The scan's own id, made by the device: repeating it (after a lost answer) is no second entry. At most 100
    /// characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub scan_id: Option<String>,
}

impl Scan {
    pub(super) fn checked(mut self) -> Result<Self, Error> {
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
    /// Lets a ticket's person in: once, or once after each check-out, as its type says. For the event's staff. The
    /// same scan again gets the first answer again.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `already_used` (with the last
    /// entry's `used_at`, `gate` and `device`), `cancelled`, `event_cancelled`, `wrong_event`, `not_yet_valid` (with
    /// `doors_at`), `expired`, `too_many_passages`, `event_not_found` (of the door), `invalid_value`.
    pub async fn check_in(
        &self,
        call: impl Into<Call>,
        code: &str,
        scan: Scan,
    ) -> Result<Answer<TicketView>, Error> {
        self.pass(call.into(), code, scan, Direction::In).await
    }

    /// Lets a ticket's person out, to come in again. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `not_checked_in`,
    /// `no_re_entry` when its type lets in once, `cancelled`, `wrong_event`, `too_many_passages`, `event_not_found`
    /// (of the door), `invalid_value`.
    pub async fn check_out(
        &self,
        call: impl Into<Call>,
        code: &str,
        scan: Scan,
    ) -> Result<Answer<TicketView>, Error> {
        self.pass(call.into(), code, scan, Direction::Out).await
    }

    async fn pass(
        &self,
        call: Call,
        code: &str,
        scan: Scan,
        direction: Direction,
    ) -> Result<Answer<TicketView>, Error> {
        let call = call.within(Scope::TicketsCheckIn)?;
        call.actor().require_somebody()?;
        let mut scan = scan.checked()?;
        scan.device = acting_device(call.actor(), scan.device);
        scan.event_id = acting_door(call.actor(), scan.event_id);
        let located = self.locate(code).await?;
        let Located { ticket_id, event_id, issue } = located;
        let command = Pass { actor: call.actor().clone(), ticket_id, event_id, issue, scan, direction };
        let done = self.engine.executor.submit(&call, command).await?;
        let view = TicketView::new(&done, self.engine.core())?;
        Ok(done.map(|_| view))
    }
}

impl CheckIn {
    fn at(at: crate::Timestamp, scan: &Scan) -> Self {
        Self { at, gate: scan.gate.clone(), device: scan.device.clone(), scan_id: scan.scan_id.clone() }
    }
}

#[derive(Serialize)]
struct Pass {
    #[serde(skip)]
    actor: Actor,
    ticket_id: TicketId,
    event_id: EventId,
    issue: u16,
    scan: Scan,
    direction: Direction,
}

impl Command for Pass {
    type Reply = Ticket;
    const NAME: &'static str = "pass_door";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let (ticket_id, event_id) = (self.ticket_id, self.event_id);
        keys.extend([Key::Ticket(ticket_id), Key::Passages(ticket_id), Key::Event(event_id)]);
        keys.insert(stats::reads(event_id));
        keys.extend(self.scan.event_id.map(Key::Event));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Ticket> {
        let ticket = work.find::<Ticket>(&self.ticket_id)?.ok_or_else(unknown)?;
        let event = event::find(work, ticket.event_id)?;
        // Staff of the door: a ticket of somebody else's event is for them to turn away, not a matter of rights.
        let door = event::find(work, self.scan.event_id.unwrap_or(event.id))?;
        event::require_door(work, &self.actor, &door)?;
        work.need([Key::TicketType(ticket.ticket_type_id), notification::reads(ticket.user_id)])?;
        let of = ticket_type::find(work, event.id, ticket.ticket_type_id)?;
        let kept = work.find::<Passages>(&ticket.id)?;
        let mut known = Passages::of(&ticket, kept.as_deref());
        check_door(&ticket, &self.scan)?;
        let device = self.scan.device.as_deref();
        if let Some(first) = known.repeated(self.direction, device, self.scan.scan_id.as_deref()) {
            // The same scan again: the first answer again, whatever happened since.
            return Ok(after(&ticket, first));
        }
        Located { ticket_id: ticket.id, event_id: event.id, issue: self.issue }.check_issue(&ticket)?;
        match self.direction {
            Direction::In => {
                check_time(&ticket, &event, Some(&of), cx.now)?;
                ticket.state.check_entry(of.re_entry)?;
            }
            Direction::Out => ticket.state.check_exit(of.re_entry)?,
        }
        let scan = CheckIn::at(known.next_instant(cx.now), &self.scan);
        let before = known.presence(&ticket.state);
        known.add(Passage { direction: self.direction, scan, undone: false })?;
        let (passed, nth) =
            (Ticket { state: known.state(of.re_entry), ..(*ticket).clone() }, known.list.len());
        stats::count_presence(work, &ticket, &before, &known.presence(&passed.state))?;
        if kept.is_some() || of.re_entry == ReEntry::InOut {
            work.put(known);
        }
        work.put(passed.clone());
        if self.direction == Direction::In {
            tell(work, cx, &event, &passed, (nth, matches!(ticket.state, TicketState::Active)))?;
        }
        audit::record(
            work,
            cx,
            &self.actor,
            &audit::Act::new(action(self.direction), "ticket", passed.id).of_event(event.id),
        );
        Ok(passed)
    }
}

/// Which device scans: the one that shows its key, else the one that is named. Its ids of scans are its own.
pub(super) fn acting_device(actor: &Actor, named: Option<String>) -> Option<String> {
    if actor.as_device().is_some() { Some(actor.label()) } else { named }
}

/// Whose door it is: a device works at one event, named or not, and turns tickets of others away as such.
pub(super) fn acting_door(actor: &Actor, named: Option<EventId>) -> Option<EventId> {
    named.or_else(|| actor.as_device().map(|(_, event_id)| event_id))
}

/// What the trail calls an entry.
pub(crate) const CHECKED_IN: &str = "ticket.checked_in";

/// What the trail calls it.
pub(super) const fn action(direction: Direction) -> &'static str {
    match direction {
        Direction::In => CHECKED_IN,
        Direction::Out => "ticket.checked_out",
    }
}

/// The ticket as it was after a passage.
fn after(ticket: &Ticket, passage: &Passage) -> Ticket {
    let scan = passage.scan.clone();
    let state = match passage.direction {
        Direction::In => TicketState::Used(scan),
        Direction::Out => TicketState::Left { at: scan.at, check_in: scan },
    };
    Ticket { state, ..ticket.clone() }
}

/// Other systems hear of every entry, the person of the first. `nth` of all scans of the ticket that are known.
pub(super) fn tell(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    ticket: &Ticket,
    (nth, is_first): (usize, bool),
) -> Decision<()> {
    let Some(check_in) = ticket.state.check_in() else {
        return Ok(());
    };
    // A check-in that was undone and made again is another fact, at the same instant, too.
    let nth = u64::try_from(nth).unwrap_or(u64::MAX);
    let id = notification::fact_id(FactName::TicketCheckin, ticket.id.uuid(), nth);
    let data = json!({
        "ticket_id": ticket.id, "event_id": ticket.event_id, "ticket_type_id": ticket.ticket_type_id,
        "user_id": ticket.user_id, "status": ticket.state.status(), "used_at": check_in.at, "gate": check_in.gate,
    });
    let fact = notification::fact(cx, FactName::TicketCheckin, id, Some(event.id), &data);
    notification::publish(work, cx, &fact);
    if !is_first {
        return Ok(());
    }
    let words = Words::TicketCheckedIn {
        event: event.title.clone(),
        code: ticket.short_code.to_string(),
        gate: check_in.gate.clone(),
    };
    notification::tell(work, cx, &fact, &Notice::new(ticket.user_id, &words)).map(drop)
}
