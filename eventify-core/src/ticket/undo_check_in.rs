//! Taking back a check-in that was a mistake.

use std::collections::BTreeSet;

use super::Tickets;
use super::door::check_on;
use super::find::{Located, unknown};
use super::gate_scan::{GateScan, ScanOutcome};
use super::model::{Ticket, TicketState, ticket_cancelled};
use super::passages::{Passage, Passages};
use super::upload_scans::key_of;
use super::view::TicketView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event;
use crate::id::ScanId;
use crate::scope::Scope;
use crate::stats;
use crate::store::Key;
use crate::ticket_type;
use crate::work::{Decision, Work};

impl Tickets<'_> {
    /// Takes the last check-in or check-out back, as if it had not been. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `cancelled`, `event_cancelled`,
    /// `not_checked_in`.
    pub async fn undo_check_in(&self, actor: &Actor, code: &str) -> Result<TicketView, Error> {
        let actor = &*actor.within(Scope::TicketsCheckIn)?;
        actor.require_somebody()?;
        let located = self.locate(code).await?;
        let done = self.engine.executor.decide(Undo { actor: actor.clone(), located }).await?;
        TicketView::new(&done, self.engine.core())
    }
}

struct Undo {
    actor: Actor,
    located: Located,
}

impl Command for Undo {
    type Reply = Ticket;
    const NAME: &'static str = "undo_check_in";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.located.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let Located { ticket_id, event_id, .. } = self.located;
        keys.extend([Key::Ticket(ticket_id), Key::Passages(ticket_id), Key::Event(event_id)]);
        keys.insert(stats::reads(event_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Ticket> {
        let ticket = work.find::<Ticket>(&self.located.ticket_id)?.ok_or_else(unknown)?;
        let event = event::find(work, ticket.event_id)?;
        event::require_door(work, &self.actor, &event)?;
        self.located.check_issue(&ticket)?;
        check_on(&event)?;
        if matches!(ticket.state, TicketState::Cancelled { .. }) {
            return Err(ticket_cancelled().into());
        }
        let of = ticket_type::find(work, event.id, ticket.ticket_type_id)?;
        let kept = work.find::<Passages>(&ticket.id)?;
        let mut known = Passages::of(&ticket, kept.as_deref());
        let before = known.presence(&ticket.state);
        let undone = known.undo(of.re_entry)?;
        let key = |passage: &Passage| key_of(event.id, &ticket, passage);
        let scans: Vec<ScanId> = undone.iter().map(key).collect();
        work.need(scans.iter().copied().map(Key::GateScan))?;
        for id in &scans {
            // Only what was made without network, or was overtaken by such a scan, is kept by itself.
            if let Some(scan) = work.find::<GateScan>(id)? {
                work.put(GateScan { outcome: ScanOutcome::Undone, ..(*scan).clone() });
            }
        }
        let undone = Ticket { state: known.state(of.re_entry), ..(*ticket).clone() };
        stats::count_presence(work, &ticket, &before, &known.presence(&undone.state))?;
        work.put(known);
        work.put(undone.clone());
        let act = audit::Act::new("ticket.check_in_undone", "ticket", undone.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(undone)
    }
}
