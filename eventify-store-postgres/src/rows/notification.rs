//! What people are told.

use std::collections::BTreeSet;

use eventify_core::notification::{
    Channel, DailyDigest, DigestBox, Draft, FactName, NoticeKind, Notification, Phone, Preferences,
    PushAddress, PushClaim, PushSubscription, PushSubscriptions, QuietHours, TimeOfDay, Words,
};
use eventify_core::{Language, TimeZoneName};

use crate::cells::{Bad, Cells, SqlType, Value};
use crate::columns::{Batch, Columns, Spec, documents, group, table, values};

values! {
    FactName: String = |fact, out| out.extend_from_slice(fact.as_str().as_bytes()),
        |text| fact_named(&text);
    Language: String = |language, out| out.extend_from_slice(language.tag().as_bytes()),
        |text| text.parse().map_err(|_| Bad::new(format!("{text:?} is no language")));
    Phone: String = |phone, out| out.extend_from_slice(phone.as_str().as_bytes()),
        |text| text.parse().map_err(|_| Bad::new("what is no phone number"));
    TimeOfDay: String = |time, out| out.extend_from_slice(time.to_string().as_bytes()),
        |text| text.parse().map_err(|_| Bad::new(format!("{text:?} is no time of day")));
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

/// The fact of this name.
pub(super) fn fact_named(text: &str) -> Result<FactName, Bad> {
    named(FactName::ALL, FactName::as_str, text)
}

fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> Result<T, Bad> {
    let found = all.iter().copied().find(|item| name(*item) == text);
    found.ok_or_else(|| Bad::new(format!("{text:?} is unknown")))
}

impl Columns for Option<QuietHours> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<TimeOfDay>("quiet_from"));
        to.push(Spec::nullable::<TimeOfDay>("quiet_to"));
        to.push(Spec::nullable::<TimeZoneName>("quiet_time_zone"));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref().map(|quiet| &quiet.from));
        row.put_option(self.as_ref().map(|quiet| &quiet.to));
        row.put_option(self.as_ref().map(|quiet| &quiet.time_zone));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let (from, to): (Option<TimeOfDay>, Option<TimeOfDay>) = (Columns::take(row)?, Columns::take(row)?);
        let time_zone: Option<TimeZoneName> = Columns::take(row)?;
        let times = from.zip(to).zip(time_zone);
        Ok(times.map(|((from, to), time_zone)| QuietHours { from, to, time_zone }))
    }
}

table! {
    Notification: id;
    fields user_id, fact, fact_id, event_id, words, shown, read_at, created_at;
    // What processes of the schema before had sentences in.
    derive title = |_told| String::new();
    derive body = |_told| String::new();
}

impl Columns for Option<DailyDigest> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<TimeOfDay>("digest_at"));
        to.push(Spec::nullable::<TimeZoneName>("digest_time_zone"));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref().map(|digest| &digest.at));
        row.put_option(self.as_ref().map(|digest| &digest.time_zone));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let at: Option<TimeOfDay> = Columns::take(row)?;
        let time_zone: Option<TimeZoneName> = Columns::take(row)?;
        Ok(at.zip(time_zone).map(|(at, time_zone)| DailyDigest { at, time_zone }))
    }
}

table! {
    Preferences: user_id;
    fields off, quiet_hours, language, phone, digest;
}

documents! { PushAddress, Words, Vec<Draft> }

group! {
    PushSubscription: id, address, created_at;
}

table! {
    PushSubscriptions: user_id;
    list subscriptions in "push_subscription_list" by user_id;
}

table! {
    DigestBox: user_id;
    fields drafts;
}

table! {
    PushClaim: hash;
    fields user_id;
}
