//! Secrets of webhooks, and signatures by them, as the specification Standard Webhooks has them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::model::{Webhook, WebhookDelivery};
use super::port::WebhookRequest;
use crate::account::SecretText;
use crate::id::WebhookId;
use crate::keyring::{Keyring, Secret};
use crate::page::keyed_hash;
use crate::time::Timestamp;

/// What every secret begins with, so that people and scanners of leaked secrets recognise one.
const PREFIX: &str = "whsec_";

/// The secret that follows from a seed: 32 bytes, computed here and known to the other side.
fn key(keyring: &Keyring, webhook_id: WebhookId, seed: &Secret) -> Secret {
    Secret::new(keyed_hash(&keyring.account_key, &[b"webhook", webhook_id.as_bytes(), seed.expose()]))
}

/// The secret as its owner gets it.
pub(super) fn secret_text(keyring: &Keyring, webhook: &Webhook) -> SecretText {
    let key = key(keyring, webhook.id, &webhook.seed);
    SecretText::new(format!("{PREFIX}{}", data_encoding::BASE64.encode(key.expose())))
}

/// What is sent, signed with every secret that is good now.
pub(crate) fn request(
    keyring: &Keyring,
    webhook: &Webhook,
    delivery: &WebhookDelivery,
    now: Timestamp,
) -> Option<WebhookRequest> {
    let body = serde_json::to_string(&delivery.fact.envelope()).ok()?;
    let id = delivery.fact.id.to_string();
    let seconds = now.as_seconds().to_string();
    let previous = webhook.previous.as_ref().filter(|previous| previous.until > now);
    let seeds = [Some(&webhook.seed), previous.map(|previous| &previous.seed)];
    let keys = seeds.into_iter().flatten().map(|seed| key(keyring, webhook.id, seed));
    let signatures: Option<Vec<String>> =
        keys.map(|key| signature(key.expose(), &id, &seconds, &body)).collect();
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", seconds),
        ("webhook-signature", signatures?.join(" ")),
    ];
    Some(WebhookRequest { url: webhook.url.clone(), headers, body })
}

/// `v1,` and the base 64 of HMAC-SHA-256 over id, timestamp and body.
fn signature(key: &[u8], id: &str, seconds: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [id, ".", seconds, ".", body] {
        mac.update(part.as_bytes());
    }
    Some(format!("v1,{}", data_encoding::BASE64.encode(&mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The example that the specification's reference libraries are tested with.
        let key = data_encoding::BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_or_default();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }
}
