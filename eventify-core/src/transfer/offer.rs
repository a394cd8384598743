//! Offering a ticket to somebody else.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{Transfer, TransferState};
use super::view::TransferView;
use super::{Transfers, expiry_job, hash_of};
use crate::account::EmailClaim;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::{self, Event};
use crate::id::{EventId, TicketId, TransferId, UserId};
use crate::job::{self, JobWork};
use crate::notification::{self, FactName, Notice, Words};
use crate::review::{Review, review_id};
use crate::store::{EmailKey, Key};
use crate::ticket::{self, Ticket};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// To whom a ticket is offered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields)]
pub struct OfferTicket {
    /// The e-mail address of their account, which they may make later; at most 254 characters.
    pub email: String,
}

impl fmt::Debug for OfferTicket {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfferTicket(…)")
    }
}

impl Transfers<'_> {
    /// Offers a ticket to the person of an e-mail address: they have three days, at most until the event ends, to
    /// accept. Until then it stays the caller's, who can use it. For the ticket's person. Whether somebody has an
    /// account of this address is not said.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found` for a code that is none, is old, or is somebody else's;
    /// `invalid_value` (no address, or one's own), `ticket_already_used`, `cancelled`, `event_cancelled`,
    /// `event_not_published` and `expired` when it is over, `already_reviewed`, `transfer_pending`,
    /// `idempotency_key_reused`.
    pub async fn offer(
        &self,
        call: impl Into<Call>,
        code: &str,
        request: OfferTicket,
    ) -> Result<Answer<TransferView>, Error> {
        let call = call.into();
        let (actor, user_id) = (call.actor().clone(), call.actor().require_user()?);
        let mut check = Check::new();
        let email = check.line("email", &request.email, 254);
        let parts = email.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
        check.require(parts.is_some(), "email", "must be an e-mail address");
        check.finish()?;
        let (ticket_id, event_id, issue) = ticket::locate(self.engine, code).await?;
        let to_email = EmailKey::new(&email);
        let command = Offer { actor, user_id, ticket_id, event_id, issue, to_email: to_email.clone() };
        let offered = self.engine.executor.submit(&call, command).await?;
        // The stored answer to a repeated request has no address; the request has it.
        let view =
            |transfer: Transfer| TransferView::from(&Transfer { to_email: Some(to_email), ..transfer });
        Ok(offered.map(view))
    }
}

#[derive(Serialize)]
struct Offer {
    #[serde(skip)]
    actor: Actor,
    user_id: UserId,
    ticket_id: TicketId,
    event_id: EventId,
    issue: u16,
    to_email: EmailKey,
}

impl Command for Offer {
    /// Without the address.
    type Reply = Transfer;
    const NAME: &'static str = "offer_ticket";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Ticket(self.ticket_id), Key::Event(self.event_id)]);
        keys.extend([Key::EmailClaim(self.to_email.clone()), Key::User(self.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Transfer> {
        let found = work.find::<Ticket>(&self.ticket_id)?;
        let ticket = found.filter(|t| t.user_id == self.user_id && t.issue == self.issue);
        let ticket = ticket.ok_or_else(ticket::not_found)?;
        let event = event::find(work, ticket.event_id)?;
        let own = work.find::<crate::account::User>(&self.user_id)?;
        if own.is_some_and(|user| EmailKey::new(&user.email) == self.to_email) {
            return Err(Error::invalid("email", "must be somebody else's").into());
        }
        check_transferable(&ticket, &event, cx)?;
        require_not_reviewed(work, self.user_id, event.id)?;
        if let Some(open) = ticket.transfer {
            let open = work.find::<Transfer>(&open)?;
            // One whose time is over is ended by its job, late perhaps: it keeps nobody from offering anew.
            if open.is_some_and(|open| open.state.expire(cx.now).is_err()) {
                let sentence = "The ticket is offered already: withdraw that first.";
                return Err(Error::new(Reason::TransferPending, sentence).into());
            }
        }
        let id = TransferId::from_uuid(cx.new_uuid());
        let deadline = cx.now.plus(cx.settings.transfer_for);
        let expires_at = event.ends_at.map_or(deadline, |end| deadline.min(end));
        let transfer = Transfer {
            id,
            ticket_id: ticket.id,
            event_id: event.id,
            from_user_id: self.user_id,
            to_email: Some(self.to_email.clone()),
            to_hash: hash_of(cx.keyring, &self.to_email),
            state: TransferState::Offered { expires_at },
            created_at: cx.now,
        };
        self.tell(work, cx, &event, &transfer)?;
        let work_later = JobWork::ExpireTransfer(id, event.id);
        job::schedule(work, cx, expiry_job(id), work_later, expires_at);
        work.put(transfer.clone());
        work.put(Ticket { transfer: Some(id), ..(*ticket).clone() });
        let act = audit::Act::new("ticket.offered", "transfer", id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(Transfer { to_email: None, ..transfer })
    }
}

/// # Errors
/// `event_cancelled`, `event_not_published`, `expired`, `cancelled`, `ticket_already_used`.
pub(super) fn check_transferable(ticket: &Ticket, event: &Event, cx: &Context<'_>) -> Result<(), Error> {
    event.state.require_published()?;
    ticket.state.require_unused()?;
    if event.ends_at.is_some_and(|end| cx.now >= end) {
        return Err(Error::new(Reason::Expired, "The event is over."));
    }
    Ok(())
}

/// One ticket, one review: whoever has reviewed the event keeps their tickets for it.
///
/// # Errors
/// `already_reviewed`.
pub(super) fn require_not_reviewed(work: &mut Work, giver: UserId, event_id: EventId) -> Decision<()> {
    let review = work.find::<Review>(&review_id(event_id, giver))?;
    if review.is_some_and(|review| review.is_there()) {
        let sentence =
            "Whoever has reviewed an event gives no ticket of it away; take the review back first.";
        return Err(Error::new(Reason::AlreadyReviewed, sentence).into());
    }
    Ok(())
}

impl Offer {
    /// Whoever has the address now hears of it at once; who makes an account later finds it there.
    fn tell(&self, work: &mut Work, cx: &Context<'_>, event: &Event, transfer: &Transfer) -> Decision<()> {
        let id = notification::fact_id(FactName::TicketOffered, transfer.id.uuid(), 0);
        let data = json!({
            "transfer_id": transfer.id, "ticket_id": transfer.ticket_id, "event_id": event.id,
            "user_id": transfer.from_user_id,
        });
        let fact = notification::fact(cx, FactName::TicketOffered, id, Some(event.id), &data);
        notification::publish(work, cx, &fact);
        let Some(claim) = work.find::<EmailClaim>(&self.to_email)? else {
            return Ok(());
        };
        let words = Words::TicketOffered { event: event.title.clone(), start: event::start(event) };
        notification::tell(work, cx, &fact, &Notice::new(claim.user_id, &words)).map(drop)
    }
}
