//! The records of reviews: what somebody thinks of an event, and what all of them come to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{EventId, ReviewId, UserId};
use crate::time::Timestamp;

/// The lowest and the highest rating.
pub const RATINGS: std::ops::RangeInclusive<u8> = 1..=5;

/// What one person thinks of one event. Its id follows from the two, so there is one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// The event.
    pub event_id: EventId,
    /// Who wrote it.
    pub user_id: UserId,
    /// 1 to 5.
    pub rating: u8,
    /// At most 5,000 characters; may be empty.
    pub comment: String,
    /// Whether others see it.
    pub state: ReviewState,
    /// Whether a moderator has refused it and none has approved it since: then it is not shown without being looked at,
    /// however the event's policy is.
    pub refused: bool,
    /// The organizer's answer.
    pub reply: Option<Reply>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed by its author.
    pub updated_at: Timestamp,
}

impl fmt::Debug for Review {
    /// Without the words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Review")
            .field("id", &self.id)
            .field("state", &self.state.status())
            .finish_non_exhaustive()
    }
}

/// Whether others see a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewState {
    /// Waits for a moderator.
    Pending,
    /// Everybody sees it, and it counts.
    Approved {
        /// Since when.
        at: Timestamp,
    },
    /// A moderator refused it.
    Rejected {
        /// Since when.
        at: Timestamp,
        /// What its author was told.
        reason: String,
    },
    /// Its author took it back after it was refused. Nothing is left of it but that.
    Withdrawn {
        /// Since when.
        at: Timestamp,
    },
}

/// The state's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Waits for a moderator.
    Pending,
    /// Everybody sees it.
    Approved,
    /// A moderator refused it.
    Rejected,
    /// Its author took it back.
    Withdrawn,
}

/// The organizer's answer to a review.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Reply {
    /// 1 to 5,000 characters.
    pub text: String,
    /// When it was given.
    pub at: Timestamp,
}

impl fmt::Debug for Reply {
    /// Without the words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("at", &self.at).finish_non_exhaustive()
    }
}

/// When an event's reviews are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ReviewPolicy {
    /// As soon as they are written.
    #[default]
    AtOnce,
    /// Once a moderator has approved them.
    AfterApproval,
}

impl ReviewState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> ReviewStatus {
        match self {
            Self::Pending => ReviewStatus::Pending,
            Self::Approved { .. } => ReviewStatus::Approved,
            Self::Rejected { .. } => ReviewStatus::Rejected,
            Self::Withdrawn { .. } => ReviewStatus::Withdrawn,
        }
    }

    /// The state of what its author has written just now.
    #[must_use]
    pub const fn written(&self, policy: ReviewPolicy, refused: bool, at: Timestamp) -> Self {
        match (policy, self) {
            (ReviewPolicy::AtOnce, Self::Approved { at }) => Self::Approved { at: *at },
            (ReviewPolicy::AtOnce, _) if !refused => Self::Approved { at },
            _ => Self::Pending,
        }
    }
}

impl Review {
    /// The rating, if it counts.
    #[must_use]
    pub const fn counted(&self) -> Option<u8> {
        match self.state {
            ReviewState::Approved { .. } => Some(self.rating),
            ReviewState::Pending | ReviewState::Rejected { .. } | ReviewState::Withdrawn { .. } => None,
        }
    }

    /// Where it stands among an event's reviews by rating, then by creation, as an instant like those of every other
    /// order: each rating has 2,000 years of its own, as many as pass from 1970 until a review is out of range.
    #[must_use]
    pub fn ranked_at(&self) -> Timestamp {
        const SPAN: i64 = (Timestamp::MAX.as_micros() - Timestamp::MIN.as_micros()) / 5;
        let rank = i64::from(self.rating.clamp(1, 5)) - 1;
        let since = self.created_at.as_micros().clamp(0, SPAN - 1);
        Timestamp::from_micros(Timestamp::MIN.as_micros() + rank * SPAN + since).unwrap_or(Timestamp::MAX)
    }

    /// Whether its author still stands by it.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        !matches!(self.state, ReviewState::Withdrawn { .. })
    }
}

/// A rating as a record keeps it.
///
/// # Errors
/// `rating_out_of_range`.
pub(super) fn rating(wanted: i64) -> Result<u8, Error> {
    u8::try_from(wanted).ok().filter(|rating| RATINGS.contains(rating)).ok_or_else(|| {
        let sentence = format!("must be {} to {}", RATINGS.start(), RATINGS.end());
        Error::new(Reason::RatingOutOfRange, format!("The rating {sentence}.")).at_field("rating")
    })
}

/// How often each rating was given to an event, over the approved reviews. Changed with each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRating {
    /// The event.
    pub event_id: EventId,
    /// How often 1, 2, 3, 4 and 5 were given.
    pub counts: [u32; 5],
}

impl EventRating {
    /// Of an event that nobody has reviewed.
    #[must_use]
    pub const fn none(event_id: EventId) -> Self {
        Self { event_id, counts: [0; 5] }
    }

    /// How many reviews there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The mean, if there is a review.
    #[must_use]
    pub fn average(&self) -> Option<f64> {
        let weighted = (1_u32..).zip(self.counts).map(|(rating, count)| f64::from(rating) * f64::from(count));
        // Whole numbers far below 2^53: the sum is exact.
        (self.count() > 0).then(|| weighted.sum::<f64>() / f64::from(self.count()))
    }

    /// Takes one review out and another one in.
    ///
    /// # Errors
    /// `internal` when one is taken out that was never counted.
    pub fn replace(&mut self, before: Option<u8>, after: Option<u8>) -> Result<(), Error> {
        let uncounted = || Error::internal("a review was never counted");
        if let Some(before) = before {
            let count = self.count_of(before).ok_or_else(uncounted)?;
            *count = count.checked_sub(1).ok_or_else(uncounted)?;
        }
        if let Some(after) = after {
            let count = self.count_of(after).ok_or_else(uncounted)?;
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn count_of(&mut self, rating: u8) -> Option<&mut u32> {
        self.counts.get_mut(usize::from(rating).checked_sub(1)?)
    }
}
