//! Ids, texts and amounts that several nouns have.

use eventify_core::store::{CategoryNameKey, EmailKey, IdempotencyHash, ShortCode, ThrottleKey, TokenHash};
use eventify_core::{
    AnnouncementId, ApiKeyId, AuditId, BookingId, CategoryId, Currency, DeviceId, DisputeId, EventId, FactId,
    JobId, LaneId, LedgerEntryId, Money, NotificationId, PaymentId, PromoCodeId, PushSubscriptionId,
    RefundId, ReviewId, ScanId, ScheduleItemId, SessionId, TicketId, TicketTypeId, TimeZoneName, TransferId,
    UserId, WebhookDeliveryId, WebhookId,
};
use uuid::Uuid;

use crate::cells::{Bad, Cells, SqlType, Value, elements, list};
use crate::columns::{Batch, Columns, Spec, values};

macro_rules! ids {
    ($($id:ident)+) => {
        values! {$(
            $id: Uuid = |id, out| out.extend_from_slice(id.as_bytes()), |uuid| Ok(Self::from_uuid(uuid));
        )+}
    };
}
ids! {
    AnnouncementId ApiKeyId AuditId BookingId CategoryId DeviceId DisputeId EventId FactId JobId LaneId NotificationId PromoCodeId PushSubscriptionId ScheduleItemId SessionId TicketId TicketTypeId UserId ReviewId TransferId ScanId PaymentId RefundId LedgerEntryId WebhookId WebhookDeliveryId
}

values! {
    TokenHash: [u8; 32] = |hash, out| out.extend_from_slice(hash.as_bytes()), |bytes| Ok(Self::new(bytes));
    IdempotencyHash: [u8; 32] = |hash, out| out.extend_from_slice(hash.as_bytes()), |bytes| Ok(Self::new(bytes));
    ShortCode: [u8; 8] = |code, out| out.extend_from_slice(code.as_bytes()), |bytes| Ok(Self::new(bytes));
    EmailKey: String = |key, out| out.extend_from_slice(key.as_str().as_bytes()), |text| Ok(Self::stored(text));
    CategoryNameKey: String = |key, out| out.extend_from_slice(key.as_str().as_bytes()), |text| Ok(Self::stored(text));
    ThrottleKey: String = |key, out| out.extend_from_slice(key.as_str().as_bytes()), |text| Ok(Self::stored(text));
    TimeZoneName: String = |zone, out| out.extend_from_slice(zone.as_str().as_bytes()), |text| Ok(Self::stored(text));
    Currency: String = |currency, out| out.extend_from_slice(currency.code().as_bytes()),
        |text| Self::stored(&text).ok_or_else(|| Bad::new("not a currency code"));
}

impl Columns for Money {
    fn list(name: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<i64>(&format!("{name}_minor")));
        to.push(Spec::new::<Currency>(&format!("{name}_currency")));
    }
    fn put(&self, row: &mut Batch) {
        row.put(&self.amount_minor);
        row.put(&self.currency);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        Ok(Self::new(Columns::take(row)?, Columns::take(row)?))
    }
}

impl Columns for Option<Money> {
    fn list(name: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<i64>(&format!("{name}_minor")));
        to.push(Spec::nullable::<Currency>(&format!("{name}_currency")));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref().map(|money| &money.amount_minor));
        row.put_option(self.as_ref().map(|money| &money.currency));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let amount: Option<i64> = Columns::take(row)?;
        Ok(amount.zip(Columns::take(row)?).map(|(amount, currency)| Money::new(amount, currency)))
    }
}

/// The key of what there is one of.
impl Columns for () {
    fn list(name: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<bool>(name));
    }
    fn put(&self, row: &mut Batch) {
        row.put(&true);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        row.take().map(drop)
    }
}

macro_rules! id_lists {
    ($($id:ident)+) => {$(
        impl Value for Vec<$id> {
            const TYPE: SqlType = SqlType::Uuids;
            fn encode(&self, out: &mut Vec<u8>) {
                let texts: Vec<String> = self.iter().map($id::to_string).collect();
                list(texts.iter().map(String::as_str), out);
            }
            fn decode(bytes: &[u8]) -> Result<Self, Bad> {
                elements(bytes)?.into_iter().map(|element| $id::decode(element.unwrap_or(&[]))).collect()
            }
        }
    )+};
}
id_lists! { TicketId TicketTypeId PaymentId WebhookId }

/// A word of a closed set, for columns that tell states apart.
pub(super) struct Word(pub(super) &'static str);

impl Value for Word {
    const TYPE: SqlType = SqlType::Text;
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
    fn decode(_: &[u8]) -> Result<Self, Bad> {
        Err(Bad::new("a word is only written"))
    }
}

/// The next cell, which tells a state.
pub(super) fn take_word(row: &mut Cells<'_>) -> Result<String, Bad> {
    Columns::take(row)
}

/// A state's own column that is null although the state needs it, or a state that nobody knows.
pub(super) fn odd_state(status: &str) -> Bad {
    Bad::new(format!("{status:?} is no state, or lacks what belongs to it"))
}
