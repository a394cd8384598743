//! The records by which commands happen once.

use serde::{Deserialize, Serialize};

use crate::id::LaneId;
use crate::store::{Expires, IdempotencyHash};
use crate::time::Timestamp;

/// The stored answer to a call with an idempotency key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotentReply {
    /// The hash of who asked and of their key.
    pub hash: IdempotencyHash,
    /// The SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// The answer, encoded.
    pub reply: Vec<u8>,
    /// When it may be forgotten.
    pub forget_at: Timestamp,
}

impl std::fmt::Debug for IdempotentReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdempotentReply").field("forget_at", &self.forget_at).finish_non_exhaustive()
    }
}

impl Expires for IdempotentReply {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.forget_at)
    }
}

/// The newest batch of one write lane. Every change set of the lane replaces it, so whether a commit whose answer
/// was lost happened can be read off it – and, by replacing it again, be decided for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneMark {
    /// The lane.
    pub lane_id: LaneId,
    /// When it committed last.
    pub at: Timestamp,
}
impl Expires for LaneMark {
    /// After a week: far longer than any commit can be in doubt.
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.at.plus(std::time::Duration::from_secs(7 * 24 * 3600)))
    }
}
