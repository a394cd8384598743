//! The end of an offer that nobody accepted: by its giver's word, or by the clock.

use std::collections::BTreeSet;

use super::model::{Transfer, TransferState};
use super::{Transfers, expiry_job, not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::{EventId, TransferId, UserId};
use crate::job::Job;
use crate::store::Key;
use crate::ticket::Ticket;
use crate::work::{Decision, Work};

impl Transfers<'_> {
    /// Takes an offer back. For whoever made it.
    ///
    /// # Errors
    /// `not_authenticated`, `transfer_not_found` for everybody else, `transfer_closed`.
    pub async fn withdraw(&self, actor: &Actor, id: TransferId) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        let event_id = self.find(actor, id).await?.event_id;
        let command = Withdraw { actor: actor.clone(), user_id, id, event_id };
        self.engine.executor.decide(command).await
    }
}

struct Withdraw {
    actor: Actor,
    user_id: UserId,
    id: TransferId,
    event_id: EventId,
}

impl Command for Withdraw {
    type Reply = ();
    const NAME: &'static str = "withdraw_ticket";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Transfer(self.id), Key::Job(expiry_job(self.id))]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let found = work.find::<Transfer>(&self.id)?;
        let transfer = found.filter(|t| t.from_user_id == self.user_id).ok_or_else(not_found)?;
        let state = transfer.state.withdraw(cx.now)?;
        if work.find::<Job>(&expiry_job(self.id))?.is_some() {
            work.delete::<Job>(&expiry_job(self.id));
        }
        close(work, cx, &transfer, state, &self.actor, "transfer.withdrawn")
    }
}

/// Ends an offer whose deadline has passed. One that was accepted or withdrawn before stays as it is.
pub(crate) fn expire(work: &mut Work, cx: &Context<'_>, id: TransferId) -> Decision<()> {
    let Some(transfer) = work.find::<Transfer>(&id)? else {
        return Ok(());
    };
    match transfer.state.expire(cx.now) {
        Ok(state) => close(work, cx, &transfer, state, &Actor::system(), "transfer.expired"),
        Err(_) => Ok(()),
    }
}

pub(super) fn close(
    work: &mut Work,
    cx: &Context<'_>,
    transfer: &Transfer,
    state: TransferState,
    actor: &Actor,
    action: &'static str,
) -> Decision<()> {
    // The ticket may be offered anew by now.
    let ticket = work.find::<Ticket>(&transfer.ticket_id)?.filter(|t| t.transfer == Some(transfer.id));
    if let Some(ticket) = ticket {
        work.put(Ticket { transfer: None, ..(*ticket).clone() });
    }
    work.put(transfer.ended(state));
    let act = audit::Act::new(action, "transfer", transfer.id).of_event(transfer.event_id);
    audit::record(work, cx, actor, &act);
    Ok(())
}
