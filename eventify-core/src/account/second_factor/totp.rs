//! The codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds) and the codes for when the app is lost.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder};

use super::model::SecondFactor;
use crate::account::secret_text::SecretText;
use crate::context::Context;
use crate::error::Error;
use crate::id::UserId;
use crate::keyring::Keyring;
use crate::page::keyed_hash;
use crate::store::TokenHash;
use crate::time::Timestamp;

/// A code of the step before or after is good too: clocks differ.
const SKEW_STEPS: u16 = 1;
const STEP_S: u64 = 30;
const DIGITS: u8 = 6;
/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// What a person shows as their second factor.
#[derive(Debug, Clone)]
pub(in crate::account) enum Proof {
    /// What the app shows now.
    Code(SecretText),
    /// One of the recovery codes.
    Recovery(SecretText),
}

impl Proof {
    /// # Errors
    /// `invalid_value` for both at once.
    pub(in crate::account) fn of(
        code: Option<SecretText>,
        recovery_code: Option<SecretText>,
    ) -> Result<Option<Self>, Error> {
        match (code, recovery_code) {
            (Some(_), Some(_)) => Err(Error::invalid("recovery_code", "must not come together with code")),
            (Some(code), None) => Ok(Some(Self::Code(code))),
            (None, Some(code)) => Ok(Some(Self::Recovery(code))),
            (None, None) => Ok(None),
        }
    }
}

/// The secret that follows from a seed: known to the app and computed here, stored nowhere.
pub(super) fn secret(keyring: &Keyring, user_id: UserId, seed: &[u8; 16]) -> [u8; 20] {
    let mac = keyed_hash(&keyring.account_key, &[b"totp", user_id.as_bytes(), seed]);
    let mut secret = [0; 20];
    secret.copy_from_slice(&mac[..20]);
    secret
}

/// The secret as a person types it.
pub(super) fn as_base32(secret: [u8; 20]) -> String {
    data_encoding::BASE32_NOPAD.encode(&secret)
}

/// The address that an app reads from a picture.
pub(super) fn uri(secret: [u8; 20], deployment: &str, email: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, account) = (encode(deployment), encode(email));
    let secret = as_base32(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_S}"
    )
}

/// The step whose code this is, if it is one of now.
fn step_of(secret: [u8; 20], code: &str, now: Timestamp) -> Option<i64> {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(secret)
        .with_digits(DIGITS)
        .with_step_duration(STEP_S)
        .with_skew(SKEW_STEPS)
        .build()
        .ok()?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    let step = totp.check(&digits, u64::try_from(now.as_seconds()).unwrap_or(0))?;
    i64::try_from(step).ok()
}

/// The second factor after this proof was used; `None` when it is not good. A step's code is good once.
pub(super) fn after(
    factor: &SecondFactor,
    proof: &Proof,
    keyring: &Keyring,
    now: Timestamp,
) -> Option<SecondFactor> {
    match proof {
        Proof::Code(code) => {
            let step = step_of(secret(keyring, factor.user_id, &factor.seed), code.expose(), now)?;
            (step > factor.last_step).then(|| SecondFactor { last_step: step, ..factor.clone() })
        }
        Proof::Recovery(code) => {
            let hash = recovery_hash(keyring, factor.user_id, code.expose())?;
            // Every one is compared, so that the time says nothing of which it is.
            let same = |known: &TokenHash| bool::from(known.as_bytes().ct_eq(hash.as_bytes()));
            let rest: Vec<TokenHash> = factor.recovery_codes.iter().copied().filter(|c| !same(c)).collect();
            let used = rest.len() < factor.recovery_codes.len();
            used.then(|| SecondFactor { recovery_codes: rest, ..factor.clone() })
        }
    }
}

/// New recovery codes, and what is kept of them.
pub(super) fn recovery_codes(cx: &Context<'_>, user_id: UserId) -> (Vec<SecretText>, Vec<TokenHash>) {
    let codes = (0..RECOVERY_CODES).map(|_| {
        let text = data_encoding::BASE32_NOPAD.encode(&cx.random::<10>());
        let groups: Vec<&str> = (0..4).filter_map(|nth| text.get(nth * 4..nth * 4 + 4)).collect();
        groups.join("-")
    });
    let codes: Vec<String> = codes.collect();
    let hashes = codes.iter().filter_map(|code| recovery_hash(cx.keyring, user_id, code)).collect();
    (codes.into_iter().map(SecretText::new).collect(), hashes)
}

/// What is kept of a recovery code. Case, hyphens and spaces do not matter.
fn recovery_hash(keyring: &Keyring, user_id: UserId, code: &str) -> Option<TokenHash> {
    let plain = code.chars().filter(|c| !matches!(c, '-' | ' ')).take(17);
    let plain: String = plain.map(|c| c.to_ascii_uppercase()).collect();
    let bytes = data_encoding::BASE32_NOPAD.decode(plain.as_bytes()).ok().filter(|b| b.len() == 10)?;
    let parts: [&[u8]; 3] = [b"recovery", user_id.as_bytes(), &bytes];
    Some(TokenHash::new(keyed_hash(&keyring.account_key, &parts)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1; six digits are the last six of the eight.
        let secret = *b"12345678901234567890";
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924")]
        {
            let now = Timestamp::from_micros(seconds * 1_000_000).unwrap();
            let step = seconds / 30;
            assert_eq!(step_of(secret, code, now), Some(step), "{seconds}");
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            assert_eq!(step_of(secret, &spaced, now), Some(step));
            let later = |s: i64| Timestamp::from_micros((seconds + s) * 1_000_000).unwrap();
            assert_eq!(step_of(secret, code, later(30)), Some(step), "the clock is slow");
            assert_eq!(step_of(secret, code, later(90)), None);
            for wrong in ["", "12345", &code[1..], "+87082", "abcdef", "١٢٣٤٥٦"] {
                assert_eq!(step_of(secret, wrong, now), None, "{wrong}");
            }
        }
    }

    #[test]
    fn the_address_for_the_app_escapes_what_it_must() {
        let uri = uri(*b"12345678901234567890", "Ёлка & Co", "a+b@c.kz");
        assert!(uri.starts_with("otpauth://totp/%D0%81%D0%BB%D0%BA%D0%B0%20%26%20Co:a%2Bb%40c%2Ekz?secret="));
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%D0%81"));
    }
}
