//! Taking a ticket over that somebody offers.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use super::model::Transfer;
use super::offer::{check_transferable, require_not_reviewed};
use super::{Transfers, expiry_job, not_found};
use crate::account::User;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event::{self, Event};
use crate::id::{EventId, TransferId, UserId};
use crate::job::Job;
use crate::notification::{self, Attached, FactName, Notice, Words};
use crate::store::Key;
use crate::ticket::{self, Ticket, TicketView};
use crate::work::{Decision, Work};

impl Transfers<'_> {
    /// Takes over a ticket that is offered to the address of the caller's account. It gets new codes; the old ones are
    /// refused from now on.
    ///
    /// # Errors
    /// `not_authenticated`; `transfer_not_found` for everybody else; `email_not_verified`; `transfer_closed`, `ticket_already_used`,
    /// `cancelled`, `event_cancelled`, `event_not_published` and `expired` when it is over, `already_reviewed` when its giver
    /// has reviewed the event meanwhile, `too_many_issues`,
    /// `idempotency_key_reused`.
    pub async fn accept(&self, call: impl Into<Call>, id: TransferId) -> Result<Answer<TicketView>, Error> {
        let call = call.into();
        let (actor, user_id) = (call.actor().clone(), call.actor().require_user()?);
        let event_id = self.find(call.actor(), id).await?.event_id;
        let taken = self.engine.executor.submit(&call, Accept { actor, user_id, id, event_id }).await?;
        let view = TicketView::new(&taken, self.engine.core())?;
        Ok(taken.map(|_| view))
    }
}

#[derive(Serialize)]
struct Accept {
    #[serde(skip)]
    actor: Actor,
    user_id: UserId,
    id: TransferId,
    event_id: EventId,
}

impl Command for Accept {
    type Reply = Ticket;
    const NAME: &'static str = "accept_ticket";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Transfer(self.id), Key::User(self.user_id), Key::Event(self.event_id)]);
        keys.extend([Key::Job(expiry_job(self.id)), notification::reads(self.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Ticket> {
        let transfer = work.find::<Transfer>(&self.id)?.ok_or_else(not_found)?;
        let user = work.find::<User>(&self.user_id)?;
        let user = transfer.check_recipient(user.as_deref(), cx.keyring)?;
        let event = event::find(work, transfer.event_id)?;
        work.need([Key::Ticket(transfer.ticket_id), notification::reads(transfer.from_user_id)])?;
        let state = transfer.state.accept(cx.now, user.id)?;
        require_not_reviewed(work, transfer.from_user_id, event.id)?;
        let ticket = work.find::<Ticket>(&transfer.ticket_id)?.ok_or_else(ticket::not_found)?;
        check_transferable(&ticket, &event, cx)?;
        if ticket.transfer != Some(self.id) {
            // Its time was over, and the ticket was offered anew, before the clock was turned back.
            return Err(super::superseded(&transfer).into());
        }
        let free = Ticket { transfer: None, ..(*ticket).clone() };
        let taken = ticket::issue_anew(work, cx, &free, user.id)?;
        work.put(transfer.ended(state));
        if work.find::<Job>(&expiry_job(self.id))?.is_some() {
            work.delete::<Job>(&expiry_job(self.id));
        }
        tell(work, cx, &event, &transfer, &taken)?;
        let act = audit::Act::new("ticket.transferred", "ticket", taken.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(taken)
    }
}

fn tell(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    transfer: &Transfer,
    ticket: &Ticket,
) -> Decision<()> {
    let id = notification::fact_id(FactName::TicketTransferred, transfer.id.uuid(), 0);
    let data = json!({
        "transfer_id": transfer.id, "ticket_id": ticket.id, "event_id": event.id,
        "from_user_id": transfer.from_user_id, "user_id": ticket.user_id,
    });
    let fact = notification::fact(cx, FactName::TicketTransferred, id, Some(event.id), &data);
    notification::publish(work, cx, &fact);
    let gone = Words::TicketTakenOver { event: event.title.clone() };
    notification::tell(work, cx, &fact, &Notice::new(transfer.from_user_id, &gone))?;
    let words = Words::TicketGiven { event: event.title.clone(), start: event::start(event) };
    let attached = Attached::Ticket(ticket.id);
    notification::tell(work, cx, &fact, &Notice { attached, ..Notice::new(ticket.user_id, &words) }).map(drop)
}
