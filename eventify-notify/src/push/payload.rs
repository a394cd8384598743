//! What a push message carries.

use eventify_core::notification::{FactName, Message, NoticeKind};
use serde_json::{Value, json};

use crate::links::PublicUrl;

/// The fields that every push message has: what an app or a page's worker needs to show it, and to replace a repeat by.
pub(super) fn data(message: &Message, body: &str, public_url: Option<&PublicUrl>) -> Value {
    let mut data = json!({
        "id": message.dedupe_key,
        "kind": message.fact.notice_kind().as_str(),
        "fact": message.fact.as_str(),
        "title": message.title,
        "body": body,
    });
    if let Some(fields) = data.as_object_mut() {
        if let Some(event_id) = message.event_id {
            fields.insert("event_id".to_owned(), event_id.to_string().into());
        }
        // Never one with a token: push services keep messages.
        let url = public_url.filter(|_| message.token.is_none()).and_then(|url| url.of(message));
        if let Some((_, url)) = url {
            fields.insert("url".to_owned(), url.into());
        }
    }
    data
}

/// The same as JSON of so many bytes at most: the words are cut, with an ellipsis, if that is too little.
pub(super) fn fitting(message: &Message, public_url: Option<&PublicUrl>, bytes_max: usize) -> Vec<u8> {
    let mut kept = message.body.len();
    loop {
        let body = cut(&message.body, kept);
        let text = data(message, &body, public_url).to_string();
        let Some(excess) = text.len().checked_sub(bytes_max).filter(|excess| *excess > 0) else {
            return text.into_bytes();
        };
        if kept == 0 {
            // A title this long is none; it is bounded by the engine.
            return data(&Message { title: String::new(), ..message.clone() }, "", None)
                .to_string()
                .into_bytes();
        }
        // The ellipsis takes three bytes, and an escaped character up to six.
        kept = kept.saturating_sub(excess.div_ceil(6).max(4));
    }
}

/// The beginning of a text, of so many bytes at most.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default().trim_end())
}

/// Whether a phone that sleeps should be woken for it.
pub(super) const fn is_urgent(fact: FactName) -> bool {
    matches!(
        fact.notice_kind(),
        NoticeKind::EventCancelled | NoticeKind::EventChanged | NoticeKind::Reminder | NoticeKind::Security
    ) || matches!(fact, FactName::WaitlistOffered)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_payload_fits_whatever_is_said() {
        for character in ["a", "ж", "\"", "\u{1}", "🎷"] {
            let message = Message {
                dedupe_key: "1".to_owned(),
                fact: FactName::Announcement,
                event_id: None,
                title: "Title".to_owned(),
                body: character.repeat(6_000),
                tickets: Vec::new(),
                unsubscribe: None,
                token: None,
            };
            let bytes = fitting(&message, None, 3_993);
            assert!((3_500..=3_993).contains(&bytes.len()), "{character}: {}", bytes.len());
            let said: Value = serde_json::from_slice(&bytes).unwrap();
            assert!(said["body"].as_str().unwrap().ends_with('…'));
            let endless = Message { title: character.repeat(9_000), ..message };
            assert!(fitting(&endless, None, 3_993).len() <= 3_993);
        }
    }
}
