//! Webhooks, and what they were told.

use std::collections::BTreeSet;

use eventify_core::Timestamp;
use eventify_core::keyring::Secret;
use eventify_core::notification::{Fact, FactName};
use eventify_core::webhook::{
    DeliveryState, DisabledWhy, Failing, PreviousSeed, Webhook, WebhookAttempt, WebhookDelivery, WebhookList,
    WebhookOwner, WebhookState,
};

use super::notification::fact_named;
use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells, SqlType, Value};
use crate::columns::{Batch, Columns, Spec, documents, table, values};

values! {
    WebhookOwner: String = |owner, out| out.extend_from_slice(owner.to_string().as_bytes()),
        |text| text.parse().map_err(|_| Bad::new(format!("{text:?} is no owner")));
}

documents! { Fact, Vec<WebhookAttempt> }

impl Value for BTreeSet<FactName> {
    const TYPE: SqlType = SqlType::Texts;
    fn encode(&self, out: &mut Vec<u8>) {
        self.iter().map(|fact| fact.as_str().to_owned()).collect::<Vec<String>>().encode(out);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        Vec::<String>::decode(bytes)?.iter().map(|text| fact_named(text)).collect()
    }
}

impl Columns for Option<PreviousSeed> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<Secret>("previous_seed"));
        to.push(Spec::nullable::<Timestamp>("previous_until"));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref().map(|previous| &previous.seed));
        row.put_option(self.as_ref().map(|previous| &previous.until));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let seed: Option<Secret> = Columns::take(row)?;
        Ok(seed.zip(Columns::take(row)?).map(|(seed, until)| PreviousSeed { seed, until }))
    }
}

impl Columns for WebhookState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("disabled_at"));
        to.push(Spec::nullable::<Word>("disabled_why"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, at, why) = match self {
            Self::Active => ("active", None, None),
            Self::Disabled { at, why } => ("disabled", Some(at), Some(Word(why.as_str()))),
        };
        row.put(&Word(status));
        row.put_option(at);
        row.put_option(why.as_ref());
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let (at, why): (Option<Timestamp>, Option<String>) = (Columns::take(row)?, Columns::take(row)?);
        match (status.as_str(), at, why.as_deref()) {
            ("active", None, None) => Ok(Self::Active),
            ("disabled", Some(at), Some("failing")) => Ok(Self::Disabled { at, why: DisabledWhy::Failing }),
            ("disabled", Some(at), Some("gone")) => Ok(Self::Disabled { at, why: DisabledWhy::Gone }),
            _ => Err(odd_state(&status)),
        }
    }
}

impl Columns for Option<Failing> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<Timestamp>("failing_since"));
        to.push(Spec::nullable::<u32>("failing_attempts"));
        to.push(Spec::nullable::<Timestamp>("hold_until"));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref().map(|failing| &failing.since));
        row.put_option(self.as_ref().map(|failing| &failing.attempts));
        row.put_option(self.as_ref().map(|failing| &failing.hold_until));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let (since, attempts): (Option<Timestamp>, Option<u32>) = (Columns::take(row)?, Columns::take(row)?);
        let all = since.zip(attempts).zip(Columns::take(row)?);
        Ok(all.map(|((since, attempts), hold_until)| Failing { since, attempts, hold_until }))
    }
}

impl Columns for DeliveryState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, since) = match self {
            Self::Waiting => ("waiting", None),
            Self::Delivered { at } => ("delivered", Some(at)),
            Self::Failed { at } => ("failed", Some(at)),
        };
        row.put(&Word(status));
        row.put_option(since);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        match (status.as_str(), Columns::take(row)?) {
            ("waiting", None) => Ok(Self::Waiting),
            ("delivered", Some(at)) => Ok(Self::Delivered { at }),
            ("failed", Some(at)) => Ok(Self::Failed { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

table! {
    Webhook: id;
    fields owner, url, facts, seed, previous, state, failing, created_by, created_at, updated_at;
}

table! {
    WebhookList: owner;
    fields webhook_ids;
}

table! {
    WebhookDelivery: id;
    fields webhook_id, fact, state, attempts, newest, created_at, forget_at;
    expires "forget_at";
}
