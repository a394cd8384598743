//! The record of a person's second factor.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::store::TokenHash;
use crate::time::Timestamp;

/// A person's authenticator app, and the codes for the day when it is lost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// Whose it is.
    pub user_id: UserId,
    /// The secret follows from this under the deployment's key; it is stored nowhere.
    pub seed: [u8; 16],
    /// Since when logins ask for it; `None` until a first code has shown that the app has the secret.
    pub confirmed_at: Option<Timestamp>,
    /// The newest time step whose code was used: it and those before it are refused.
    pub last_step: i64,
    /// The keyed hashes of the recovery codes that are not used yet.
    pub recovery_codes: Vec<TokenHash>,
    /// When it was begun.
    pub created_at: Timestamp,
}

impl SecondFactor {
    /// Whether logins ask for it.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactor")
            .field("user_id", &self.user_id)
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}
