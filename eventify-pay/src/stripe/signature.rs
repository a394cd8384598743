//! `Stripe-Signature`: who knows the endpoint's secret sent the body, and not long ago.

use data_encoding::HEXLOWER;
use eventify_core::account::SecretText;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Seconds by which a callback may be old, or ahead of our clock.
pub(crate) const TOLERANCE: i64 = 300;
/// Signatures of one header that are looked at; there are two while a secret is replaced.
const SIGNATURES_MAX: usize = 10;

/// Whether one of the header's `v1` signatures of this body is by one of the secrets, and its instant is near `now` (seconds since 1970).
pub(crate) fn is_genuine(header: &str, body: &[u8], secrets: &[SecretText], now: i64) -> bool {
    let parts = || header.split(',').filter_map(|part| part.split_once('='));
    let mut instants = parts().filter(|(key, _)| *key == "t").map(|(_, value)| value);
    let (Some(instant), None) = (instants.next(), instants.next()) else { return false };
    let Ok(seconds) = instant.parse::<i64>() else { return false };
    if seconds.abs_diff(now) > TOLERANCE.unsigned_abs() {
        return false;
    }
    let expected: Vec<String> =
        secrets.iter().filter_map(|secret| signature(instant, body, secret)).collect();
    let given = parts().filter(|(key, _)| *key == "v1").map(|(_, value)| value).take(SIGNATURES_MAX);
    given.fold(false, |known, given| {
        let same = |own: &String| bool::from(own.as_bytes().ct_eq(given.as_bytes()));
        expected.iter().fold(known, |known, own| known | same(own))
    })
}

/// The signature of a body at an instant: HMAC-SHA256 of both, joined by a point, in lower-case hex.
pub(crate) fn signature(instant: &str, body: &[u8], secret: &SecretText) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(instant.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(HEXLOWER.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The event, the secret and the signature with which Stripe's own client for .NET is tested.
    const EVENT: &str = include_str!("event_test_signature.json");
    const HEADER: &str = "t=1533204620,v1=f0bdba6d4eacbd8ad8a3bbadd7248e633ec1477f7899c124c51b39405fa36613,\
                          v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef";

    fn genuine(header: &str, body: &str, secrets: &[&str], now: i64) -> bool {
        let secrets: Vec<SecretText> = secrets.iter().map(|secret| SecretText::new(*secret)).collect();
        is_genuine(header, body.as_bytes(), &secrets, now)
    }

    #[test]
    fn what_stripe_signs_is_genuine() {
        assert!(genuine(HEADER, EVENT, &["webhook_secret"], 1_533_204_620));
        assert!(genuine(HEADER, EVENT, &["the next one", "webhook_secret"], 1_533_204_620), "two secrets");
        assert!(!genuine(HEADER, EVENT, &["another"], 1_533_204_620));
        assert!(!genuine(HEADER, EVENT, &[], 1_533_204_620));
        assert!(!genuine(HEADER, &EVENT.replace("1000", "1001"), &["webhook_secret"], 1_533_204_620));
    }

    #[test]
    fn only_within_five_minutes() {
        for (after, fresh) in
            [(-301, false), (-300, true), (300, true), (301, false), (i64::MAX - 1_533_204_620, false)]
        {
            assert_eq!(genuine(HEADER, EVENT, &["webhook_secret"], 1_533_204_620 + after), fresh, "{after}");
        }
    }

    #[test]
    fn one_right_signature_among_several_is_enough_and_none_is_not() {
        let right = "f0bdba6d4eacbd8ad8a3bbadd7248e633ec1477f7899c124c51b39405fa36613";
        let at =
            |rest: &str| genuine(&format!("t=1533204620{rest}"), EVENT, &["webhook_secret"], 1_533_204_620);
        assert!(at(&format!(",v1={},v1={right}", "0".repeat(64))));
        for rest in
            ["", ",v1=", ",v0=f0bd", &format!(",v0={right}"), &format!(",v1={}", right.to_uppercase())]
        {
            assert!(!at(rest), "{rest}");
        }
        for header in
            ["", "t=", "v1=x", &format!("t=x,v1={right}"), &format!("t=1533204620,t=1533204621,v1={right}")]
        {
            assert!(!genuine(header, EVENT, &["webhook_secret"], 1_533_204_620), "{header}");
        }
    }
}
