//! Messages that only one browser can read: RFC 8291, over the content coding `aes128gcm` (RFC 8188).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::rand;

/// Bytes of a record: one is all that is allowed.
const RECORD_BYTES: u32 = 4_096;
/// Bytes of a message at most: a record of 4,096 with the header before it is what push services must take.
pub(super) const PLAIN_BYTES_MAX: usize = 3_993;
/// Lengths are rounded up to this, so that they say less about what is in it.
const PADDED_BYTES: usize = 256;

const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 16;

/// Why there is nothing to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CannotEncrypt {
    /// The browser's keys are none.
    #[error("the browser's keys are none that a message can be encrypted to")]
    Keys,
    #[error("the message is too long")]
    TooLong,
}

/// Encrypts a message to a browser.
///
/// # Errors
/// [`CannotEncrypt`].
pub(super) fn encrypt(plain: &[u8], p256dh: &[u8], auth: &[u8]) -> Result<Vec<u8>, CannotEncrypt> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(CannotEncrypt::TooLong);
    }
    let padded = plain.len().next_multiple_of(PADDED_BYTES).min(PLAIN_BYTES_MAX);
    let mut salt = [0; SALT_BYTES];
    let fresh = rand::fill(&mut salt).and_then(|()| PrivateKey::generate(&ECDH_P256));
    let private = fresh.map_err(|_| CannotEncrypt::Keys)?;
    seal(plain, padded, p256dh, auth, &private, &salt)
}

fn seal(
    plain: &[u8],
    padded: usize,
    p256dh: &[u8],
    auth: &[u8],
    private: &PrivateKey,
    salt: &[u8; SALT_BYTES],
) -> Result<Vec<u8>, CannotEncrypt> {
    let bad = |_: Unspecified| CannotEncrypt::Keys;
    // An uncompressed point, and a secret as long as RFC 8291 says.
    if p256dh.len() != 65 || p256dh.first() != Some(&4) || auth.len() != 16 {
        return Err(CannotEncrypt::Keys);
    }
    let public = private.compute_public_key().map_err(bad)?;
    let public = public.as_ref();
    let theirs = UnparsedPublicKey::new(&ECDH_P256, p256dh);
    let mut input = [0; 32];
    agree(private, theirs, Unspecified, |secret| {
        let info: [&[u8]; 3] = [b"WebPush: info\0", p256dh, public];
        expand(&Salt::new(HKDF_SHA256, auth).extract(secret), &info, &mut input)
    })
    .map_err(bad)?;
    let derived = Salt::new(HKDF_SHA256, salt).extract(&input);
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    expand(&derived, &[b"Content-Encoding: aes128gcm\0"], &mut key).map_err(bad)?;
    expand(&derived, &[b"Content-Encoding: nonce\0"], &mut nonce).map_err(bad)?;

    let mut record = plain.to_vec();
    // The end of the last record, then what pads it.
    record.push(2);
    record.resize(padded.max(plain.len()) + 1, 0);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(bad)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
        .map_err(bad)?;
    debug_assert!(record.len() <= PLAIN_BYTES_MAX + 1 + TAG_BYTES, "longer than a record");

    let mut sealed = salt.to_vec();
    sealed.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    sealed.push(65);
    sealed.extend_from_slice(public);
    sealed.extend_from_slice(&record);
    Ok(sealed)
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(from: &Prk, info: &[&[u8]], out: &mut [u8]) -> Result<(), Unspecified> {
    from.expand(info, Bytes(out.len()))?.fill(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
    }

    /// RFC 8291 section 5 and appendix A.
    #[test]
    fn the_example_of_the_rfc_comes_out() {
        let private = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let private = PrivateKey::from_private_key(&ECDH_P256, &private).unwrap();
        let p256dh =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let sealed = seal(plain, 0, &p256dh, &auth, &private, &salt).unwrap();
        assert_eq!(
            BASE64URL_NOPAD.encode(&sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn lengths_are_rounded_and_bounded() {
        let private = PrivateKey::generate(&ECDH_P256).unwrap();
        let public = private.compute_public_key().unwrap();
        let length =
            |plain: usize| encrypt(&vec![b'a'; plain], public.as_ref(), &[7; 16]).map(|sealed| sealed.len());
        let around = 86 + 1 + TAG_BYTES;
        assert_eq!(length(0), Ok(around));
        assert_eq!(length(1), Ok(around + 256));
        assert_eq!(length(256), Ok(around + 256));
        assert_eq!(length(257), Ok(around + 512));
        assert_eq!(length(PLAIN_BYTES_MAX), Ok(4_096));
        assert_eq!(length(PLAIN_BYTES_MAX + 1), Err(CannotEncrypt::TooLong));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let private = PrivateKey::generate(&ECDH_P256).unwrap();
        let good = private.compute_public_key().unwrap().as_ref().to_vec();
        let mut off_the_curve = good.clone();
        off_the_curve[64] ^= 1;
        for (p256dh, auth) in [
            (&b""[..], &[0; 16][..]),
            (&good[..64], &[0; 16]),
            (&good[..], &[0; 15]),
            (&off_the_curve, &[0; 16]),
            (&[4; 65], &[0; 16]),
        ] {
            assert_eq!(encrypt(b"hello", p256dh, auth), Err(CannotEncrypt::Keys));
        }
    }
}
