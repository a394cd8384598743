//! Writing reviews, and the counters with them: nothing else writes either.

use super::model::{EventRating, Review, ReviewState};
use crate::context::Context;
use crate::event::Event;
use crate::id::{EventId, ReviewId, UserId, derived_beside};
use crate::notification::{self, Fact, FactName, Notice, Words};
use crate::store::Key;
use crate::work::{Decision, Work};

/// The id of a person's review of an event.
pub(crate) fn review_id(event_id: EventId, user_id: UserId) -> ReviewId {
    let parts: [&[u8]; 3] = [b"review", event_id.as_bytes(), user_id.as_bytes()];
    ReviewId::from_uuid(derived_beside(event_id.uuid(), &parts))
}

/// What every decision about a review reads.
pub(super) fn reads(event_id: EventId, id: ReviewId) -> [Key; 3] {
    [Key::Event(event_id), Key::Review(id), Key::EventRating(event_id)]
}

/// Writes a review as it is from now on.
pub(super) fn put(work: &mut Work, before: Option<&Review>, after: Review) -> Decision<()> {
    count(work, after.event_id, before.and_then(Review::counted), after.counted())?;
    work.put(after);
    Ok(())
}

/// Deletes a review without a trace.
pub(super) fn delete(work: &mut Work, review: &Review) -> Decision<()> {
    count(work, review.event_id, review.counted(), None)?;
    work.delete::<Review>(&review.id);
    Ok(())
}

fn count(work: &mut Work, event_id: EventId, before: Option<u8>, after: Option<u8>) -> Decision<()> {
    if before == after {
        return Ok(());
    }
    let found = work.find::<EventRating>(&event_id)?;
    let mut rating = found.map_or_else(|| EventRating::none(event_id), |rating| (*rating).clone());
    rating.replace(before, after)?;
    work.put(rating);
    Ok(())
}

/// Tells other systems of a review.
pub(super) fn publish(work: &mut Work, cx: &Context<'_>, name: FactName, review: &Review) {
    notification::publish(work, cx, &fact(cx, name, review));
}

pub(super) fn fact(cx: &Context<'_>, name: FactName, review: &Review) -> Fact {
    // It may happen to one review more than once.
    let nth = u64::try_from(cx.now.as_micros()).unwrap_or(0);
    let id = notification::fact_id(name, review.id.uuid(), nth);
    let data = serde_json::json!({
        "review_id": review.id, "event_id": review.event_id, "user_id": review.user_id,
        "rating": review.rating, "status": review.state.status(),
    });
    notification::fact(cx, name, id, Some(review.event_id), &data)
}

/// What follows when others see a review that they did not see before: the organizer is told.
pub(super) fn follow_up(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    before: Option<&ReviewState>,
    review: &Review,
) -> Decision<()> {
    let shown = |state: &ReviewState| matches!(state, ReviewState::Approved { .. });
    if before.is_some_and(shown) || !shown(&review.state) {
        return Ok(());
    }
    let fact = fact(cx, FactName::ReviewApproved, review);
    notification::publish(work, cx, &fact);
    if event.organizer_id != review.user_id {
        // Without its author's words: they stay in one place, where they can be changed and forgotten.
        let words = Words::ReviewReceived { event: event.title.clone(), rating: u32::from(review.rating) };
        notification::tell(work, cx, &fact, &Notice::new(event.organizer_id, &words))?;
    }
    Ok(())
}

/// The beginning of what somebody wrote.
pub(super) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 500;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
