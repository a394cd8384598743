//! Every kind of record there is: one table from which keys, records and their codecs follow.

use std::sync::Arc;

use super::change::Version;
use super::codec::{self, CodecError, KeyBytes};
use super::key::{
    AllowanceKey, CategoryNameKey, EmailKey, EventDayKey, IdempotencyHash, PromoUseKey, SeatRowKey,
    SeatSectionKey, ShortCode, ThrottleKey, TokenHash, WaitlistKey,
};
use crate::account::{
    ApiKeys, Credential, EmailClaim, Erasure, MailTokens, RefreshToken, SecondFactor, Session, Throttle, User,
};
use crate::announcement::{Announcement, AnnouncementLog};
use crate::audit::AuditEntry;
use crate::booking::{Allowance, Booking};
use crate::command::{IdempotentReply, LaneMark};
use crate::event::{Category, CategoryName, Event, OpenEvents, Schedule};
use crate::id::{
    AnnouncementId, AuditId, BookingId, CategoryId, EventId, JobId, LaneId, LedgerEntryId, NotificationId,
    PaymentId, PromoCodeId, ReviewId, ScanId, SessionId, TicketId, TicketTypeId, TransferId, UserId,
    WebhookDeliveryId, WebhookId,
};
use crate::job::Job;
use crate::keyring::Keyring;
use crate::notification::{DigestBox, Notification, Preferences, PushClaim, PushSubscriptions};
use crate::payment::{BookingPayments, LedgerEntry, Payment};
use crate::promo_code::{PromoCode, PromoUse};
use crate::review::{EventRating, Review};
use crate::seat_map::{SeatMap, SeatRow, SeatSection};
use crate::staff::Staff;
use crate::stats::{EventDay, EventTally};
use crate::ticket::{GateScan, Passages, ShortCodeClaim, Ticket};
use crate::ticket_type::{Inventory, TicketType};
use crate::time::Timestamp;
use crate::transfer::Transfer;
use crate::waitlist::{Waitlist, WaitlistEntry, WaitlistPlace};
use crate::webhook::{Webhook, WebhookDelivery, WebhookList, WebhookOwner};

/// The edition of the records' layouts. Until the first release it is raised whenever a record gets another layout:
/// what an earlier edition wrote is then not read, and a store says so. From then on a record that changes raises its
/// [`Recorded::FORMAT`] and upgrades what it finds.
pub const RECORD_EDITION: u32 = 16;

/// A type that is kept in the store under a key of its own.
pub trait Recorded: Sized + Send + Sync + 'static {
    /// What its key is made of.
    type Id;
    /// Which kind of record it is.
    const KIND: Kind;
    /// The number of its current binary format.
    const FORMAT: u8 = 1;

    /// The key of an id.
    fn key_of(id: &Self::Id) -> Key;
    /// This record's own key.
    fn key(&self) -> Key;
    /// As one of all records.
    fn wrap(record: Arc<Self>) -> Record;
    /// Out of all records, if it is one of these.
    fn unwrap(record: &Record) -> Option<&Arc<Self>>;
    /// Reads a body of an older format.
    fn upgrade(_format: u8, _body: &[u8]) -> Option<Self> {
        None
    }
}

/// A record that the sweeper deletes some time after its use is over.
pub trait Expires {
    /// From when on it may go; `None` while it must stay.
    fn expires_at(&self) -> Option<Timestamp>;
}

macro_rules! records {
    ($($(#[$doc:meta])* $number:literal $kind:ident($id:ty) = $record:ident . $($field:tt).+, $table:literal;)+) => {
        /// A kind of record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $kind = $number,)+ }

        impl Kind {
            /// Every kind, in key order.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The name of the table that holds it, the same in every backend.
            #[must_use]
            pub const fn table(self) -> &'static str {
                match self { $(Self::$kind => $table,)+ }
            }

            /// The kind of this number (`kind as u8`).
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$kind),)+ _ => None }
            }
        }

        /// Names a record.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key { $($(#[$doc])* $kind($id),)+ }

        impl Key {
            /// Which kind of record it names.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)+ }
            }

            pub(super) fn write_bytes(&self, out: &mut Vec<u8>) {
                match self { $(Self::$kind(id) => id.write(out),)+ }
            }

            pub(super) fn from_kind_bytes(kind: Kind, bytes: &[u8]) -> Option<Self> {
                match kind { $(Kind::$kind => <$id as KeyBytes>::read(bytes).map(Self::$kind),)+ }
            }
        }

        /// A record of any kind; cheap to clone.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Record { $($(#[$doc])* $kind(Arc<$record>),)+ }

        impl Record {
            /// Which kind of record it is.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)+ }
            }

            /// The key that it is kept under.
            #[must_use]
            pub fn key(&self) -> Key {
                match self { $(Self::$kind(record) => record.key(),)+ }
            }

            pub(super) fn write_bytes(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
                match self { $(Self::$kind(record) => codec::write_value(&**record, out),)+ }
            }

            pub(super) fn from_kind_bytes(kind: Kind, bytes: &[u8]) -> Result<Self, CodecError> {
                match kind {
                    $(Kind::$kind => codec::read_value::<$record>(bytes).map(|r| Self::$kind(Arc::new(r))),)+
                }
            }
        }

        $(impl Recorded for $record {
            type Id = $id;
            const KIND: Kind = Kind::$kind;

            fn key_of(id: &$id) -> Key {
                Key::$kind(id.clone())
            }

            fn key(&self) -> Key {
                Key::$kind(self.$($field).+.clone())
            }

            fn wrap(record: Arc<Self>) -> Record {
                Record::$kind(record)
            }

            fn unwrap(record: &Record) -> Option<&Arc<Self>> {
                match record { Record::$kind(record) => Some(record), _ => None }
            }
        })+
    };
}

records! {
    /// The deployment's keys.
    1 Keyring(()) = Keyring.singleton, "keyring";
    /// The newest batch of a write lane.
    2 LaneMark(LaneId) = LaneMark.lane_id, "lane_marks";
    /// The answer to a request with an idempotency key.
    3 IdempotentReply(IdempotencyHash) = IdempotentReply.hash, "idempotent_replies";
    /// Work that must happen later.
    4 Job(JobId) = Job.id, "jobs";
    /// Who did what.
    5 AuditEntry(AuditId) = AuditEntry.id, "audit_entries";

    /// A person's account.
    10 User(UserId) = User.id, "users";
    /// Who has an e-mail address.
    11 EmailClaim(EmailKey) = EmailClaim.email, "email_claims";
    /// How a person logs in.
    12 Credential(UserId) = Credential.user_id, "credentials";
    /// Failed logins.
    13 Throttle(ThrottleKey) = Throttle.key, "throttles";
    /// One login on one device.
    14 Session(SessionId) = Session.id, "sessions";
    /// One refresh token of a session.
    15 RefreshToken(TokenHash) = RefreshToken.hash, "refresh_tokens";
    /// The tokens on their way to a person's mailbox.
    16 MailTokens(UserId) = MailTokens.user_id, "mail_tokens";
    /// A person's authenticator app and recovery codes.
    17 SecondFactor(UserId) = SecondFactor.user_id, "second_factors";
    /// A person's API keys.
    18 ApiKeys(UserId) = ApiKeys.user_id, "api_keys";
    /// That there was an account.
    19 Erasure(UserId) = Erasure.user_id, "erasures";

    /// An event.
    20 Event(EventId) = Event.id, "events";
    /// An event's schedule.
    21 Schedule(EventId) = Schedule.event_id, "schedules";
    /// A category of events.
    22 Category(CategoryId) = Category.id, "categories";
    /// Which category has a name.
    23 CategoryName(CategoryNameKey) = CategoryName.name, "category_names";
    /// An event's overall capacity and what is taken of it.
    24 Inventory(EventId) = Inventory.event_id, "inventories";
    /// A ticket type, with what is taken of it.
    25 TicketType(TicketTypeId) = TicketType.id, "ticket_types";
    /// How much of a ticket type a person has.
    26 Allowance(AllowanceKey) = Allowance.key, "allowances";

    /// A booking.
    30 Booking(BookingId) = Booking.id, "bookings";
    /// A ticket.
    31 Ticket(TicketId) = Ticket.id, "tickets";
    /// Which ticket has a short code.
    32 ShortCodeClaim(ShortCode) = ShortCodeClaim.short_code, "short_codes";
    /// How a ticket's person came and went, where that is more than one entry.
    33 Passages(TicketId) = Passages.ticket_id, "passages";
    /// A ticket offered to somebody else.
    34 Transfer(TransferId) = Transfer.id, "transfers";
    /// A scan that was made without network.
    35 GateScan(ScanId) = GateScan.id, "gate_scans";

    /// A notification in somebody's history.
    40 Notification(NotificationId) = Notification.id, "notifications";
    /// What a person wants to be told, and how.
    41 Preferences(UserId) = Preferences.user_id, "preferences";
    /// What the holders of an event's tickets were told by its organizer.
    42 Announcement(AnnouncementId) = Announcement.id, "announcements";
    /// When an event's newest announcements were made.
    43 AnnouncementLog(EventId) = AnnouncementLog.event_id, "announcement_logs";

    /// The people and devices that work at an event.
    50 Staff(EventId) = Staff.event_id, "staff";
    /// What one person thinks of one event.
    51 Review(ReviewId) = Review.id, "reviews";
    /// What an event's reviews come to.
    52 EventRating(EventId) = EventRating.event_id, "event_ratings";
    /// A promo code of an event, with how often it is in use.
    60 PromoCode(PromoCodeId) = PromoCode.id, "promo_codes";
    /// How often a person uses a promo code.
    61 PromoUse(PromoUseKey) = PromoUse.key, "promo_uses";
    /// The seat map of an event.
    62 SeatMap(EventId) = SeatMap.event_id, "seat_maps";
    /// A section of a seat map, with which runs of free seats its rows have.
    63 SeatSection(SeatSectionKey) = SeatSection.key, "seat_sections";
    /// A row of a section, with what each of its seats is.
    64 SeatRow(SeatRowKey) = SeatRow.key, "seat_rows";
    /// The waitlist of a ticket type.
    65 Waitlist(TicketTypeId) = Waitlist.ticket_type_id, "waitlists";
    /// Somebody who waits.
    66 WaitlistEntry(WaitlistKey) = WaitlistEntry.key, "waitlist_entries";
    /// Which number a person has on a waitlist.
    67 WaitlistPlace(AllowanceKey) = WaitlistPlace.key, "waitlist_places";

    /// How many events an organizer has that are drafts or on sale.
    70 OpenEvents(UserId) = OpenEvents.organizer_id, "open_events";
    /// What came of an event's sales and doors.
    71 EventTally(EventId) = EventTally.event_id, "event_tallies";
    /// What happened at an event on one day.
    72 EventDay(EventDayKey) = EventDay.key, "event_days";

    /// One attempt to pay for a booking.
    100 Payment(PaymentId) = Payment.id, "payments";
    /// The payments of a booking.
    101 BookingPayments(BookingId) = BookingPayments.booking_id, "booking_payments";
    /// A movement of money.
    102 LedgerEntry(LedgerEntryId) = LedgerEntry.id, "ledger_entries";

    /// The browsers and phones that take a person's push messages.
    110 PushSubscriptions(UserId) = PushSubscriptions.user_id, "push_subscriptions";
    /// Whose messages a browser or phone takes.
    111 PushClaim(TokenHash) = PushClaim.hash, "push_claims";
    /// What waits for a person's digest.
    115 DigestBox(UserId) = DigestBox.user_id, "digest_boxes";

    /// An address of another system that is told of facts.
    120 Webhook(WebhookId) = Webhook.id, "webhooks";
    /// The webhooks of one owner.
    121 WebhookList(WebhookOwner) = WebhookList.owner, "webhook_lists";
    /// One fact on its way to one webhook.
    122 WebhookDelivery(WebhookDeliveryId) = WebhookDelivery.id, "webhook_deliveries";
}

/// A record as a store has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned {
    /// Its key.
    pub key: Key,
    /// The commit that last wrote it; [`Version::ABSENT`] when it is not there.
    pub version: Version,
    /// The record; `None` exactly when the version is absent.
    pub record: Option<Record>,
}

impl Versioned {
    /// A record that is not there.
    #[must_use]
    pub const fn absent(key: Key) -> Self {
        Self { key, version: Version::ABSENT, record: None }
    }
}
