//! What others see of a review.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{EventRating, Reply, Review, ReviewState, ReviewStatus};
use crate::id::{EventId, ReviewId, UserId};
use crate::time::Timestamp;

/// What somebody thinks of an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ReviewView {
    /// Its id.
    pub id: ReviewId,
    /// The event.
    pub event_id: EventId,
    /// Who wrote it.
    pub user_id: UserId,
    /// 1 to 5.
    pub rating: u8,
    /// In their own words; may be empty.
    pub comment: String,
    /// Others see what is approved.
    pub status: ReviewStatus,
    /// The organizer's answer.
    pub reply: Option<Reply>,
    /// Why a moderator refused it, if so: only its author and moderators see it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reject_reason: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its author last changed it.
    pub updated_at: Timestamp,
}

/// What an event's approved reviews come to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RatingView {
    /// The mean; `null` without reviews.
    pub average: Option<f64>,
    /// How many reviews.
    pub count: u32,
    /// How often 1, 2, 3, 4 and 5 were given.
    pub histogram: [u32; 5],
}

impl From<&EventRating> for RatingView {
    fn from(rating: &EventRating) -> Self {
        Self { average: rating.average(), count: rating.count(), histogram: rating.counts }
    }
}

impl fmt::Debug for ReviewView {
    /// Without the words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReviewView")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl From<&Review> for ReviewView {
    fn from(review: &Review) -> Self {
        let reject_reason = match &review.state {
            ReviewState::Rejected { reason, .. } => Some(reason.clone()),
            _ => None,
        };
        Self {
            id: review.id,
            event_id: review.event_id,
            user_id: review.user_id,
            rating: review.rating,
            comment: review.comment.clone(),
            status: review.state.status(),
            reply: review.reply.clone(),
            reject_reason,
            created_at: review.created_at,
            updated_at: review.updated_at,
        }
    }
}
