//! The keys that sign tickets: one for each event, derived from the deployment's and kept for a while.

use std::sync::Arc;

use crate::ed25519::KeyPair;
use crate::error::Error;
use crate::id::EventId;
use crate::kept::Kept;
use crate::keyring::NumberedKey;
use crate::page::keyed_hash;

/// # Errors
/// As [`KeyPair::from_seed`].
pub(crate) fn signing_key(key: &NumberedKey, event_id: EventId) -> Result<KeyPair, Error> {
    // Each event's key follows from the deployment's, so a door device of one event can verify no other's.
    KeyPair::from_seed(&keyed_hash(&key.secret, &[b"ticket", event_id.as_bytes()]))
}

/// Signing keys of events that were needed lately: to derive one costs as much as to sign with it. Shows nothing of them.
#[derive(Debug, Default)]
pub(crate) struct SigningKeys(Kept<(u16, EventId), Arc<KeyPair>, SIGNING_KEYS_MAX>);

/// Some 300 kB at most.
const SIGNING_KEYS_MAX: usize = 1_024;

impl SigningKeys {
    /// An event's key, by one of the deployment's.
    ///
    /// # Errors
    /// As [`signing_key`].
    pub(crate) fn of(&self, key: &NumberedKey, event_id: EventId) -> Result<Arc<KeyPair>, Error> {
        self.0.get(&(key.id, event_id)).map_or_else(|| signing_key(key, event_id).map(Arc::new), Ok)
    }

    /// Keeps the key of a code that was issued or found good: what is made up puts none in the place of others.
    pub(crate) fn keep(&self, key: &NumberedKey, event_id: EventId, signing: &Arc<KeyPair>) {
        self.0.keep((key.id, event_id), signing);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use uuid::Uuid;

    use super::*;
    use crate::keyring::Secret;
    use crate::time::Timestamp;

    fn event(number: usize) -> EventId {
        EventId::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap_or_default()))
    }

    #[test]
    fn a_key_that_is_kept_is_the_one_that_would_be_derived_and_there_are_never_too_many() {
        let root = |id, byte| NumberedKey { id, secret: Secret::new([byte; 32]), created_at: Timestamp::MIN };
        let (old, new) = (root(1, 7), root(2, 9));
        let keys = SigningKeys::default();
        for number in 0..SIGNING_KEYS_MAX {
            for root in [&old, &new] {
                let signing = keys.of(root, event(number)).unwrap();
                keys.keep(root, event(number), &signing);
                let kept = keys.of(root, event(number)).unwrap();
                assert!(Arc::ptr_eq(&kept, &signing), "kept");
                let derived = signing_key(root, event(number)).unwrap();
                assert_eq!(kept.public().as_bytes(), derived.public().as_bytes());
            }
            let count = keys.0.len();
            assert!(count <= SIGNING_KEYS_MAX, "{count}");
        }
        let looked_at = || keys.of(&old, event(SIGNING_KEYS_MAX * 3)).unwrap();
        assert!(!Arc::ptr_eq(&looked_at(), &looked_at()), "only looked at");
    }
}
