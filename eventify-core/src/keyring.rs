//! The deployment's keys: made on first start, kept in the store, never shown.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::context::{Clock, Entropy};
use crate::error::Error;
use crate::store::{ChangeSet, Expectation, Key, Recorded, Store, StoreErrorKind, Version, Write};
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
    /// From which mailed tokens and the secrets of authenticator apps and webhooks follow, so that none of them is stored.
    pub account_key: Secret,
    /// Authenticates the cursors of pages.
    pub cursor_key: Secret,
}

/// The newest keyring that this process has seen.
#[derive(Debug)]
pub(crate) struct Keys {
    newest: RwLock<Arc<Keyring>>,
    /// The last read; held while it goes on.
    last: tokio::sync::Mutex<Option<LastRead>>,
}

#[derive(Debug)]
struct LastRead {
    begun: Instant,
    /// `None` while it goes on, and for ever when whoever read went away.
    ended: Option<Result<(), Error>>,
}

/// The keyring is read anew no more often than this, however many unknown keys are named.
const READ_EVERY: Duration = Duration::from_millis(100);

impl Keys {
    pub(crate) fn new(keyring: Arc<Keyring>) -> Self {
        Self { newest: RwLock::new(keyring), last: tokio::sync::Mutex::new(None) }
    }

    pub(crate) fn newest(&self) -> Arc<Keyring> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes up a keyring unless it is older than the known one: keys only ever come.
    pub(crate) fn learn(&self, keyring: &Arc<Keyring>) {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        if keyring.newest_key() > newest.newest_key() {
            *newest = keyring.clone();
        }
    }

    /// The newest keyring; read anew when the key that something names is newer than all known ones.
    ///
    /// Whoever names one waits for a read that began after they asked, and shares it with everybody else who does: a
    /// key that another process has just made is known at once, and made-up ones cost the store ten reads a second.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub(crate) async fn knowing(&self, named: Option<u16>, store: &dyn Store) -> Result<Arc<Keyring>, Error> {
        let known = self.newest();
        if named.is_some_and(|id| id > known.newest_key()) {
            self.read_anew(store).await?;
            return Ok(self.newest());
        }
        Ok(known)
    }

    /// Reads the keyring anew, after anybody who is just doing so. Those who waited for a read that began after they
    /// asked share its outcome, a failure too: a store that does not answer is not asked by one after the other.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub(crate) async fn read_anew(&self, store: &dyn Store) -> Result<(), Error> {
        let asked_at = Instant::now();
        let mut last = self.last.lock().await;
        if let Some(read) = &*last {
            match &read.ended {
                Some(ended) if read.begun > asked_at => return ended.clone(),
                _ => tokio::time::sleep_until(read.begun + READ_EVERY).await,
            }
        }
        let begun = Instant::now();
        *last = Some(LastRead { begun, ended: None });
        let ended = load(store).await.map(|found| found.iter().for_each(|keyring| self.learn(keyring)));
        *last = Some(LastRead { begun, ended: Some(ended.clone()) });
        ended
    }
}

async fn load(store: &dyn Store) -> Result<Option<Arc<Keyring>>, Error> {
    let loaded = store.load(&BTreeSet::from([Key::Keyring(())])).await?;
    Ok(loaded.iter().filter_map(|v| v.record.as_ref()).find_map(Keyring::unwrap).cloned())
}

/// The keyring of a store; made when it has none.
pub(crate) async fn load_or_make(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Arc<Keyring>, Error> {
    // Two processes may start on an empty store at once: the second one's commit fails and it reads the first's.
    for _ in 0..3 {
        if let Some(keyring) = load(store).await? {
            if keyring.is_unfinished() {
                let message =
                    "the store is the rest of a copy that is under way or was interrupted, and not whole";
                return Err(Error::internal(message));
            }
            return Ok(keyring);
        }
        let key = Key::Keyring(());
        let keyring = Arc::new(Keyring::generate(clock.now(), entropy));
        let mut stamp = [0; 8];
        entropy.fill(&mut stamp);
        let set = ChangeSet {
            stamp: Version::new(u64::from_le_bytes(stamp).max(1)),
            expectations: vec![Expectation { key: key.clone(), version: Version::ABSENT }],
            writes: vec![Write { key, before: None, after: Some(Keyring::wrap(keyring)) }],
        };
        match store.commit(&set).await {
            Ok(_) => {}
            Err(error) if error.kind() == StoreErrorKind::Indeterminate => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::internal("the keyring can neither be read nor made"))
}

impl Keyring {
    fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let secret = || {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            Secret::new(bytes)
        };
        let first = || vec![NumberedKey { id: 1, secret: secret(), created_at: now }];
        let mut deployment = [0; 16];
        entropy.fill(&mut deployment);
        Self {
            singleton: (),
            deployment: uuid::Builder::from_random_bytes(deployment).into_uuid(),
            access_token_keys: first(),
            ticket_keys: first(),
            refresh_key: secret(),
            account_key: secret(),
            cursor_key: secret(),
        }
    }

    /// The keyring of a store that is being copied into: it has no keys, and no engine starts over it.
    pub(crate) const fn unfinished() -> Self {
        Self {
            singleton: (),
            deployment: uuid::Uuid::nil(),
            access_token_keys: Vec::new(),
            ticket_keys: Vec::new(),
            refresh_key: Secret::new([0; 32]),
            account_key: Secret::new([0; 32]),
            cursor_key: Secret::new([0; 32]),
        }
    }

    /// Whether it stands for a copy that is under way or was interrupted.
    #[must_use]
    pub const fn is_unfinished(&self) -> bool {
        self.access_token_keys.is_empty() && self.ticket_keys.is_empty()
    }

    /// The number of the newest key: all lists grow together.
    fn newest_key(&self) -> u16 {
        self.ticket_keys.last().map_or(0, |key| key.id)
    }

    /// A keyring whose next signatures are made with a new key; what the old ones signed stays good.
    pub(crate) fn rotated(&self, now: Timestamp, tokens: [u8; 32], tickets: [u8; 32]) -> Self {
        let mut next = self.clone();
        for (keys, bytes) in [(&mut next.access_token_keys, tokens), (&mut next.ticket_keys, tickets)] {
            let id = keys.last().map_or(1, |key| key.id.saturating_add(1));
            keys.push(NumberedKey { id, secret: Secret::new(bytes), created_at: now });
        }
        next
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::*;
    use crate::error::Reason;
    use crate::store::MemoryStore;
    use crate::testing::{FakeClock, FaultPlan, FaultStore, SeededEntropy};

    #[tokio::test(start_paused = true)]
    async fn whoever_waited_for_a_read_that_failed_is_told_so() {
        let store = FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE);
        let (clock, entropy) = (FakeClock::default(), SeededEntropy::new(1));
        let keys = Keys::new(load_or_make(&store, &clock, &entropy).await.unwrap());
        keys.read_anew(&store).await.unwrap();
        store.set_plan(FaultPlan { reads_unavailable: 1_000, ..FaultPlan::NONE });
        let told = join_all((0..5).map(|_| keys.read_anew(&store))).await;
        for told in told {
            assert_eq!(told.unwrap_err().reason(), Reason::StoreUnavailable);
        }
        assert_eq!(
            store.counts().reads_unavailable,
            1,
            "one after the other asked a store that does not answer"
        );
        store.set_plan(FaultPlan::NONE);
        keys.read_anew(&store).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_goes_away_leaves_the_next_one_to_read() {
        let store = FaultStore::new(MemoryStore::new(), 1, FaultPlan { yields_max: 5, ..FaultPlan::NONE });
        let (clock, entropy) = (FakeClock::default(), SeededEntropy::new(1));
        let keys = Keys::new(load_or_make(&store, &clock, &entropy).await.unwrap());
        keys.read_anew(&store).await.unwrap();
        let before = store.counts().reads;
        for _ in 0..20 {
            let mut reading = Box::pin(keys.read_anew(&store));
            let mut waiting = Box::pin(keys.read_anew(&store));
            assert!((&mut reading).now_or_never().is_none() && (&mut waiting).now_or_never().is_none());
            tokio::time::advance(READ_EVERY).await;
            // Begins to read.
            let _ = (&mut reading).now_or_never();
            drop(reading);
            waiting.await.unwrap();
        }
        assert!(store.counts().reads >= before + 20, "somebody was content with what was never read");
    }
}
