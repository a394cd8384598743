//! Keys that follow from the store's own: nobody can guess them, every process over the store has the same, and none is kept anywhere.

use eventify_core::Eventify;
use eventify_core::keyring::Keyring;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::exit::Failure;
use super::store::OpenStore;

/// The key for a purpose.
pub(crate) async fn key(store: &OpenStore, purpose: &str) -> Result<[u8; 32], Failure> {
    if store.load::<Keyring>(&()).await?.is_none() {
        // Makes the store's keys, if it is new.
        let engine = Eventify::builder_over(store.records.clone()).without_worker().start().await?;
        engine.shut_down().await;
    }
    let keyring = store.load::<Keyring>(&()).await?;
    let keyring = keyring.ok_or_else(|| Failure::refused("the store has no keys yet"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(keyring.cursor_key.expose())
        .map_err(|error| Failure::refused(format!("no key can be made: {error}")))?;
    mac.update(purpose.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}
