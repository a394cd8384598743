//! Writing a review.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Review, ReviewState, rating};
use super::view::ReviewView;
use super::{Reviews, put};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{self, Event, EventState};
use crate::eventify::of_kind;
use crate::id::{EventId, TicketId, UserId};
use crate::notification::{self, FactName};
use crate::store::{Index, Key, Scan};
use crate::ticket::{Ticket, TicketState};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A review of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct SubmitReview {
    /// The event.
    pub event_id: EventId,
    /// 1 to 5.
    pub rating: i64,
    /// At most 5,000 characters.
    #[serde(default)]
    pub comment: String,
}

pub(super) fn comment(text: &str) -> Result<String, Error> {
    let mut check = Check::new();
    let comment = check.text("comment", text.trim(), 5_000);
    check.finish()?;
    Ok(comment)
}

/// Tickets that one look takes.
const LOOK_TICKETS_MAX: usize = 200;

impl Reviews<'_> {
    /// Says what the caller thinks of an event: once, and with a ticket that was used, or a valid one once the event has
    /// started. Shown at once or after approval, by the event's policy.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `rating_out_of_range`, `invalid_value`, `already_reviewed`,
    /// `not_an_attendee`, `event_not_started`, `event_cancelled`.
    pub async fn submit(&self, actor: &Actor, request: SubmitReview) -> Result<Fetched<ReviewView>, Error> {
        let user_id = actor.require_user()?;
        let SubmitReview { event_id, rating: wanted, comment: text } = request;
        let (rating, comment) = (rating(wanted)?, comment(&text)?);
        let ticket_id = self.best_ticket(user_id, event_id).await?;
        let command = Submit { actor: actor.clone(), user_id, event_id, rating, comment, ticket_id };
        self.engine.executor.decide(command).await?;
        self.mine(actor, event_id).await
    }

    /// The ticket that says most for a person's right to review: one that was used, else one that is valid. It is looked
    /// up here and judged in the decision; finding none is a refusal, which changes nothing and can be asked again.
    async fn best_ticket(&self, user_id: UserId, event_id: EventId) -> Result<Option<TicketId>, Error> {
        let mut scan = Scan::last(Index::TicketsOfUser(user_id), LOOK_TICKETS_MAX);
        let mut best = None;
        loop {
            let page = self.engine.core().store.scan(&scan).await?;
            for ticket in of_kind::<Ticket>(&page.items).filter(|ticket| ticket.event_id == event_id) {
                match ticket.state {
                    TicketState::Used(_) | TicketState::Left { .. } => return Ok(Some(ticket.id)),
                    TicketState::Active => best = Some(ticket.id),
                    TicketState::Cancelled { .. } => {}
                }
            }
            match page.next {
                Some(next) => scan.after = Some(next),
                None => return Ok(best),
            }
        }
    }
}

struct Submit {
    actor: Actor,
    user_id: UserId,
    event_id: EventId,
    rating: u8,
    comment: String,
    ticket_id: Option<TicketId>,
}

impl Command for Submit {
    type Reply = ();
    const NAME: &'static str = "submit_review";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(put::reads(self.event_id, put::review_id(self.event_id, self.user_id)));
        keys.extend(self.ticket_id.map(Key::Ticket));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_visible(work, &self.actor, &event)?;
        let id = put::review_id(self.event_id, self.user_id);
        let before = work.find::<Review>(&id)?;
        if before.as_ref().is_some_and(|review| review.is_there()) {
            let sentence = "You have reviewed this event; change your review instead.";
            return Err(Error::new(Reason::AlreadyReviewed, sentence).into());
        }
        self.require_attended(work, cx, &event)?;
        work.need([notification::reads(event.organizer_id)])?;
        let refused = before.as_ref().is_some_and(|review| review.refused);
        let review = Review {
            id,
            event_id: self.event_id,
            user_id: self.user_id,
            rating: self.rating,
            comment: self.comment.clone(),
            state: ReviewState::Pending.written(event.review_policy, refused, cx.now),
            refused,
            reply: None,
            created_at: cx.now,
            updated_at: cx.now,
        };
        put::put(work, before.as_deref(), review.clone())?;
        put::publish(work, cx, FactName::ReviewSubmitted, &review);
        put::follow_up(work, cx, &event, None, &review)?;
        let act = audit::Act::new("review.submitted", "review", id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

impl Submit {
    fn require_attended(&self, work: &mut Work, cx: &Context<'_>, event: &Event) -> Decision<()> {
        let ticket = match self.ticket_id {
            Some(id) => work.find::<Ticket>(&id)?,
            None => None,
        };
        let own = ticket.filter(|ticket| ticket.user_id == self.user_id && ticket.event_id == self.event_id);
        match own.map(|ticket| ticket.state.clone()) {
            Some(TicketState::Used(_) | TicketState::Left { .. }) => Ok(()),
            Some(TicketState::Active) if matches!(event.state, EventState::Cancelled { .. }) => {
                Err(Error::new(Reason::EventCancelled, "The event was cancelled.").into())
            }
            Some(TicketState::Active) if event.starts_at.is_some_and(|start| start <= cx.now) => Ok(()),
            Some(TicketState::Active) => {
                let sentence = "The event has not started yet.";
                Err(Error::new(Reason::EventNotStarted, sentence).with("starts_at", event.starts_at).into())
            }
            Some(TicketState::Cancelled { .. }) | None => {
                let sentence = "Only those who have a ticket may review the event.";
                Err(Error::new(Reason::NotAnAttendee, sentence).into())
            }
        }
    }
}
