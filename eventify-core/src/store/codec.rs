//! Keys and records as bytes, for backends that keep bytes.
//!
//! A key's bytes sort as the key does within its kind. A record's bytes are one byte of format number, then
//! postcard: a record of an older format is upgraded when it is read, one of a newer format is refused by name.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key::{
    AllowanceKey, CategoryNameKey, EmailKey, EventDayKey, IdempotencyHash, PromoUseKey, SeatRowKey,
    SeatSectionKey, ShortCode, ThrottleKey, TokenHash, WaitlistKey,
};
use super::record::{Key, Kind, Record, Recorded};
use crate::id::{
    AnnouncementId, AuditId, BookingId, CategoryId, EventId, JobId, LaneId, LedgerEntryId, NotificationId,
    PaymentId, PromoCodeId, ReviewId, ScanId, SessionId, TicketId, TicketTypeId, TransferId, UserId,
    WebhookDeliveryId, WebhookId,
};
use crate::webhook::WebhookOwner;

/// Why bytes are no key or record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes are damaged.
    #[error("{kind:?}: {problem}")]
    Damaged {
        /// What they should be.
        kind: Kind,
        /// What is wrong with them.
        problem: String,
    },
    /// A newer Eventify wrote them.
    #[error(
        "{kind:?}: written in format {format}, newer than this version of Eventify understands ({known})"
    )]
    Newer {
        /// What they are.
        kind: Kind,
        /// Their format.
        format: u8,
        /// The newest format known here.
        known: u8,
    },
}

impl CodecError {
    #[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
    fn damaged(kind: Kind, problem: impl ToString) -> Self {
        Self::Damaged { kind, problem: problem.to_string() }
    }
}

/// The key as bytes, without its kind.
#[must_use]
pub fn encode_key(key: &Key) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    key.write_bytes(&mut out);
    out
}

/// The inverse of [`encode_key`].
///
/// # Errors
/// [`CodecError::Damaged`].
pub fn decode_key(kind: Kind, bytes: &[u8]) -> Result<Key, CodecError> {
    Key::from_kind_bytes(kind, bytes).ok_or_else(|| CodecError::damaged(kind, "not a key of this kind"))
}

/// The record as bytes, without its kind, appended to `out`.
///
/// # Errors
/// [`CodecError::Damaged`] when it cannot be written, which no record of ours gives reason for.
pub fn encode_record(record: &Record, out: &mut Vec<u8>) -> Result<(), CodecError> {
    record.write_bytes(out)
}

/// The inverse of [`encode_record`].
///
/// # Errors
/// [`CodecError`].
pub fn decode_record(kind: Kind, bytes: &[u8]) -> Result<Record, CodecError> {
    Record::from_kind_bytes(kind, bytes)
}

pub(super) fn write_value<R: Recorded + Serialize>(record: &R, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.push(R::FORMAT);
    let taken = std::mem::take(out);
    *out = postcard::to_extend(record, taken).map_err(|e| CodecError::damaged(R::KIND, e))?;
    Ok(())
}

pub(super) fn read_value<R: Recorded + DeserializeOwned>(bytes: &[u8]) -> Result<R, CodecError> {
    let Some((&format, body)) = bytes.split_first() else {
        return Err(CodecError::damaged(R::KIND, "no bytes"));
    };
    if format > R::FORMAT {
        return Err(CodecError::Newer { kind: R::KIND, format, known: R::FORMAT });
    }
    if format < R::FORMAT {
        return R::upgrade(format, body).ok_or_else(|| CodecError::damaged(R::KIND, "an unknown old format"));
    }
    match postcard::take_from_bytes::<R>(body) {
        Ok((record, [])) => Ok(record),
        Ok((_, rest)) => Err(CodecError::damaged(R::KIND, format!("{} bytes too many", rest.len()))),
        Err(error) => Err(CodecError::damaged(R::KIND, error)),
    }
}

/// A part of a key as bytes that sort as it does.
pub(super) trait KeyBytes: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! id_bytes {
    ($($name:ident)+) => {$(
        impl KeyBytes for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_bytes());
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_bytes)
            }
        }
    )+};
}
id_bytes! {
    UserId SessionId EventId CategoryId TicketTypeId BookingId TicketId NotificationId AuditId JobId LaneId PromoCodeId ReviewId ScanId TransferId AnnouncementId PaymentId LedgerEntryId WebhookId WebhookDeliveryId
}

macro_rules! fixed_bytes {
    ($($name:ident)+) => {$(
        impl KeyBytes for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_bytes());
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::new)
            }
        }
    )+};
}
fixed_bytes! { TokenHash IdempotencyHash ShortCode }

macro_rules! text_bytes {
    ($($name:ident)+) => {$(
        impl KeyBytes for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_str().as_bytes());
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                let text = std::str::from_utf8(bytes).ok()?;
                Some(Self::stored(text.to_owned()))
            }
        }
    )+};
}
text_bytes! { EmailKey CategoryNameKey ThrottleKey }

impl KeyBytes for AllowanceKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.ticket_type_id.write(out);
        self.user_id.write(out);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (ticket_type_id, user_id) = bytes.split_at_checked(16)?;
        Some(Self { ticket_type_id: KeyBytes::read(ticket_type_id)?, user_id: KeyBytes::read(user_id)? })
    }
}

impl KeyBytes for PromoUseKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.promo_code_id.write(out);
        self.user_id.write(out);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (promo_code_id, user_id) = bytes.split_at_checked(16)?;
        Some(Self { promo_code_id: KeyBytes::read(promo_code_id)?, user_id: KeyBytes::read(user_id)? })
    }
}

impl KeyBytes for SeatSectionKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.event_id.write(out);
        out.extend_from_slice(&self.section.to_be_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (event_id, section) = bytes.split_at_checked(16)?;
        let section = u16::from_be_bytes(section.try_into().ok()?);
        Some(Self { event_id: KeyBytes::read(event_id)?, section })
    }
}

impl KeyBytes for SeatRowKey {
    fn write(&self, out: &mut Vec<u8>) {
        SeatSectionKey { event_id: self.event_id, section: self.section }.write(out);
        out.extend_from_slice(&self.row.to_be_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (section, row) = bytes.split_at_checked(18)?;
        let SeatSectionKey { event_id, section } = KeyBytes::read(section)?;
        Some(Self { event_id, section, row: u16::from_be_bytes(row.try_into().ok()?) })
    }
}

impl KeyBytes for EventDayKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.event_id.write(out);
        // Flipping the sign bit puts the days before 1970 first.
        out.extend_from_slice(&(self.day.cast_unsigned() ^ (1 << 31)).to_be_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (event_id, day) = bytes.split_at_checked(16)?;
        let day = u32::from_be_bytes(day.try_into().ok()?) ^ (1 << 31);
        Some(Self { event_id: KeyBytes::read(event_id)?, day: day.cast_signed() })
    }
}

impl KeyBytes for WaitlistKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.ticket_type_id.write(out);
        out.extend_from_slice(&self.number.to_be_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (ticket_type_id, number) = bytes.split_at_checked(16)?;
        let number = u32::from_be_bytes(number.try_into().ok()?);
        Some(Self { ticket_type_id: KeyBytes::read(ticket_type_id)?, number })
    }
}

impl KeyBytes for WebhookOwner {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok()?.parse().ok()
    }
}

impl KeyBytes for () {
    fn write(&self, _out: &mut Vec<u8>) {}
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }
}
