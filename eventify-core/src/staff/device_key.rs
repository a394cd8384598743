//! What a device at the door shows: its key.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::context::Context;
use crate::id::{DeviceId, EventId};
use crate::store::TokenHash;

/// A device's key as it is shown once: `evd_`, then its event, its id and 32 random bytes in base64url. Shows nothing
/// of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct DeviceKey(String);

/// What every device's key begins with.
const PREFIX: &str = "evd_";
const KEY_BYTES: usize = 16 + 16 + 32;

impl DeviceKey {
    /// Whether a bearer's token has the form of a device's key.
    #[must_use]
    pub fn is_form_of(token: &str) -> bool {
        token.starts_with(PREFIX)
    }

    pub(super) fn random(cx: &Context<'_>, event_id: EventId, id: DeviceId) -> Self {
        let bytes = [&event_id.as_bytes()[..], id.as_bytes(), &cx.random::<32>()].concat();
        Self(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The event and the device that a key names; nothing of it is proved yet.
    pub(super) fn parse(token: &str) -> Option<(EventId, DeviceId)> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        if bytes.len() != KEY_BYTES {
            return None;
        }
        let (event_id, rest) = bytes.split_at_checked(16)?;
        let (id, _) = rest.split_at_checked(16)?;
        Some((EventId::from_bytes(event_id.try_into().ok()?), DeviceId::from_bytes(id.try_into().ok()?)))
    }

    pub(super) fn hash_of(token: &str) -> TokenHash {
        TokenHash::new(Sha256::digest(token.as_bytes()).into())
    }

    pub(super) fn hash(&self) -> TokenHash {
        Self::hash_of(&self.0)
    }

    /// The key's text: give it to the device, and keep it nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}
