//! New codes for a ticket whose old ones got into other hands.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use super::Tickets;
use super::find::unknown;
use super::model::{ShortCodeClaim, Ticket, TicketState, ticket_cancelled};
use super::not_found;
use super::view::TicketView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::{self, Event, Standing};
use crate::id::{EventId, TicketId, UserId};
use crate::notification::{self, Attached, FactName, Notice, Words};
use crate::scope::Scope;
use crate::store::{Key, ShortCode};
use crate::work::{Decision, Work};

/// The issues of its codes that one ticket may have.
const ISSUES_MAX: u16 = 100;

impl Tickets<'_> {
    /// Gives a ticket new codes; the old ones are refused from now on (`reissued`). For its person, and for
    /// those who manage the event; the person is told when it was somebody else.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found` for strangers, and for a code that is none or was replaced;
    /// `event_cancelled`, `event_not_published` when it is over, `cancelled`, `too_many_issues`,
    /// `idempotency_key_reused`.
    pub async fn reissue(&self, call: impl Into<Call>, code: &str) -> Result<Answer<TicketView>, Error> {
        let call = call.into().within(Scope::BookingsWrite)?;
        call.actor().require_somebody()?;
        let (ticket_id, event_id, issue) = super::locate(self.engine, code).await?;
        let command = Reissue { actor: call.actor().clone(), ticket_id, event_id, issue };
        let done = self.engine.executor.submit(&call, command).await?;
        let view = TicketView::new(&done, self.engine.core())?;
        Ok(done.map(|_| view))
    }
}

#[derive(Serialize)]
struct Reissue {
    #[serde(skip)]
    actor: Actor,
    ticket_id: TicketId,
    event_id: EventId,
    issue: u16,
}

impl Command for Reissue {
    type Reply = Ticket;
    const NAME: &'static str = "reissue_ticket";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Ticket(self.ticket_id), Key::Event(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Ticket> {
        let ticket = work.find::<Ticket>(&self.ticket_id)?.ok_or_else(unknown)?;
        let event = event::find(work, ticket.event_id)?;
        let own = self.actor.user_id() == Some(ticket.user_id);
        let current = ticket.issue == self.issue;
        if !current || !(own || event::standing(work, &self.actor, &event)? >= Standing::Manager) {
            return Err(not_found().into());
        }
        event.state.require_published()?;
        if matches!(ticket.state, TicketState::Cancelled { .. }) {
            return Err(ticket_cancelled().into());
        }
        work.need([notification::reads(ticket.user_id)])?;
        let anew = issue_anew(work, cx, &ticket, ticket.user_id)?;
        if !own {
            tell(work, cx, &event, &anew)?;
        }
        let act = audit::Act::new("ticket.reissued", "ticket", anew.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(anew)
    }
}

/// Writes the ticket with new codes for a person. The old short code stays claimed, so that it is known as an old one.
///
/// # Errors
/// `too_many_issues`.
pub(crate) fn issue_anew(
    work: &mut Work,
    cx: &Context<'_>,
    ticket: &Ticket,
    user_id: UserId,
) -> Decision<Ticket> {
    if ticket.issue >= ISSUES_MAX {
        let sentence = format!("A ticket may get new codes at most {ISSUES_MAX} times.");
        return Err(Error::new(Reason::TooManyIssues, sentence).into());
    }
    let issue = ticket.issue + 1;
    let short_code = ShortCode::draw(cx.now, cx.random::<8>());
    let anew = Ticket { issue, short_code, user_id, ..ticket.clone() };
    work.put(ShortCodeClaim::of(&anew));
    work.put(anew.clone());
    Ok(anew)
}

fn tell(work: &mut Work, cx: &Context<'_>, event: &Event, ticket: &Ticket) -> Decision<()> {
    let id = notification::fact_id(FactName::TicketReissued, ticket.id.uuid(), u64::from(ticket.issue));
    let data = json!({ "ticket_id": ticket.id });
    let fact = notification::fact(cx, FactName::TicketReissued, id, Some(event.id), &data);
    let words = Words::TicketReissued { event: event.title.clone() };
    let attached = Attached::Ticket(ticket.id);
    let notice = Notice { attached, ..Notice::new(ticket.user_id, &words) };
    notification::tell(work, cx, &fact, &notice).map(drop)
}
