//! Reviews: what those who were there think of an event, moderated, answered and counted.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::review::{ReplyToReview, ReviewOrder, SubmitReview};
//! use eventify_core::{Actor, Eventify, PageRequest, Role, store::MemoryStore, ticket::Scan};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, SystemClock, booking::HoldTickets, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let stalls = CreateTicketType { name: "Stalls".into(), quantity: 120, ..Default::default() };
//! # eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! # let one = HoldTickets::only(event_id, 1);
//! let ticket = eventify.bookings().buy(&bob, one).await?.tickets[0].clone();
//! eventify.tickets().check_in(&organizer, &ticket.code, Scan::default()).await?;
//!
//! let words = SubmitReview { event_id, rating: 5, comment: "Encore!".into() };
//! let review = eventify.reviews().submit(&bob, words).await?;
//! let thanks = ReplyToReview { text: "Next spring.".into() };
//! eventify.reviews().reply(&organizer, event_id, review.id, thanks).await?;
//!
//! let best = eventify.reviews().of_event(&bob, event_id, ReviewOrder::Best, &PageRequest::default()).await?;
//! assert_eq!(best.data[0].comment, "Encore!");
//! assert_eq!(eventify.events().get(&bob, event_id).await?.rating.average, Some(5.0));
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod edit;
mod model;
mod moderate;
mod personal;
mod put;
mod reply;
mod submit;
mod view;

use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use edit::EditReview;
pub use model::{EventRating, RATINGS, Reply, Review, ReviewPolicy, ReviewState, ReviewStatus};
pub use moderate::RejectReview;
pub(crate) use personal::PERSONAL;
pub(crate) use put::review_id;
pub use reply::ReplyToReview;
pub use submit::SubmitReview;
pub use view::{RatingView, ReviewView};

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::Engine;
use crate::id::EventId;
use crate::page::{Listing, PageRequest};
use crate::store::Index;

/// What can be done with reviews. From [`Eventify::reviews`](crate::Eventify::reviews).
#[derive(Debug, Clone, Copy)]
pub struct Reviews<'a> {
    pub(crate) engine: &'a Engine,
}

/// In which order reviews are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ReviewOrder {
    /// The newest first.
    #[default]
    Newest,
    /// The best rating first, and of equal ones the newest.
    Best,
    /// The worst rating first, and of equal ones the oldest.
    Worst,
}

impl FromStr for ReviewOrder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "newest" => Ok(Self::Newest),
            "best" => Ok(Self::Best),
            "worst" => Ok(Self::Worst),
            _ => Err(Error::invalid("sort", "must be newest, best or worst")),
        }
    }
}

impl Reviews<'_> {
    /// The approved reviews of an event.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        order: ReviewOrder,
        page: &PageRequest,
    ) -> Result<Listing<ReviewView>, Error> {
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, &event).await?;
        let (index, descending) = match order {
            ReviewOrder::Newest => (Index::ReviewsOfEvent(event_id), true),
            ReviewOrder::Best => (Index::ReviewsByRating(event_id), true),
            ReviewOrder::Worst => (Index::ReviewsByRating(event_id), false),
        };
        let found = self.engine.list::<Review>(index, descending, page).await?;
        Ok(found.map(|review| ReviewView::from(&*review)))
    }

    /// What the approved reviews of an event come to.
    ///
    /// # Errors
    /// `event_not_found`.
    pub async fn rating(&self, actor: &Actor, event_id: EventId) -> Result<RatingView, Error> {
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, &event).await?;
        let found = self.engine.load::<EventRating>(&event_id).await?;
        Ok(RatingView::from(&*found.unwrap_or_else(|| Arc::new(EventRating::none(event_id)))))
    }

    /// The caller's own reviews in whatever state, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn all_mine(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<ReviewView>, Error> {
        let user_id = actor.require_user()?;
        let found = self.engine.list::<Review>(Index::ReviewsOfUser(user_id), true, page).await?;
        Ok(found.map(|review| ReviewView::from(&*review)))
    }

    /// The caller's own review of an event, in whatever state.
    ///
    /// # Errors
    /// `not_authenticated`, `review_not_found`.
    pub async fn mine(&self, actor: &Actor, event_id: EventId) -> Result<Fetched<ReviewView>, Error> {
        let id = put::review_id(event_id, actor.require_user()?);
        let (review, version) = self.engine.fetch::<Review>(&id).await?.ok_or_else(not_found)?;
        if review.is_there() {
            Ok(Fetched::new(ReviewView::from(&*review), version))
        } else {
            Err(not_found())
        }
    }
}

fn not_found() -> Error {
    Error::new(Reason::ReviewNotFound, "There is no such review.")
}
