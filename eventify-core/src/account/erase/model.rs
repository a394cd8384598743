//! The record that remains of an account.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::time::Timestamp;

/// That there was an account and is none any more. Whoever restores an old backup finds here whom to erase again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The id that the account had; tickets and bookings still name it.
    pub user_id: UserId,
    /// When the account ended.
    pub requested_at: Timestamp,
    /// When the last of what was kept about the person was gone.
    pub finished_at: Option<Timestamp>,
}
