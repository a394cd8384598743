//! The organizer's answer to a review: one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Reply, Review, ReviewStatus};
use super::view::ReviewView;
use super::{Reviews, not_found, put};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event;
use crate::id::{EventId, ReviewId};
use crate::notification::{self, FactName, Notice, Words};
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// An answer to a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct ReplyToReview {
    /// 1 to 5,000 characters.
    pub text: String,
}

impl Reviews<'_> {
    /// Answers a review that everybody sees, once. For the event's organizer and those who manage it.
    ///
    /// # Errors
    /// `event_not_found`, `not_authenticated`, `not_event_owner`, `invalid_value`, `review_not_found`, `already_replied`.
    pub async fn reply(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: ReviewId,
        request: ReplyToReview,
    ) -> Result<Fetched<ReviewView>, Error> {
        let mut check = Check::new();
        let text = check.text("text", request.text.trim(), 5_000);
        check.require(!text.is_empty(), "text", "must not be empty");
        check.finish()?;
        self.engine.executor.decide(Answer { actor: actor.clone(), event_id, id, text }).await?;
        let (review, version) = self.engine.fetch::<Review>(&id).await?.ok_or_else(not_found)?;
        Ok(Fetched::new(ReviewView::from(&*review), version))
    }
}

struct Answer {
    actor: Actor,
    event_id: EventId,
    id: ReviewId,
    text: String,
}

impl Command for Answer {
    type Reply = ();
    const NAME: &'static str = "reply_to_review";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Review(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        let shown = |review: &Review| {
            review.event_id == self.event_id && review.state.status() == ReviewStatus::Approved
        };
        let before = work.find::<Review>(&self.id)?.filter(|review| shown(review)).ok_or_else(not_found)?;
        if before.reply.is_some() {
            return Err(Error::new(Reason::AlreadyReplied, "The review was answered already.").into());
        }
        work.need([notification::reads(before.user_id)])?;
        let reply = Some(Reply { text: self.text.clone(), at: cx.now });
        let review = Review { reply, ..(*before).clone() };
        put::put(work, Some(&before), review.clone())?;
        let words = Words::ReviewAnswered { event: event.title.clone(), reply: put::excerpt(&self.text) };
        let notice = Notice::new(review.user_id, &words);
        notification::tell(work, cx, &put::fact(cx, FactName::ReviewReplied, &review), &notice)?;
        let act = audit::Act::new("review.replied", "review", self.id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
