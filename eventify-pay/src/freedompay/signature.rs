//! FreedomPay's signature: who knows the secret made the message.

use data_encoding::HEXLOWER;
use eventify_core::account::SecretText;
use eventify_core::{Entropy, SystemEntropy};
use md5::{Digest, Md5};
use percent_encoding::percent_decode;
use subtle::ConstantTimeEq;

use super::message::{Message, Value};

/// The field that holds it; it is no part of what is signed.
const FIELD: &str = "pg_sig";

/// The name that a message to an address is signed with: what stands behind the last slash, without a query.
pub(crate) fn script(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether the name of a script occurs in an address, also in other cases and escaped however often. Whatever part of such an address is taken
/// for its script: without the name in it, it is another one.
pub(crate) fn names(address: &str, script: &str) -> bool {
    let mut text = address.as_bytes().to_ascii_lowercase();
    loop {
        let decoded = percent_decode(&text).collect::<Vec<u8>>().to_ascii_lowercase();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    let script = script.to_ascii_lowercase();
    text.windows(script.len().max(1)).any(|part| part == script.as_bytes())
}

/// Adds a salt and the signature.
pub(crate) fn sign(script: &str, mut message: Message, secret: &SecretText) -> Message {
    let mut salt = [0; 16];
    SystemEntropy.fill(&mut salt);
    message.push("pg_salt", HEXLOWER.encode(&salt));
    let signature = digest(script, &message, secret);
    message.push(FIELD, signature);
    message
}

/// Whether a message carries exactly one signature, and that one is right.
pub(crate) fn is_genuine(script: &str, message: &Message, secret: &SecretText) -> bool {
    let given = message.get(FIELD).unwrap_or_default();
    bool::from(digest(script, message, secret).as_bytes().ct_eq(given.as_bytes()))
}

/// The script's name, the fields' values sorted by name, and the secret, joined by semicolons, hashed by MD5, in lower-case hex.
pub(crate) fn digest(script: &str, message: &Message, secret: &SecretText) -> String {
    let mut parts = vec![script];
    flatten(message, &mut parts);
    parts.push(secret.expose());
    HEXLOWER.encode(&Md5::digest(parts.join(";")))
}

/// Values sorted by name; those of one name stay in their order, nested ones are sorted the same way, in the place of their parent.
fn flatten<'a>(message: &'a Message, parts: &mut Vec<&'a str>) {
    let mut fields: Vec<_> = message.0.iter().filter(|(name, _)| name != FIELD).collect();
    fields.sort_by_key(|(name, _)| name);
    for (_, value) in fields {
        match value {
            Value::Text(text) => parts.push(text),
            Value::Fields(nested) => flatten(nested, parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the documentation; its digest as the tests of the client `paybox_money` have it.
    #[test]
    fn the_documented_example_is_signed_as_documented() {
        let xml = "<response><pg_salt>9imM909TH820jwk387</pg_salt><pg_t_param>value3</pg_t_param>\
                   <pg_a_param>value1</pg_a_param><pg_z_param><pg_q_subparam>subvalue2</pg_q_subparam>\
                   <pg_m_subparam>subvalue1</pg_m_subparam></pg_z_param><pg_b_param>value2</pg_b_param></response>";
        let message = Message::from_xml(xml).unwrap();
        let mut parts = Vec::new();
        flatten(&message, &mut parts);
        assert_eq!(parts.join(";"), "value1;value2;9imM909TH820jwk387;value3;subvalue1;subvalue2");
        assert_eq!(
            digest("script.php", &message, &SecretText::new("mypasskey")),
            "a8a4d5a9188f24038a14a4d65c387bf7"
        );
    }

    /// The request of the documentation with a merchant and a secret put in; its digest is md5sum's.
    #[test]
    fn the_documented_request_is_signed_as_documented() {
        let message = Message::of(&[
            ("pg_order_id", "23"),
            ("pg_merchant_id", "123456"),
            ("pg_amount", "25"),
            ("pg_description", "Order description"),
            ("pg_salt", "some_random_string"),
        ]);
        let digest = digest("init_payment.php", &message, &SecretText::new("test_secret_key"));
        assert_eq!(digest, "1d602ce1af2d04738e5840ff8562963f");
    }

    #[test]
    fn the_script_is_what_stands_behind_the_last_slash() {
        for (address, name) in [
            ("https://api.example.org/init_payment.php", "init_payment.php"),
            ("/api/payments/webhooks/freedompay?x=/y", "freedompay"),
            ("https://example.org/", ""),
        ] {
            assert_eq!(script(address), name);
        }
    }

    #[test]
    fn a_script_is_found_in_an_address_however_it_is_written() {
        for (address, found) in [
            ("https://shop.example/paid?booking=1", false),
            ("https://shop.example/", false),
            ("https://shop.example/freedom/pay", false),
            ("https://shop.example/freedompay", true),
            ("https://shop.example/freedompay/", true),
            ("https://shop.example/freedompay;4500;x", true),
            ("https://shop.example/FreedomPay", true),
            ("https://shop.example/freedompa%79?x", true),
            ("https://shop.example/freedompa%2579", true),
            ("https://shop.example/%66%72eedompay%2F", true),
            ("https://shop.example/x?y=/freedompay", true),
            ("https://freedompay", true),
        ] {
            assert_eq!(names(address, "freedompay"), found, "{address}");
        }
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let secret = SecretText::new("k");
        let signed = sign("result", Message::of(&[("pg_b", "1"), ("pg_a", "2"), ("pg_a", "1")]), &secret);
        assert!(is_genuine("result", &signed, &secret));
        assert!(!is_genuine("other", &signed, &secret));
        assert!(!is_genuine("result", &signed, &SecretText::new("K")));
        for field in 0..signed.0.len() {
            let mut changed = signed.clone();
            changed.0[field].1 = Value::Text("3".into());
            assert!(!is_genuine("result", &changed, &secret), "{field}");
        }
        let mut twice = signed.clone();
        twice.0.push(signed.0.last().unwrap().clone());
        assert!(!is_genuine("result", &twice, &secret), "two signatures");
        let mut none = signed;
        none.0.pop();
        assert!(!is_genuine("result", &none, &secret), "no signature");
    }
}
