//! The records of an account.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::id::{SessionId, UserId};
use crate::store::{EmailKey, ThrottleKey, TokenHash};
use crate::time::Timestamp;

/// A person's account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What to call the person; 1 to 100 characters.
    pub name: String,
    /// The e-mail address as the person wrote it; at most 254 characters.
    pub email: String,
    /// What the person may do.
    pub role: Role,
    /// Sessions of an older generation are over: it counts password and role changes.
    pub session_generation: u32,
    /// When it was proven that mail to the address reaches the person.
    pub email_verified_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl fmt::Debug for User {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Who has an e-mail address: what makes addresses unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailClaim {
    /// The folded address.
    pub email: EmailKey,
    /// Its owner.
    pub user_id: UserId,
}

/// How a person logs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Whose it is.
    pub user_id: UserId,
    /// The argon2id hash in PHC string form, with its parameters and salt.
    pub password_hash: String,
    /// When it was set.
    pub changed_at: Timestamp,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// One login on one device: a family of refresh tokens of which one is unused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id; access tokens name it.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The generation of the user's sessions that it belongs to.
    pub generation: u32,
    /// Its newest refresh token: the one that is not used yet.
    pub newest_token: TokenHash,
    /// When the person logged in.
    pub created_at: Timestamp,
    /// When it was last refreshed: at the latest so long ago as an access token lives.
    pub used_at: Timestamp,
    /// When it ends at the latest, however often it is refreshed.
    pub ends_at: Timestamp,
    /// When it was ended before that, by logout or by a replayed token.
    pub revoked_at: Option<Timestamp>,
    /// Where the login came from.
    pub origin: Option<String>,
}

impl Session {
    /// Whether tokens of this session are good now, for a user whose sessions are at `generation`.
    #[must_use]
    pub fn is_live(&self, generation: u32, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.generation == generation && now < self.ends_at
    }
}

impl crate::store::Expires for Session {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at.plus(KEPT_AFTER_END))
    }
}

/// One refresh token of a session: valid once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    /// The token's SHA-256; the token itself is stored nowhere.
    pub hash: TokenHash,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When its session ends.
    pub ends_at: Timestamp,
    /// When it was exchanged for the next one.
    pub used_at: Option<Timestamp>,
}

impl crate::store::Expires for RefreshToken {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at.plus(KEPT_AFTER_END))
    }
}

/// The tokens on their way to a person's mailbox. At most one of each kind is good: the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTokens {
    /// Whose mailbox it is.
    pub user_id: UserId,
    /// Proves that mail to the address arrives.
    pub verification: Option<MailToken>,
    /// Allows to set a new password.
    pub reset: Option<MailToken>,
}

/// A token that is good once, and only while the address that it was mailed to is the account's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailToken {
    /// The token's SHA-256; the token itself is stored nowhere.
    pub hash: TokenHash,
    /// Where it was mailed to.
    pub email: EmailKey,
    /// From when on it is refused.
    pub ends_at: Timestamp,
}

impl crate::store::Expires for MailTokens {
    fn expires_at(&self) -> Option<Timestamp> {
        let tokens = [&self.verification, &self.reset];
        let last = tokens.into_iter().flatten().map(|token| token.ends_at).max();
        Some(last.unwrap_or(Timestamp::MIN))
    }
}

/// Ended sessions stay a day, so that a late replay is still recognised.
const KEPT_AFTER_END: Duration = Duration::from_secs(24 * 3600);

/// Failed logins of one account or from one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    /// What is counted.
    pub key: ThrottleKey,
    /// Failures since the last success or quiet hour.
    pub failures: u32,
    /// The newest failure.
    pub failed_at: Timestamp,
    /// Nothing is tried before this.
    pub blocked_until: Timestamp,
}

/// Failures are forgotten when nothing failed for so long.
pub(crate) const THROTTLE_MEMORY: Duration = Duration::from_secs(3600);

impl crate::store::Expires for Throttle {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.failed_at.plus(THROTTLE_MEMORY))
    }
}
