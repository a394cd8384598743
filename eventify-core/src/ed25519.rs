//! Ed25519 (RFC 8032), by whichever library the build has.
//!
//! A host in Rust has AWS-LC for its access tokens and for TLS anyway, and it signs in a third of the time. An app that embeds
//! the engine behind a foreign interface takes curve25519 alone, which is 1.4 MB less (feature `aws-lc`). Signatures are the
//! same to the byte, so a file may move from one to the other.

#[cfg(feature = "aws-lc")]
pub(crate) use aws_lc::{KeyPair, PublicKey};
#[cfg(not(feature = "aws-lc"))]
pub(crate) use dalek::{KeyPair, PublicKey};

pub(crate) const SEED_BYTES: usize = 32;
pub(crate) const PUBLIC_KEY_BYTES: usize = 32;
pub(crate) const SIGNATURE_BYTES: usize = 64;

#[cfg(feature = "aws-lc")]
mod aws_lc {
    use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};

    use super::{PUBLIC_KEY_BYTES, SEED_BYTES, SIGNATURE_BYTES};
    use crate::error::Error;

    /// Shows nothing of its secret half.
    #[derive(Debug)]
    pub(crate) struct KeyPair {
        pair: Ed25519KeyPair,
        public: PublicKey,
    }

    #[derive(Debug, Clone)]
    pub(crate) struct PublicKey(ParsedPublicKey);

    impl KeyPair {
        /// # Errors
        /// `internal`, when the library has no memory.
        pub(crate) fn from_seed(seed: &[u8; SEED_BYTES]) -> Result<Self, Error> {
            let made = || {
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
                let public = PublicKey::from_bytes(pair.public_key().as_ref().try_into().ok()?)?;
                Some(Self { pair, public })
            };
            made().ok_or_else(|| Error::internal("no key can be made to sign tickets with"))
        }

        /// # Errors
        /// `internal`, when the library has no memory.
        pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], Error> {
            let signature = self.pair.try_sign(message).ok();
            let bytes = signature.and_then(|signature| signature.as_ref().try_into().ok());
            bytes.ok_or_else(|| Error::internal("a ticket cannot be signed"))
        }

        pub(crate) const fn public(&self) -> &PublicKey {
            &self.public
        }
    }

    impl PublicKey {
        /// Bytes that are no point of the curve may be found out here, or verify nothing.
        pub(crate) fn from_bytes(bytes: &[u8; PUBLIC_KEY_BYTES]) -> Option<Self> {
            ParsedPublicKey::new(&ED25519, bytes).ok().map(Self)
        }

        pub(crate) fn as_bytes(&self) -> &[u8] {
            self.0.as_ref()
        }

        pub(crate) fn is_of(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
            self.0.verify_sig(message, signature).is_ok()
        }
    }
}

#[cfg(any(test, not(feature = "aws-lc")))]
mod dalek {
    use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

    use super::{PUBLIC_KEY_BYTES, SEED_BYTES, SIGNATURE_BYTES};
    use crate::error::Error;

    /// Shows nothing of its secret half.
    #[derive(Debug)]
    pub(crate) struct KeyPair {
        pair: SigningKey,
        public: PublicKey,
    }

    #[derive(Debug, Clone)]
    pub(crate) struct PublicKey(VerifyingKey);

    #[allow(clippy::unnecessary_wraps, reason = "the other library may have no memory")]
    impl KeyPair {
        /// # Errors
        /// None.
        pub(crate) fn from_seed(seed: &[u8; SEED_BYTES]) -> Result<Self, Error> {
            let pair = SigningKey::from_bytes(seed);
            let public = PublicKey(pair.verifying_key());
            Ok(Self { pair, public })
        }

        /// # Errors
        /// None.
        pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], Error> {
            Ok(self.pair.sign(message).to_bytes())
        }

        pub(crate) const fn public(&self) -> &PublicKey {
            &self.public
        }
    }

    impl PublicKey {
        /// `None` for bytes that are no point of the curve.
        pub(crate) fn from_bytes(bytes: &[u8; PUBLIC_KEY_BYTES]) -> Option<Self> {
            VerifyingKey::from_bytes(bytes).ok().map(Self)
        }

        pub(crate) fn as_bytes(&self) -> &[u8] {
            self.0.as_bytes()
        }

        pub(crate) fn is_of(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
            self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
        }
    }
}

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{PublicKey, aws_lc, dalek};

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
    }

    /// RFC 8032, 7.1, tests 1 and 2: seed, public key, message, signature.
    const VECTORS: [[&str; 4]; 2] = [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
    ];

    #[test]
    fn both_libraries_sign_as_the_standard_says_and_accept_each_others_signatures() {
        for [seed, public, message, signature] in VECTORS {
            let (seed, public, signature) = (bytes(seed), bytes::<32>(public), bytes(signature));
            let message = data_encoding::HEXLOWER.decode(message.as_bytes()).unwrap();
            let of_aws_lc = aws_lc::KeyPair::from_seed(&seed).unwrap();
            let of_dalek = dalek::KeyPair::from_seed(&seed).unwrap();
            assert_eq!(
                (of_aws_lc.public().as_bytes(), of_dalek.public().as_bytes()),
                (&public[..], &public[..])
            );
            assert_eq!(of_aws_lc.sign(&message).unwrap(), signature);
            assert_eq!(of_dalek.sign(&message).unwrap(), signature);
            for place in [0, 31, 32, 63] {
                let mut other = signature;
                other[place] ^= 1;
                for (signature, is_good) in [(signature, true), (other, false)] {
                    assert_eq!(of_aws_lc.public().is_of(&message, &signature), is_good, "{place}");
                    assert_eq!(of_dalek.public().is_of(&message, &signature), is_good, "{place}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_point_verify_nothing() {
        // The least y that no point of the curve has.
        let mut none = [0; 32];
        none[0] = 2;
        let signature = aws_lc::KeyPair::from_seed(&[7; 32]).unwrap().sign(b"a message").unwrap();
        assert!(PublicKey::from_bytes(&none).is_none_or(|key| !key.is_of(b"a message", &signature)));
        assert!(dalek::PublicKey::from_bytes(&none).is_none());
    }

    #[test]
    fn a_key_shows_nothing_of_its_secret() {
        let seed = [7; 32];
        let shown = [
            format!("{:?}", aws_lc::KeyPair::from_seed(&seed).unwrap()),
            format!("{:?}", dalek::KeyPair::from_seed(&seed).unwrap()),
        ];
        for shown in shown {
            assert!(!shown.contains("7, 7, 7") && !shown.contains("070707"), "{shown}");
        }
    }
}
