//! What waits for a digest.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::notification::Draft;

/// What waits for a person's digest. There is none while nothing waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestBox {
    /// Whose it is.
    pub user_id: UserId,
    /// At most [`DigestBox::DRAFTS_MAX`], in the order in which they came.
    pub drafts: Vec<Draft>,
}

impl DigestBox {
    /// The most that one mail says. A full box does not wait for its time.
    pub const DRAFTS_MAX: usize = 30;
}
