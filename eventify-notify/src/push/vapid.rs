//! Who we are to push services: RFC 8292.

use std::fmt::{self, Debug};
use std::time::Duration;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::BASE64URL_NOPAD;
use eventify_core::Timestamp;
use eventify_core::account::SecretText;
use serde_json::json;

use super::{PushError, jwt};

/// How long a signature is good; push services take a day at most.
const SIGNED_FOR: Duration = Duration::from_secs(12 * 3_600);

/// The key by which push services know the deployment (VAPID). Browsers subscribe with its public part: another key means
/// that everybody has to subscribe again.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    public: String,
}

impl Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapidKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl VapidKey {
    /// A new key's private part, for [`VapidKey::new`]: 32 bytes in base64url, 43 characters.
    ///
    /// # Errors
    /// [`PushError`] when the machine has no randomness.
    pub fn generate() -> Result<SecretText, PushError> {
        let bytes = || -> Result<_, Unspecified> {
            let private = PrivateKey::generate(&ECDH_P256)?;
            AsBigEndian::<EcPrivateKeyBin<'_>>::as_be_bytes(&private)
        };
        let bytes = bytes().map_err(|_| PushError::Settings("no key can be made".to_owned()))?;
        Ok(SecretText::new(BASE64URL_NOPAD.encode(bytes.as_ref())))
    }

    /// The key of a private part.
    ///
    /// # Errors
    /// [`PushError`] when it is none.
    pub fn new(private: &SecretText) -> Result<Self, PushError> {
        let text = private.expose().trim().trim_end_matches('=');
        let refused =
            || PushError::Settings("the VAPID key must be 32 bytes of P-256 in base64url".to_owned());
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| refused())?;
        let key = PrivateKey::from_private_key(&ECDH_P256, &bytes).map_err(|_| refused())?;
        let public = key.compute_public_key().map_err(|_| refused())?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &bytes, public.as_ref());
        Ok(Self { pair: pair.map_err(|_| refused())?, public: BASE64URL_NOPAD.encode(public.as_ref()) })
    }

    /// The public part, for browsers (`applicationServerKey`): an uncompressed point in base64url, 87 characters.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// What says to a push service who calls.
    pub(super) fn authorization(
        &self,
        origin: &str,
        contact: &str,
        now: Timestamp,
    ) -> Result<String, Unspecified> {
        let header = json!({"typ": "JWT", "alg": "ES256"});
        let until = now.plus(SIGNED_FOR).to_jiff().as_second();
        let claims = json!({"aud": origin, "exp": until, "sub": contact});
        let token = jwt::signed(&header, &claims, |said| {
            self.pair.sign(&SystemRandom::new(), said).map(|signature| signature.as_ref().to_vec())
        })?;
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_key_is_read_back_and_shows_nothing() {
        let private = VapidKey::generate().unwrap();
        assert_eq!(private.expose().len(), 43);
        let key = VapidKey::new(&private).unwrap();
        assert_eq!(key.public().len(), 87);
        assert_eq!(key.public(), VapidKey::new(&private).unwrap().public());
        assert!(!format!("{key:?}").contains(private.expose()));
        let known = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
        let public =
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        assert_eq!(VapidKey::new(&SecretText::new(known)).unwrap().public(), public);
        for wrong in [
            "",
            "abc",
            &"A".repeat(43),
            &"_".repeat(43),
            &known[..42],
            "yfWPiYE+n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
        ] {
            assert!(VapidKey::new(&SecretText::new(wrong)).is_err(), "{wrong}");
        }
    }
}
