//! Reviews, and what they come to.

use std::collections::{BTreeSet, HashMap};

use super::walk::{Pages, Walk};
use crate::event::Event;
use crate::id::EventId;
use crate::review::{EventRating, RATINGS, Review};
use crate::store::{Key, Recorded, StoreError};

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let given = reviews(walk).await?;
    ratings(walk, given).await
}

/// Answers what the approved reviews of each event come to.
async fn reviews(walk: &mut Walk<'_>) -> Result<HashMap<EventId, EventRating>, StoreError> {
    let mut given: HashMap<EventId, EventRating> = HashMap::new();
    let mut pages = Pages::<Review>::new();
    while let Some(page) = pages.next(walk).await? {
        let events: BTreeSet<Key> = page.iter().map(|review| Key::Event(review.event_id)).collect();
        let related = walk.load(events).await?;
        for review in page {
            let there = related.has::<Event>(&review.event_id);
            let report = &mut walk.report;
            report.require(there, "review_event", review.key(), || "its event is not there".to_owned());
            let fits = RATINGS.contains(&review.rating);
            report
                .require(fits, "review_rating", review.key(), || format!("its rating is {}", review.rating));
            let rating = given.entry(review.event_id).or_insert_with(|| EventRating::none(review.event_id));
            // A rating that is none was found above.
            let _ = rating.replace(None, review.counted());
        }
    }
    Ok(given)
}

async fn ratings(walk: &mut Walk<'_>, mut given: HashMap<EventId, EventRating>) -> Result<(), StoreError> {
    let mut pages = Pages::<EventRating>::new();
    while let Some(page) = pages.next(walk).await? {
        for rating in page {
            let counted = given.remove(&rating.event_id).map_or([0; 5], |given| given.counts);
            let message = || format!("it counts {:?}, but {counted:?} are approved", rating.counts);
            walk.report.require(rating.counts == counted, "rating_counters", rating.key(), message);
        }
    }
    for rating in given.into_values().filter(|rating| rating.count() > 0) {
        let message = format!("it is not there, but {:?} are approved", rating.counts);
        walk.report.find("rating_counters", rating.key(), message);
    }
    Ok(())
}
