//! By what access tokens are signed.
//!
//! jsonwebtoken takes its cryptography from one provider of the whole process. Hosts in Rust may use that library themselves, with
//! other algorithms: for them it is one that knows all. An app that embeds the engine behind a foreign interface shares it with
//! nobody; there a provider of HS256 alone saves a crypto library of 1.4 MB.

/// Lets jsonwebtoken use one known provider, whatever else the host links. A host that installed one before keeps it: every
/// provider does HS256.
pub(crate) fn install() {
    #[cfg(feature = "aws-lc")]
    let provider = &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
    #[cfg(not(feature = "aws-lc"))]
    let provider = &hs256::PROVIDER;
    let _ = provider.install_default();
}

#[cfg(any(test, not(feature = "aws-lc")))]
mod hs256 {
    use hmac::{Hmac, KeyInit, Mac};
    use jsonwebtoken::Algorithm;
    use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
    use jsonwebtoken::errors::{ErrorKind, Result};
    use sha2::Sha256;
    use signature::{Error, Signer, Verifier};

    /// Knows HS256 and nothing else.
    pub(super) static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
        verifier_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?)),
        key_utils: KeyUtils::new_unimplemented(),
    };

    struct Hs256(Hmac<Sha256>);

    impl Hs256 {
        fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self> {
            if algorithm != Algorithm::HS256 {
                return Err(ErrorKind::InvalidAlgorithm.into());
            }
            Hmac::new_from_slice(key).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
        }

        fn over(&self, message: &[u8]) -> Hmac<Sha256> {
            self.0.clone().chain_update(message)
        }
    }

    impl Signer<Vec<u8>> for Hs256 {
        fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
            Ok(self.over(message).finalize().into_bytes().to_vec())
        }
    }

    impl Verifier<Vec<u8>> for Hs256 {
        fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
            // In constant time.
            self.over(message).verify_slice(signature).map_err(|_| Error::new())
        }
    }

    impl JwtSigner for Hs256 {
        fn algorithm(&self) -> Algorithm {
            Algorithm::HS256
        }
    }

    impl JwtVerifier for Hs256 {
        fn algorithm(&self) -> Algorithm {
            Algorithm::HS256
        }
    }
}

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use jsonwebtoken::crypto::{CryptoProvider, aws_lc};
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

    use super::hs256;

    #[test]
    fn both_providers_sign_and_believe_the_same() {
        let (key, message) = ([7; 32], b"header.claims".as_slice());
        let sign = |provider: &CryptoProvider| {
            let signer =
                (provider.signer_factory)(&Algorithm::HS256, &EncodingKey::from_secret(&key)).unwrap();
            signer.try_sign(message).unwrap()
        };
        let signature = sign(&hs256::PROVIDER);
        assert_eq!(signature, sign(&aws_lc::DEFAULT_PROVIDER));
        let mut forged = signature.clone();
        forged[31] ^= 1;
        for provider in [&hs256::PROVIDER, &aws_lc::DEFAULT_PROVIDER] {
            let believes = |key: &[u8], message: &[u8], signature: &[u8]| {
                let key = DecodingKey::from_secret(key);
                let verifier = (provider.verifier_factory)(&Algorithm::HS256, &key).unwrap();
                verifier.verify(message, &signature.to_vec()).is_ok()
            };
            assert!(believes(&key, message, &signature));
            assert!(!believes(&key, message, &forged) && !believes(&key, message, &signature[..31]));
            assert!(
                !believes(&key, b"header.others", &signature) && !believes(&[8; 32], message, &signature)
            );
        }
    }

    #[test]
    fn the_small_one_knows_no_other_algorithm() {
        for algorithm in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::EdDSA] {
            let (signs, reads) = (EncodingKey::from_secret(&[7; 32]), DecodingKey::from_secret(&[7; 32]));
            assert!((hs256::PROVIDER.signer_factory)(&algorithm, &signs).is_err(), "{algorithm:?}");
            assert!((hs256::PROVIDER.verifier_factory)(&algorithm, &reads).is_err(), "{algorithm:?}");
        }
    }
}
