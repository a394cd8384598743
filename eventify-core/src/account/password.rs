//! Passwords: what is accepted, and how they are kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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
    memory: Arc<Memory>,
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
        Self { places, permits: Arc::new(Semaphore::new(cores)), memory: Arc::default(), runtime }
    }

    /// The PHC string of a new password.
    pub(super) async fn hash(&self, password: &Password, entropy: &dyn Entropy) -> Result<String, Error> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let password = password.clone();
        self.blocking(move |blocks| {
            let hash = new_hash(password.0.as_bytes(), &salt, blocks);
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
        self.blocking(move |blocks| {
            // Longer than any password that was ever accepted: cannot match, and must not cost more.
            let fits = password.0.chars().count() <= CHARS_MAX;
            let text = if fits { password.0.as_bytes() } else { b"" };
            let parsed = PasswordHash::new(&hash).ok();
            let matches = parsed.is_some_and(|parsed| is_hash_of(&parsed, text, blocks));
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
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let gone = |_| Error::new(Reason::ShuttingDown, "The engine is shutting down.");
        let full = |_| {
            Error::new(Reason::Overloaded, "Too many passwords wait to be checked; try again in a moment.")
        };
        let _place = self.places.try_acquire().map_err(full)?;
        let permit = self.permits.clone().acquire_owned().await.map_err(gone)?;
        let (memory, permits) = (self.memory.clone(), self.permits.clone());
        let task = self.runtime.spawn_blocking(move || {
            let mut blocks = memory.take();
            let done = work(&mut blocks);
            memory.keep(blocks);
            drop(permit);
            // Nobody waits: it goes back to the system.
            if permits.available_permits() > 0 {
                memory.forget();
            }
            done
        });
        task.await.map_err(|e| Error::internal(format!("a password hash was interrupted: {e}")))
    }
}

/// Blocks that hashes were computed in, for those who wait. There are never more than hashes at a time.
///
/// Nothing of one hash reaches the next: it writes every block before it reads it.
#[derive(Default)]
struct Memory(Mutex<Vec<Vec<Block>>>);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(…)")
    }
}

/// Blocks that memory is asked for at a time: 33 MiB, of which only those count that are written. The C library of Linux
/// takes from 32 MiB on always straight from the system, and gives it back when it is freed. Of 19 MiB, once freed, it
/// keeps as much for each thread that ever hashed.
const BLOCKS_RESERVED: usize = 33 * 1024;

impl Memory {
    fn take(&self) -> Vec<Block> {
        let kept = self.kept().pop();
        kept.unwrap_or_else(|| Vec::with_capacity(BLOCKS_RESERVED))
    }

    fn keep(&self, blocks: Vec<Block>) {
        self.kept().push(blocks);
    }

    fn forget(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// OWASP's minimum: 19 MiB, two passes, one lane.
fn params() -> Params {
    Params::new(19_456, 2, 1, None).unwrap_or(Params::DEFAULT)
}

type Hashed<T> = Result<T, argon2::password_hash::Error>;

fn new_hash(password: &[u8], salt: &[u8], blocks: &mut Vec<Block>) -> Hashed<PasswordHash> {
    let (algorithm, version, params) = (Algorithm::Argon2id, Version::V0x13, params());
    let hash = compute(&Argon2::new(algorithm, version, params.clone()), password, salt, blocks)?;
    Ok(PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(hash),
    })
}

/// Whether a password is the one of a hash, by the parameters that the hash was made with.
fn is_hash_of(known: &PasswordHash, password: &[u8], blocks: &mut Vec<Block>) -> bool {
    let (Some(salt), Some(expected)) = (&known.salt, &known.hash) else { return false };
    let mut computed = || {
        let algorithm = Algorithm::try_from(known.algorithm.as_str())?;
        let version = known.version.map_or(Ok(Version::default()), Version::try_from)?;
        compute(&Argon2::new(algorithm, version, Params::try_from(known)?), password, salt, blocks)
    };
    // Compared in constant time.
    computed().is_ok_and(|computed: Output| computed == *expected)
}

fn compute(argon2: &Argon2<'_>, password: &[u8], salt: &[u8], blocks: &mut Vec<Block>) -> Hashed<Output> {
    let wanted = argon2.params().block_count();
    if blocks.len() < wanted {
        blocks.resize(wanted, Block::new());
    }
    let mut out = [0; Output::MAX_LENGTH];
    let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let out = out.get_mut(..length).ok_or(argon2::password_hash::Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password, salt, out, blocks.as_mut_slice())?;
    Ok(Output::new(out)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};

    use super::*;

    #[test]
    fn comparing_with_nobodys_hash_is_as_much_work_as_with_anybodys() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert!(!Hasher::is_outdated(NOBODY), "of today's parameters");
        let compared = Argon2::default().verify_password(b"correct horse battery", &nobody);
        assert!(matches!(compared, Err(Error::PasswordInvalid)), "compared to the end: {compared:?}");
        assert_eq!(nobody.hash.unwrap().len(), 32);
    }

    #[test]
    fn memory_that_held_another_hash_makes_the_same_one() {
        let mut blocks = Vec::new();
        let first = new_hash(b"correct horse battery", &[7; 16], &mut blocks).unwrap();
        let other = new_hash(b"three quiet rivers", &[9; 16], &mut blocks).unwrap();
        assert_eq!(new_hash(b"correct horse battery", &[7; 16], &mut blocks).unwrap(), first);
        assert!(Argon2::default().verify_password(b"correct horse battery", &first).is_ok());
        assert!(is_hash_of(&other, b"three quiet rivers", &mut blocks));
        assert!(!is_hash_of(&other, b"correct horse battery", &mut blocks));
        let others =
            Argon2::new(Algorithm::Argon2i, Version::V0x10, Params::new(64, 3, 2, Some(20)).unwrap());
        let weak = others.hash_password_with_salt(b"of another house", &[3; 16]).unwrap();
        assert!(is_hash_of(&weak, b"of another house", &mut blocks), "by the parameters of the hash");
        assert!(!is_hash_of(&weak, b"of this house", &mut blocks));
    }

    #[tokio::test]
    async fn memory_is_kept_while_somebody_waits_and_given_back_in_the_end() {
        let hasher = Hasher::new(tokio::runtime::Handle::current());
        let cores = hasher.permits.available_permits();
        let password = Password::new("correct horse battery");
        let all = (0..cores * 3).map(|_| hasher.verify(&password, None));
        for known in futures_util::future::join_all(all).await {
            assert!(!known.unwrap());
        }
        assert!(hasher.memory.kept().is_empty(), "the last one gives everything back");
    }
}
