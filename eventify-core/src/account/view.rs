//! What others see of an account.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::User;
use crate::actor::Role;
use crate::id::UserId;
use crate::time::Timestamp;

/// An account as its owner and admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct UserView {
    /// Its id.
    pub id: UserId,
    /// What to call the person.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether it was proven that mail to the address reaches the person.
    pub email_verified: bool,
    /// What the person may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// An account as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PublicProfile {
    /// Its id.
    pub id: UserId,
    /// What to call the person.
    pub name: String,
    /// The e-mail address: only for the person and for admins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified_at.is_some(),
            role: user.role,
            created_at: user.created_at,
        }
    }
}

impl PublicProfile {
    pub(super) fn new(user: &User, with_email: bool) -> Self {
        Self {
            id: user.id,
            name: user.name.clone(),
            email: with_email.then(|| user.email.clone()),
            role: user.role,
            created_at: user.created_at,
        }
    }
}

/// What a client needs to act for a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Tokens {
    /// Shown with every request; good for `expires_in` seconds.
    pub access_token: String,
    /// Exchanged once for the next pair.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: u64,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// An account with fresh tokens for the caller's own session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct UserWithTokens {
    /// The account.
    pub user: UserView,
    /// The tokens; absent when the caller has no session (an embedder's own actor).
    #[serde(flatten, skip_serializing_if = "Option::is_none", default)]
    pub tokens: Option<Tokens>,
}
