//! The deployment's keys: made on first start, kept in the store, never shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// 32 secret bytes. Shows nothing of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret([u8; 32]);

impl Secret {
    /// From random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a cipher.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key and the number that signed things name it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedKey {
    /// Its number, counted from 1.
    pub id: u16,
    /// The key.
    pub secret: Secret,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Every key of the deployment. The newest of a list signs; all of a list verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyring {
    /// There is one keyring.
    pub singleton: (),
    /// Names the deployment in access tokens, so that those of another one are refused.
    pub deployment: uuid::Uuid,
    /// Sign access tokens.
    pub access_token_keys: Vec<NumberedKey>,
    /// The roots from which each event's ticket-signing key follows.
    pub ticket_keys: Vec<NumberedKey>,
    /// From which a refresh token's successor follows.
    pub refresh_key: Secret,
    /// Authenticates the cursors of pages.
    pub cursor_key: Secret,
}
