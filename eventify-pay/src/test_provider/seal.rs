//! What this provider wrote itself, nobody else can have written.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Writes and checks seals, by a key.
#[derive(Clone)]
pub(super) struct Seal(Hmac<Sha256>);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        // A shorter key is filled up with zeros by definition.
        let mut block = [0; 64];
        block[..32].copy_from_slice(key);
        Self(Hmac::new(&block.into()))
    }

    /// A seal over texts, for a use: one that was made for another use is none. In lower-case hex.
    pub(super) fn of(&self, purpose: &str, texts: &[&str]) -> String {
        let mut mac = self.0.clone();
        for text in [&[purpose], texts].concat() {
            // With its length before it: so no border between two texts can be moved.
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    pub(super) fn holds(&self, purpose: &str, texts: &[&str], seal: &str) -> bool {
        bool::from(self.of(purpose, texts).as_bytes().ct_eq(seal.as_bytes()))
    }
}
