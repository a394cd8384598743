//! The records of where push messages go.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{PushSubscriptionId, UserId, derived_uuid};
use crate::notification::PushAddress;
use crate::store::TokenHash;
use crate::time::Timestamp;

/// Browsers and phones that a person may have.
pub(super) const SUBSCRIPTIONS_MAX: usize = 10;

/// The browsers and phones of a person: one record, so that how many there are rests on one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushSubscriptions {
    /// Whose they are.
    pub user_id: UserId,
    /// They, oldest first; at most 10.
    pub subscriptions: Vec<PushSubscription>,
}

/// A browser or phone of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushSubscription {
    /// Its id: follows from the person and the address.
    pub id: PushSubscriptionId,
    /// How it is reached.
    pub address: PushAddress,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Whose messages a browser or phone takes: one person's at a time, the last who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushClaim {
    /// The SHA-256 of its address.
    pub hash: TokenHash,
    /// The person.
    pub user_id: UserId,
}

impl PushSubscription {
    pub(super) fn new(user_id: UserId, address: PushAddress, created_at: Timestamp) -> Self {
        let hash = hash_of(&address);
        let id = derived_uuid(&[b"push_subscription", user_id.as_bytes(), hash.as_bytes()]);
        Self { id: PushSubscriptionId::from_uuid(id), address, created_at }
    }

    /// What its claim is kept by.
    pub(crate) fn hash(&self) -> TokenHash {
        hash_of(&self.address)
    }
}

/// Some browsers and phones, as a job keeps them.
pub(crate) fn places(ids: &[PushSubscriptionId]) -> String {
    let ids = ids.iter().take(SUBSCRIPTIONS_MAX).map(ToString::to_string);
    ids.collect::<Vec<_>>().join(",")
}

/// Whether one is among those that a job keeps.
pub(crate) fn is_place(places: &str, id: PushSubscriptionId) -> bool {
    places.split(',').any(|place| place.parse::<PushSubscriptionId>().is_ok_and(|place| place == id))
}

/// Without the keys: a browser may get others, and stays the same.
pub(super) fn hash_of(address: &PushAddress) -> TokenHash {
    let (kind, place) = match address {
        PushAddress::Web { endpoint, .. } => ("web:", endpoint),
        PushAddress::Fcm { token } => ("fcm:", token),
    };
    TokenHash::new(Sha256::new().chain_update(kind).chain_update(place).finalize().into())
}
