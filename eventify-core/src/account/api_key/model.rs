//! The record of a person's API keys.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, UserId};
use crate::scope::Scope;
use crate::store::TokenHash;
use crate::time::Timestamp;

/// A person's API keys: one record, so that how many there are rests on one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeys {
    /// Whose they are.
    pub user_id: UserId,
    /// The keys, oldest first; at most 20.
    pub keys: Vec<ApiKey>,
}

/// One API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id, which the key itself names.
    pub id: ApiKeyId,
    /// What its person calls it; 1 to 100 characters.
    pub name: String,
    /// The SHA-256 of the key; the key itself is stored nowhere.
    pub hash: TokenHash,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When it was used, to the hour.
    pub used_at: Option<Timestamp>,
}
