//! Identifiers: one newtype per noun, so that a booking's id can never be passed for a ticket's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct ParseIdError;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// A UUID (version 7 when Eventify makes it, so ids sort by creation time); 36 characters as text.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that the caller already has.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes, in the order in which ids sort.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The inverse of [`Self::as_bytes`].
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError)
            }
        }
    )+};
}

ids! {
    /// Names a person's account.
    UserId;
    /// Names one login on one device: a refresh-token family.
    SessionId;
    /// Names an event.
    EventId;
    /// Names a category of events.
    CategoryId;
    /// Names an entry of an event's schedule.
    ScheduleItemId;
    /// Names a ticket type of an event.
    TicketTypeId;
    /// Names a promo code of an event: follows from both.
    PromoCodeId;
    /// Names a booking, from its hold to its end.
    BookingId;
    /// Names a payment: one attempt to pay for a booking.
    PaymentId;
    /// Names a refund: a part of a payment, or all of it, given back.
    RefundId;
    /// Names a dispute: follows from its payment and the provider's name for it.
    DisputeId;
    /// Names a movement of money: follows from its payment, its kind, and its refund or dispute.
    LedgerEntryId;
    /// Names a ticket.
    TicketId;
    /// Names a transfer: a ticket offered to somebody else.
    TransferId;
    /// Names a scan that was made without network: follows from its event and the device's own id of it.
    ScanId;
    /// Names a notification in somebody's history.
    NotificationId;
    /// Names an announcement to those who have tickets of an event.
    AnnouncementId;
    /// Names an entry of the audit trail.
    AuditId;
    /// Names a job: work that must happen later.
    JobId;
    /// Names a domain fact: the same fact keeps its id however often it is told.
    FactId;
    /// Names a device at an event's door.
    DeviceId;
    /// Names a browser or phone that takes a person's push messages: follows from the two.
    PushSubscriptionId;
    /// Names an address of another system that is told of facts.
    WebhookId;
    /// Names one fact on its way to one webhook: follows from the two.
    WebhookDeliveryId;
    /// Names an API key of a person.
    ApiKeyId;
    /// Names a person's review of an event: follows from the two.
    ReviewId;
    /// Names one write lane of one running engine.
    LaneId;
}

/// A UUID version 8 that follows from its parts.
pub(crate) fn derived_uuid(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The same, beginning as another id does: with the instant at which that one was made. What is written together lies together
/// then, and a purchase changes fewer pages; the other 74 bits still follow from all parts.
pub(crate) fn derived_beside(other: Uuid, parts: &[&[u8]]) -> Uuid {
    const INSTANT: usize = 6;
    let mut bytes = derived_uuid(parts).into_bytes();
    for (byte, of_other) in bytes.iter_mut().zip(other.as_bytes()).take(INSTANT) {
        *byte = *of_other;
    }
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_follows_from_its_parts_alone_and_may_lie_beside_another() {
        let booking = Uuid::from_u128(0x0190_1234_5678_7abc_8def_0123_4567_89ab);
        let id = |parts: &[&[u8]]| derived_beside(booking, parts);
        assert_eq!(id(&[b"a", b"b"]), id(&[b"a", b"b"]));
        let others: [&[&[u8]]; 4] = [&[b"ab"], &[b"a", b"c"], &[b"a", b"b", b""], &[]];
        for other in others {
            assert_ne!(id(&[b"a", b"b"]), id(other), "{other:?}");
        }
        assert_eq!(id(&[b"a"]).as_bytes()[..6], booking.as_bytes()[..6]);
        assert_eq!(id(&[b"a"]).as_bytes()[6..], derived_uuid(&[b"a"]).as_bytes()[6..]);
        for made in [id(&[b"a"]), derived_uuid(&[b"a"])] {
            assert_eq!((made.get_version_num(), made.get_variant()), (8, uuid::Variant::RFC4122));
        }
    }
}
