//! Changing and taking back one's own review.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Review, ReviewState, rating};
use super::submit::comment;
use super::view::ReviewView;
use super::{Reviews, not_found, put};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::etag::{Fetched, IfMatch};
use crate::event;
use crate::id::{EventId, UserId};
use crate::notification;
use crate::store::Key;
use crate::work::{Decision, Work};

/// What to change. An absent field stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct EditReview {
    /// 1 to 5.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub rating: Option<i64>,
    /// At most 5,000 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub comment: Option<String>,
}

impl Reviews<'_> {
    /// Changes the caller's review of an event. What waits for approval by the event's policy waits anew, and so does
    /// what a moderator has refused.
    ///
    /// # Errors
    /// `not_authenticated`, `review_not_found`, `rating_out_of_range`, `invalid_value`, `precondition_failed`.
    pub async fn edit(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: EditReview,
        if_match: IfMatch,
    ) -> Result<Fetched<ReviewView>, Error> {
        let user_id = actor.require_user()?;
        let rating = request.rating.map(rating).transpose()?;
        let comment = request.comment.as_deref().map(comment).transpose()?;
        let command = Edit { actor: actor.clone(), user_id, event_id, rating, comment, if_match };
        self.engine.executor.decide(command).await?;
        self.mine(actor, event_id).await
    }

    /// Takes the caller's review of an event back. They may write another one; one that was refused leaves behind that
    /// it was.
    ///
    /// # Errors
    /// `not_authenticated`, `review_not_found`.
    pub async fn delete(&self, actor: &Actor, event_id: EventId) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        self.engine.executor.decide(Delete { actor: actor.clone(), user_id, event_id }).await
    }
}

struct Edit {
    actor: Actor,
    user_id: UserId,
    event_id: EventId,
    rating: Option<u8>,
    comment: Option<String>,
    if_match: IfMatch,
}

impl Command for Edit {
    type Reply = ();
    const NAME: &'static str = "edit_review";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(put::reads(self.event_id, put::review_id(self.event_id, self.user_id)));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let id = put::review_id(self.event_id, self.user_id);
        let before = work.find::<Review>(&id)?.filter(|review| review.is_there()).ok_or_else(not_found)?;
        self.if_match.check(work.version_of(&Key::Review(id)))?;
        let event = event::find(work, self.event_id)?;
        let rating = self.rating.unwrap_or(before.rating);
        let comment = self.comment.clone().unwrap_or_else(|| before.comment.clone());
        if (rating, &comment) == (before.rating, &before.comment) {
            return Ok(());
        }
        work.need([notification::reads(event.organizer_id)])?;
        let state = before.state.written(event.review_policy, before.refused, cx.now);
        let review = Review { rating, comment, state, updated_at: cx.now, ..(*before).clone() };
        put::put(work, Some(&before), review.clone())?;
        put::follow_up(work, cx, &event, Some(&before.state), &review)?;
        let act = audit::Act::new("review.updated", "review", id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

struct Delete {
    actor: Actor,
    user_id: UserId,
    event_id: EventId,
}

impl Command for Delete {
    type Reply = ();
    const NAME: &'static str = "delete_review";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(put::reads(self.event_id, put::review_id(self.event_id, self.user_id)));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let id = put::review_id(self.event_id, self.user_id);
        let before = work.find::<Review>(&id)?.filter(|review| review.is_there()).ok_or_else(not_found)?;
        if before.refused {
            // Otherwise taking it back and writing it again would be a way around the moderator.
            let state = ReviewState::Withdrawn { at: cx.now };
            let left = Review { state, comment: String::new(), reply: None, ..(*before).clone() };
            put::put(work, Some(&before), left)?;
        } else {
            put::delete(work, &before)?;
        }
        let act = audit::Act::new("review.deleted", "review", id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
