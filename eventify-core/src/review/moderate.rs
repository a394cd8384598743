//! Moderating: approving reviews and refusing them. For admins: an organizer would judge their own cause.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Review, ReviewState, ReviewStatus};
use super::view::ReviewView;
use super::{Reviews, not_found, put};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::etag::{Fetched, IfMatch};
use crate::event::{self, Event};
use crate::id::{EventId, ReviewId};
use crate::notification::{self, FactName, Notice, Words};
use crate::page::{Listing, PageRequest};
use crate::store::{Index, Key};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Why a review is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct RejectReview {
    /// What its author is told; 1 to 1,000 characters.
    pub reason: String,
}

impl Reviews<'_> {
    /// What waits for approval, oldest first. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn pending(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<ReviewView>, Error> {
        actor.require_admin()?;
        let found = self.engine.list::<Review>(Index::ReviewsPending, false, page).await?;
        Ok(found.map(|review| ReviewView::from(&*review)))
    }

    /// A review in whatever state. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `review_not_found`.
    pub async fn get(&self, actor: &Actor, id: ReviewId) -> Result<Fetched<ReviewView>, Error> {
        actor.require_admin()?;
        let (review, version) = self.engine.fetch::<Review>(&id).await?.ok_or_else(not_found)?;
        if review.is_there() {
            Ok(Fetched::new(ReviewView::from(&*review), version))
        } else {
            Err(not_found())
        }
    }

    /// Shows a review to everybody, and counts it. For admins; again changes nothing.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `review_not_found`, `precondition_failed` when its author changed it since.
    pub async fn approve(
        &self,
        actor: &Actor,
        id: ReviewId,
        if_match: IfMatch,
    ) -> Result<Fetched<ReviewView>, Error> {
        self.moderate(actor, id, Verdict::Approve, if_match).await
    }

    /// Hides a review, also one that was approved, and tells its author why. For admins; again changes nothing.
    ///
    /// # Errors
    /// As [`Reviews::approve`], and `invalid_value`.
    pub async fn reject(
        &self,
        actor: &Actor,
        id: ReviewId,
        request: RejectReview,
        if_match: IfMatch,
    ) -> Result<Fetched<ReviewView>, Error> {
        let mut check = Check::new();
        let reason = check.text("reason", request.reason.trim(), 1_000);
        check.require(!reason.is_empty(), "reason", "must not be empty");
        check.finish()?;
        self.moderate(actor, id, Verdict::Reject(reason), if_match).await
    }

    async fn moderate(
        &self,
        actor: &Actor,
        id: ReviewId,
        verdict: Verdict,
        if_match: IfMatch,
    ) -> Result<Fetched<ReviewView>, Error> {
        let event_id = self.get(actor, id).await?.event_id;
        let command = Moderate { actor: actor.clone(), id, event_id, verdict, if_match };
        self.engine.executor.decide(command).await?;
        self.get(actor, id).await
    }
}

enum Verdict {
    Approve,
    Reject(String),
}

struct Moderate {
    actor: Actor,
    id: ReviewId,
    event_id: EventId,
    verdict: Verdict,
    if_match: IfMatch,
}

impl Command for Moderate {
    type Reply = ();
    const NAME: &'static str = "moderate_review";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(put::reads(self.event_id, self.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        self.actor.require_admin()?;
        let before =
            work.find::<Review>(&self.id)?.filter(|review| review.is_there()).ok_or_else(not_found)?;
        self.if_match.check(work.version_of(&Key::Review(self.id)))?;
        let event = event::find(work, before.event_id)?;
        work.need([notification::reads(event.organizer_id), notification::reads(before.user_id)])?;
        let (state, action) = match &self.verdict {
            Verdict::Approve => (ReviewState::Approved { at: cx.now }, "review.approved"),
            Verdict::Reject(reason) => {
                (ReviewState::Rejected { at: cx.now, reason: reason.clone() }, "review.rejected")
            }
        };
        if state.status() == before.state.status() {
            return Ok(());
        }
        let refused = state.status() == ReviewStatus::Rejected;
        let review = Review { state, refused, ..(*before).clone() };
        put::put(work, Some(&before), review.clone())?;
        put::follow_up(work, cx, &event, Some(&before.state), &review)?;
        self.tell_author(work, cx, &event, &review)?;
        let act = audit::Act::new(action, "review", self.id).of_event(review.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

impl Moderate {
    fn tell_author(&self, work: &mut Work, cx: &Context<'_>, event: &Event, review: &Review) -> Decision<()> {
        let event = event.title.clone();
        let (name, words) = match &self.verdict {
            Verdict::Approve => (FactName::ReviewApproved, Words::ReviewPublished { event }),
            Verdict::Reject(reason) => {
                (FactName::ReviewRejected, Words::ReviewRefused { event, reason: reason.clone() })
            }
        };
        let notice = Notice::new(review.user_id, &words);
        notification::tell(work, cx, &put::fact(cx, name, review), &notice).map(drop)
    }
}
