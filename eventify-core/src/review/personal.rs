//! What reviews keep about people.

use super::model::{Review, ReviewState};
use super::put;
use super::view::ReviewView;
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// A review that everybody sees goes on counting, without its words and the answer to them; any other one goes.
pub(crate) const PERSONAL: Personal = Personal {
    number: 8,
    name: "reviews",
    find: |whom| Index::ReviewsOfUser(whom.user_id),
    show: Some(|_, _, record| serde_json::to_value(ReviewView::from(&**Review::unwrap(record)?)).ok()),
    forget: Some(|work, _, whom, key| {
        let Key::Review(id) = key else { return Ok(()) };
        let Some(review) = work.find::<Review>(id)?.filter(|review| review.user_id == whom.user_id) else {
            return Ok(());
        };
        if matches!(review.state, ReviewState::Approved { .. }) {
            work.put(Review { comment: String::new(), reply: None, ..(*review).clone() });
            return Ok(());
        }
        put::delete(work, &review)
    }),
};
