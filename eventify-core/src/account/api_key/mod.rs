//! Keys for programs that act for a person: scoped, expiring, shown once.

mod make;
mod model;
mod revoke;
mod show;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use make::{CreateApiKey, CreatedApiKey};
pub use model::{ApiKey, ApiKeys};
pub(super) use revoke::revoke_all;
pub(super) use show::invalid;

use crate::id::{ApiKeyId, UserId};
use crate::scope::Scope;
use crate::store::TokenHash;
use crate::time::Timestamp;

/// What every key begins with, so that people and scanners of leaked secrets recognise one.
pub(super) const PREFIX: &str = "evk_";

/// A key as its person sees it: everything but the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ApiKeyView {
    /// Its id.
    pub id: ApiKeyId,
    /// What its person calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When it was used last, to the hour.
    pub used_at: Option<Timestamp>,
}

impl From<&ApiKey> for ApiKeyView {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            used_at: key.used_at,
        }
    }
}

/// A key as text: whose it is, which one, and 32 random bytes.
fn text_of(user_id: UserId, id: ApiKeyId, random: [u8; 32]) -> String {
    let bytes = [user_id.as_bytes().as_slice(), id.as_bytes(), &random].concat();
    format!("{PREFIX}{}", data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

/// What a key names. Whether it is one, only its hash says.
fn named(key: &str) -> Option<(UserId, ApiKeyId)> {
    // 64 bytes are 86 characters.
    let text = key.strip_prefix(PREFIX).filter(|text| text.len() == 86)?;
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (user_id, rest) = bytes.split_at_checked(16)?;
    let (id, _) = rest.split_at_checked(16)?;
    Some((UserId::from_bytes(user_id.try_into().ok()?), ApiKeyId::from_bytes(id.try_into().ok()?)))
}

fn hash_of(key: &str) -> TokenHash {
    TokenHash::new(Sha256::digest(key.as_bytes()).into())
}
