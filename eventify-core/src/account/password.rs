//! Passwords: what is accepted, and how they are kept.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::context::Entropy;
use crate::error::{Error, Reason};

/// A password on its way in. Shows nothing of itself.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Password))]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// A password as it was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

const CHARS_MIN: usize = 8;
const CHARS_MAX: usize = 128;

/// Passwords of at least eight characters that lists of leaked ones are full of, in lower case, one a line.
static COMMON: &str = include_str!("common_passwords.txt");

impl Password {
    /// # Errors
    /// `weak_password`, naming the limit (NIST SP 800-63B: length and known leaks, no composition rules).
    pub(super) fn check_strength(&self, field: &str) -> Result<(), Error> {
        let weak = |message: &str| Err(Error::new(Reason::WeakPassword, message).at_field(field));
        let chars = self.0.chars().count();
        if chars < CHARS_MIN {
            return weak("The password must have at least 8 characters.");
        }
        if chars > CHARS_MAX {
            return weak("The password must have at most 128 characters.");
        }
        let lower = self.0.to_lowercase();
        let one_char = lower.chars().all(|c| lower.starts_with(c));
        if one_char || COMMON.lines().any(|common| common == lower) {
            return weak("The password is one of those that are guessed first.");
        }
        Ok(())
    }
}

/// Hashes and verifies on blocking threads, so many at a time as there are cores.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    /// So many may wait for their turn …
    places: Arc<Semaphore>,
    /// … and so many have it.
    permits: Arc<Semaphore>,
    runtime: tokio::runtime::Handle,
}

/// Passwords that may wait to be hashed; at 20 ms each, the last of them waits some ten seconds.
const HASHES_WAITING_MAX: usize = 1_000;

/// What an unknown account's password is compared with, so that it takes as long as a known one's.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXRoaW5nLXNhbHR5$4JQ7x4a9ZLpJHN6n1sEo3q3Rv5FQ9T4o6yJbTqM1m6k";

impl Hasher {
    pub(crate) fn new(runtime: tokio::runtime::Handle) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let places = Arc::new(Semaphore::new(HASHES_WAITING_MAX));
        Self { places, permits: Arc::new(Semaphore::new(cores)), runtime }
    }

    /// The PHC string of a new password.
    pub(super) async fn hash(&self, password: &Password, entropy: &dyn Entropy) -> Result<String, Error> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let password = password.clone();
        self.blocking(move || {
            let hash = argon2().hash_password_with_salt(password.0.as_bytes(), &salt);
            hash.map(|h| h.to_string())
                .map_err(|e| Error::internal(format!("a password cannot be hashed: {e}")))
        })
        .await?
    }

    /// Whether the password is the one of the hash. Takes the same time when there is no hash.
    pub(super) async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, Error> {
        let password = password.clone();
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        self.blocking(move || {
            // Longer than any password that was ever accepted: cannot match, and must not cost more.
            let fits = password.0.chars().count() <= CHARS_MAX;
            let text = if fits { password.0.as_bytes() } else { b"" };
            let parsed = PasswordHash::new(&hash).ok();
            let matches = parsed.is_some_and(|parsed| argon2().verify_password(text, &parsed).is_ok());
            known && fits && matches
        })
        .await
    }

    /// Whether a hash was made with weaker parameters than today's.
    pub(super) fn is_outdated(hash: &str) -> bool {
        !hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let gone = |_| Error::new(Reason::ShuttingDown, "The engine is shutting down.");
        let full = |_| {
            Error::new(Reason::Overloaded, "Too many passwords wait to be checked; try again in a moment.")
        };
        let _place = self.places.try_acquire().map_err(full)?;
        let permit = self.permits.clone().acquire_owned().await.map_err(gone)?;
        let task = self.runtime.spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.map_err(|e| Error::internal(format!("a password hash was interrupted: {e}")))
    }
}

/// OWASP's minimum: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use argon2::password_hash::Error;

    use super::*;

    #[test]
    fn comparing_with_nobodys_hash_is_as_much_work_as_with_anybodys() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert!(!Hasher::is_outdated(NOBODY), "of today's parameters");
        let compared = argon2().verify_password(b"correct horse battery", &nobody);
        assert!(matches!(compared, Err(Error::PasswordInvalid)), "compared to the end: {compared:?}");
        assert_eq!(nobody.hash.unwrap().len(), 32);
    }
}
