//! What those who were there think of events.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::review::{EditReview, RatingView, RejectReview, ReplyToReview, ReviewOrder, SubmitReview};
use eventify_core::store::Version;
use eventify_core::{EventId, PageRequest, ReviewId};

use crate::actor::Actor;
use crate::fetched::{FetchedReview, only};
use crate::page::ReviewPage;
use crate::shared::Shared;

/// What those who were there think of events.
#[derive(Debug, uniffi::Object)]
pub struct Reviews(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Reviews {
    /// Changes the caller's review of an event. What waits for approval by the event's policy waits anew, and so does
    /// what a moderator has refused.
    ///
    /// # Errors
    /// `not_authenticated`, `review_not_found`, `rating_out_of_range`, `invalid_value`, `precondition_failed`.
    #[uniffi::method(default(if_match))]
    pub async fn edit(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: EditReview,
        if_match: Option<Version>,
    ) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().edit(actor, event_id, request, only(if_match)).await?.into())
    }

    /// Takes the caller's review of an event back. They may write another one; one that was refused leaves behind that
    /// it was.
    ///
    /// # Errors
    /// `not_authenticated`, `review_not_found`.
    pub async fn delete(&self, actor: &Actor, event_id: EventId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.reviews().delete(actor, event_id).await?)
    }

    /// The approved reviews of an event.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        order: ReviewOrder,
        page: PageRequest,
    ) -> Result<ReviewPage, Refusal> {
        Ok(self.0.engine()?.reviews().of_event(actor, event_id, order, &page).await?.into())
    }

    /// What the approved reviews of an event come to.
    ///
    /// # Errors
    /// `event_not_found`.
    pub async fn rating(&self, actor: &Actor, event_id: EventId) -> Result<RatingView, Refusal> {
        Ok(self.0.engine()?.reviews().rating(actor, event_id).await?)
    }

    /// The caller's own reviews in whatever state, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn all_mine(&self, actor: &Actor, page: PageRequest) -> Result<ReviewPage, Refusal> {
        Ok(self.0.engine()?.reviews().all_mine(actor, &page).await?.into())
    }

    /// The caller's own review of an event, in whatever state.
    ///
    /// # Errors
    /// `not_authenticated`, `review_not_found`.
    pub async fn mine(&self, actor: &Actor, event_id: EventId) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().mine(actor, event_id).await?.into())
    }

    /// What waits for approval, oldest first. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn pending(&self, actor: &Actor, page: PageRequest) -> Result<ReviewPage, Refusal> {
        Ok(self.0.engine()?.reviews().pending(actor, &page).await?.into())
    }

    /// A review in whatever state. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `review_not_found`.
    pub async fn get(&self, actor: &Actor, id: ReviewId) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().get(actor, id).await?.into())
    }

    /// Shows a review to everybody, and counts it. For admins; again changes nothing.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `review_not_found`, `precondition_failed` when its author changed it since.
    #[uniffi::method(default(if_match))]
    pub async fn approve(
        &self,
        actor: &Actor,
        id: ReviewId,
        if_match: Option<Version>,
    ) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().approve(actor, id, only(if_match)).await?.into())
    }

    /// Hides a review, also one that was approved, and tells its author why. For admins; again changes nothing.
    ///
    /// # Errors
    /// As `Reviews::approve`, and `invalid_value`.
    #[uniffi::method(default(if_match))]
    pub async fn reject(
        &self,
        actor: &Actor,
        id: ReviewId,
        request: RejectReview,
        if_match: Option<Version>,
    ) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().reject(actor, id, request, only(if_match)).await?.into())
    }

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
    ) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().reply(actor, event_id, id, request).await?.into())
    }

    /// Says what the caller thinks of an event: once, and with a ticket that was used, or a valid one once the event has
    /// started. Shown at once or after approval, by the event's policy.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `rating_out_of_range`, `invalid_value`, `already_reviewed`,
    /// `not_an_attendee`, `event_not_started`, `event_cancelled`.
    pub async fn submit(&self, actor: &Actor, request: SubmitReview) -> Result<FetchedReview, Refusal> {
        Ok(self.0.engine()?.reviews().submit(actor, request).await?.into())
    }
}
