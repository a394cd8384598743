//! What people are told.

use std::collections::BTreeSet;

use eventify_core::notification::{Channel, FactName, NoticeKind, Notification, Preferences};

use crate::cells::{Bad, SqlType, Value};
use crate::columns::{table, values};

values! {
    FactName: String = |fact, out| out.extend_from_slice(fact.as_str().as_bytes()),
        |text| named(FactName::ALL, FactName::as_str, &text);
}

/// Kinds and channels that are off, each as `kind/channel`.
impl Value for BTreeSet<(NoticeKind, Channel)> {
    const TYPE: SqlType = SqlType::Texts;
    fn encode(&self, out: &mut Vec<u8>) {
        let texts = self.iter().map(|(kind, channel)| format!("{}/{}", kind.as_str(), channel.as_str()));
        texts.collect::<Vec<String>>().encode(out);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let pair = |text: String| {
            let (kind, channel) = text.split_once('/').unwrap_or((&text, ""));
            let kind = named(NoticeKind::ALL, NoticeKind::as_str, kind)?;
            Ok((kind, named(Channel::ALL, Channel::as_str, channel)?))
        };
        Vec::<String>::decode(bytes)?.into_iter().map(pair).collect()
    }
}

fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> Result<T, Bad> {
    let found = all.iter().copied().find(|item| name(*item) == text);
    found.ok_or_else(|| Bad::new(format!("{text:?} is unknown")))
}

table! {
    Notification: id;
    fields user_id, fact, fact_id, event_id, title, body, shown, read_at, created_at;
}

table! {
    Preferences: user_id;
    fields off;
}
