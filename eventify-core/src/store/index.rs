//! The indexes: a closed set, so that adding one is a compile error in every backend until it is served.

use super::codec::encode_key;
use super::facets::{
    EventQuery, FACET_ANY, FACET_CATEGORY, FACET_CITY, FACET_ORGANIZER, FACET_TAG, FACET_WORD, Facets,
    facet_prefix, fold, words,
};
use super::key::{EmailKey, SeatRowKey, SeatSectionKey};
use super::record::{Expires, Key, Kind, Record};
use crate::audit::AuditEntry;
use crate::booking::Booking;
use crate::event::Event;
use crate::id::{EventId, SessionId, UserId, WebhookId};
use crate::job::{Job, JobClass, JobLine, JobState};
use crate::notification::Notification;
use crate::payment::{LedgerPeriod, Payment};
use crate::review::{Review, ReviewState};
use crate::staff::Staff;
use crate::ticket::GateScan;
use crate::time::Timestamp;
use crate::transfer::{Transfer, TransferState};
use crate::webhook::{WebhookDelivery, WebhookOwner};

/// A way to find records. The order is by the instant named, then by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Index {
    /// Every record of a kind, by key.
    All(Kind),
    /// Events by facets and words, by start.
    Events(EventQuery),
    /// The ticket types of an event, by creation.
    TicketTypesOfEvent(EventId),
    /// The bookings of a person, by creation.
    BookingsOfUser(UserId),
    /// The bookings of an event that are held or confirmed, by creation.
    OpenBookingsOfEvent(EventId),
    /// All bookings of an event, by creation.
    BookingsOfEvent(EventId),
    /// The tickets of a person, by purchase.
    TicketsOfUser(UserId),
    /// The tickets of an event, by purchase.
    TicketsOfEvent(EventId),
    /// The tickets that a person offered to others, by offer.
    TransfersOfUser(UserId),
    /// The tickets that are on offer to an address, by offer.
    OffersToEmail(EmailKey),
    /// The scans that were made without network at an event, by scan.
    ScansOfEvent(EventId),
    /// Those of them that somebody has to look at, by scan.
    ScanConflictsOfEvent(EventId),
    /// A person's notifications, by creation.
    NotificationsOfUser(UserId),
    /// A person's unread notifications, by creation.
    UnreadOfUser(UserId),
    /// The announcements of an event, by creation.
    AnnouncementsOfEvent(EventId),
    /// The approved reviews of an event, by creation.
    ReviewsOfEvent(EventId),
    /// The approved reviews of an event, by rating, then by creation.
    ReviewsByRating(EventId),
    /// The reviews that wait for a moderator, by their last change.
    ReviewsPending,
    /// A person's reviews that they stand by, by creation.
    ReviewsOfUser(UserId),
    /// A person's places on waitlists, by when they joined.
    WaitlistsOfUser(UserId),
    /// The staff lists that a person is on, by event.
    StaffOfUser(UserId),
    /// A person's sessions, by login.
    SessionsOfUser(UserId),
    /// The refresh tokens of a session, by issue.
    TokensOfSession(SessionId),
    /// The audit entries about an event and what belongs to it, by instant.
    AuditOfEvent(EventId),
    /// The promo codes of an event, by creation.
    PromoCodesOfEvent(EventId),
    /// The payments of an event, by creation.
    PaymentsOfEvent(EventId),
    /// A person's payments, by creation.
    PaymentsOfUser(UserId),
    /// The payments that somebody has to look at, by their last change.
    PaymentsAttention,
    /// Those of an event.
    PaymentsAttentionOfEvent(EventId),
    /// The payments whose payers have not finished, by creation.
    PaymentsOpen,
    /// The payments of a provider whose money it calls by this name, by creation.
    PaymentsOfTransaction(String, String),
    /// The movements of an event's money in a period, by instant.
    LedgerOfEvent(EventId, LedgerPeriod),
    /// The rows of a section of a seat map, by their place.
    SeatRowsOfSection(SeatSectionKey),
    /// The audit entries of what a person did that say where from, by instant.
    AuditOfActor(UserId),
    /// The webhooks of an owner, by creation.
    WebhooksOf(WebhookOwner),
    /// What a webhook was told lately, by creation.
    DeliveriesOfWebhook(WebhookId),
    /// Jobs of a class that wait or run, by the instant they are due.
    JobsDue(JobClass),
    /// Those of a line of the outside, by the instant they are due.
    JobsInLine(JobLine),
    /// Jobs that were given up, by the instant they were.
    JobsDead,
    /// Records that may be swept, by the instant they expire.
    Expiring,
}

/// The edition of [`index_entries`]. Raise it whenever any record gets other entries than before: a backend that
/// keeps entries makes them anew when it finds an older edition.
pub const INDEX_EDITION: u32 = 13;

/// The bytes of one index entry: the index and its partition, then the instant, then the record's kind and key.
///
/// What belongs to a person or to an event begins with that one, and the index comes behind: what a purchase adds for somebody
/// lies together, and is one page to change instead of one for each index.
pub type IndexEntry = Vec<u8>;

// The first byte of an entry, or the one behind whom it belongs to. Numbers are stored: never reuse one.
const OF_USER: u8 = 200;
const OF_EVENT: u8 = 201;
pub(super) const EVENTS: u8 = 1;
const TICKET_TYPES_OF_EVENT: u8 = 3;
const BOOKINGS_OF_USER: u8 = 4;
const OPEN_BOOKINGS_OF_EVENT: u8 = 5;
const TICKETS_OF_USER: u8 = 6;
const TICKETS_OF_EVENT: u8 = 7;
const NOTIFICATIONS_OF_USER: u8 = 8;
const UNREAD_OF_USER: u8 = 9;
const SESSIONS_OF_USER: u8 = 10;
const TOKENS_OF_SESSION: u8 = 11;
const AUDIT_OF_EVENT: u8 = 12;
const JOBS_DUE: u8 = 13;
const JOBS_DEAD: u8 = 14;
const EXPIRING: u8 = 15;
const REVIEWS_OF_EVENT: u8 = 40;
const REVIEWS_BY_RATING: u8 = 41;
const REVIEWS_PENDING: u8 = 42;
const REVIEWS_OF_USER: u8 = 43;
const PROMO_CODES_OF_EVENT: u8 = 50;
const SEAT_ROWS_OF_SECTION: u8 = 51;
const AUDIT_OF_ACTOR: u8 = 30;
const TRANSFERS_OF_USER: u8 = 60;
const OFFERS_TO_EMAIL: u8 = 61;
const SCANS_OF_EVENT: u8 = 62;
const SCAN_CONFLICTS_OF_EVENT: u8 = 63;
const WAITLISTS_OF_USER: u8 = 85;
const STAFF_OF_USER: u8 = 86;
const ANNOUNCEMENTS_OF_EVENT: u8 = 70;
const BOOKINGS_OF_EVENT: u8 = 75;
const PAYMENTS_OF_EVENT: u8 = 100;
const PAYMENTS_OF_USER: u8 = 101;
const PAYMENTS_ATTENTION: u8 = 102;
const PAYMENTS_ATTENTION_OF_EVENT: u8 = 103;
const LEDGER_OF_EVENT: u8 = 104;
const PAYMENTS_OPEN: u8 = 105;
const PAYMENTS_OF_TRANSACTION: u8 = 106;
const JOBS_IN_LINE: u8 = 116;
const WEBHOOKS_OF: u8 = 120;
const DELIVERIES_OF_WEBHOOK: u8 = 121;

/// The beginning that an entry, or the beginning of some entries, shares with all others of the same person or the same event,
/// whatever the index; `None` of what belongs to neither. What follows it never begins with a zero.
#[must_use]
pub fn owner_of(entry: &[u8]) -> Option<&[u8]> {
    matches!(entry.first(), Some(&(OF_USER | OF_EVENT))).then(|| entry.get(..OWNER_BYTES)).flatten()
}

/// Its kind, and an id.
const OWNER_BYTES: usize = 17;

/// Different words of one event that are indexed; a description of 20,000 characters has about 1,500.
pub const EVENT_WORDS_MAX: usize = 2_000;

/// An instant as 8 bytes that sort as it does.
pub(super) fn sortable(at: Timestamp) -> [u8; 8] {
    // Flipping the sign bit puts the negative numbers first.
    (at.as_micros().cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn id_prefix(index: u8, partition: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    out.push(index);
    out.extend_from_slice(partition);
    out
}

fn user_prefix(index: u8, id: UserId) -> Vec<u8> {
    let mut out = id_prefix(OF_USER, id.as_bytes());
    out.push(index);
    out
}

fn event_prefix(index: u8, id: EventId) -> Vec<u8> {
    let mut out = id_prefix(OF_EVENT, id.as_bytes());
    out.push(index);
    out
}

/// A text as a partition: a text of which it is the beginning is another one, for no text holds a NUL.
fn text_partition(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

/// Where the entries of an index lie.
pub(super) enum Place {
    /// The keys of the kind's own table.
    Table(Kind),
    /// All entries that begin with these bytes.
    Prefix(Vec<u8>),
    /// Those of them whose instant lies in a period.
    Period(Vec<u8>, LedgerPeriod),
    /// The entries common to all of these.
    Facets(Facets),
}

impl Index {
    pub(super) fn place(&self) -> Place {
        let prefix = |index, partition: &[u8]| Place::Prefix(id_prefix(index, partition));
        let of_user = |index, id| Place::Prefix(user_prefix(index, id));
        let of_event = |index, id| Place::Prefix(event_prefix(index, id));
        match self {
            Self::All(kind) => Place::Table(*kind),
            Self::Events(query) => Place::Facets(Facets::of(query)),
            Self::TicketTypesOfEvent(id) => of_event(TICKET_TYPES_OF_EVENT, *id),
            Self::BookingsOfUser(id) => of_user(BOOKINGS_OF_USER, *id),
            Self::OpenBookingsOfEvent(id) => of_event(OPEN_BOOKINGS_OF_EVENT, *id),
            Self::BookingsOfEvent(id) => of_event(BOOKINGS_OF_EVENT, *id),
            Self::TicketsOfUser(id) => of_user(TICKETS_OF_USER, *id),
            Self::TicketsOfEvent(id) => of_event(TICKETS_OF_EVENT, *id),
            Self::TransfersOfUser(id) => of_user(TRANSFERS_OF_USER, *id),
            Self::ScansOfEvent(id) => of_event(SCANS_OF_EVENT, *id),
            Self::ScanConflictsOfEvent(id) => of_event(SCAN_CONFLICTS_OF_EVENT, *id),
            Self::OffersToEmail(email) => prefix(OFFERS_TO_EMAIL, &text_partition(email.as_str())),
            Self::NotificationsOfUser(id) => of_user(NOTIFICATIONS_OF_USER, *id),
            Self::UnreadOfUser(id) => of_user(UNREAD_OF_USER, *id),
            Self::AnnouncementsOfEvent(id) => of_event(ANNOUNCEMENTS_OF_EVENT, *id),
            Self::ReviewsOfEvent(id) => of_event(REVIEWS_OF_EVENT, *id),
            Self::ReviewsByRating(id) => of_event(REVIEWS_BY_RATING, *id),
            Self::ReviewsPending => prefix(REVIEWS_PENDING, &[]),
            Self::ReviewsOfUser(id) => of_user(REVIEWS_OF_USER, *id),
            Self::WaitlistsOfUser(id) => of_user(WAITLISTS_OF_USER, *id),
            Self::StaffOfUser(id) => of_user(STAFF_OF_USER, *id),
            Self::SessionsOfUser(id) => of_user(SESSIONS_OF_USER, *id),
            Self::TokensOfSession(id) => prefix(TOKENS_OF_SESSION, id.as_bytes()),
            Self::AuditOfEvent(id) => of_event(AUDIT_OF_EVENT, *id),
            Self::PromoCodesOfEvent(id) => of_event(PROMO_CODES_OF_EVENT, *id),
            Self::PaymentsOfEvent(id) => of_event(PAYMENTS_OF_EVENT, *id),
            Self::PaymentsOfUser(id) => of_user(PAYMENTS_OF_USER, *id),
            Self::PaymentsAttention => prefix(PAYMENTS_ATTENTION, &[]),
            Self::PaymentsAttentionOfEvent(id) => of_event(PAYMENTS_ATTENTION_OF_EVENT, *id),
            Self::PaymentsOpen => prefix(PAYMENTS_OPEN, &[]),
            Self::PaymentsOfTransaction(provider, name) => {
                prefix(PAYMENTS_OF_TRANSACTION, &[text_partition(provider), text_partition(name)].concat())
            }
            Self::LedgerOfEvent(id, period) => Place::Period(event_prefix(LEDGER_OF_EVENT, *id), *period),
            Self::SeatRowsOfSection(key) => {
                prefix(SEAT_ROWS_OF_SECTION, &encode_key(&Key::SeatSection(*key)))
            }
            Self::AuditOfActor(id) => of_user(AUDIT_OF_ACTOR, *id),
            Self::WebhooksOf(owner) => prefix(WEBHOOKS_OF, &text_partition(&owner.to_string())),
            Self::DeliveriesOfWebhook(id) => prefix(DELIVERIES_OF_WEBHOOK, id.as_bytes()),
            Self::JobsDue(class) => prefix(JOBS_DUE, &[class.number()]),
            Self::JobsInLine(line) => prefix(JOBS_IN_LINE, &text_partition(&line.to_string())),
            Self::JobsDead => prefix(JOBS_DEAD, &[]),
            Self::Expiring => prefix(EXPIRING, &[]),
        }
    }
}

/// Every index entry of a record, for backends that keep indexes as sorted bytes.
#[must_use]
pub fn index_entries(record: &Record) -> Vec<IndexEntry> {
    let mut out = Entries { tail: tail_of(&record.key()), found: Vec::new() };
    match record {
        Record::Event(event) => out.event(event),
        Record::TicketType(t) => out.of_event(TICKET_TYPES_OF_EVENT, t.event_id, t.created_at),
        Record::Booking(booking) => out.booking(booking),
        Record::Ticket(t) => {
            out.of_user(TICKETS_OF_USER, t.user_id, t.purchased_at);
            out.of_event(TICKETS_OF_EVENT, t.event_id, t.purchased_at);
        }
        Record::GateScan(scan) => out.gate_scan(scan),
        Record::Transfer(transfer) => out.transfer(transfer),
        Record::Notification(notification) => out.notification(notification),
        Record::Announcement(a) => out.of_event(ANNOUNCEMENTS_OF_EVENT, a.event_id, a.created_at),
        Record::Review(review) => out.review(review),
        Record::WaitlistEntry(e) => out.of_user(WAITLISTS_OF_USER, e.user_id, e.joined_at),
        Record::Staff(staff) => out.staff(staff),
        Record::Session(s) => {
            out.of_user(SESSIONS_OF_USER, s.user_id, s.created_at);
            out.expiry(s.expires_at());
        }
        Record::RefreshToken(t) => {
            out.add(TOKENS_OF_SESSION, t.session_id.as_bytes(), t.issued_at);
            out.expiry(t.expires_at());
        }
        Record::AuditEntry(entry) => out.audit(entry),
        Record::PromoCode(p) => out.of_event(PROMO_CODES_OF_EVENT, p.event_id, p.created_at),
        Record::SeatRow(row) => out.seat_row(row.key),
        Record::Payment(payment) => out.payment(payment),
        Record::LedgerEntry(e) => out.of_event(LEDGER_OF_EVENT, e.event_id, e.at),
        Record::Job(job) => out.job(job),
        Record::Webhook(w) => out.add(WEBHOOKS_OF, &text_partition(&w.owner.to_string()), w.created_at),
        Record::WebhookDelivery(delivery) => out.webhook_delivery(delivery),
        Record::IdempotentReply(reply) => out.expiry(reply.expires_at()),
        Record::Throttle(throttle) => out.expiry(throttle.expires_at()),
        Record::MailTokens(tokens) => out.expiry(tokens.expires_at()),
        Record::Keyring(_)
        | Record::LaneMark(_)
        | Record::User(_)
        | Record::EmailClaim(_)
        | Record::Credential(_)
        | Record::SecondFactor(_)
        | Record::ApiKeys(_)
        | Record::Erasure(_)
        | Record::OpenEvents(_)
        | Record::Schedule(_)
        | Record::Category(_)
        | Record::CategoryName(_)
        | Record::Inventory(_)
        | Record::Allowance(_)
        | Record::ShortCodeClaim(_)
        | Record::Passages(_)
        | Record::Preferences(_)
        | Record::PushSubscriptions(_)
        | Record::PushClaim(_)
        | Record::DigestBox(_)
        | Record::AnnouncementLog(_)
        | Record::PromoUse(_)
        | Record::SeatMap(_)
        | Record::SeatSection(_)
        | Record::Waitlist(_)
        | Record::WaitlistPlace(_)
        | Record::EventRating(_)
        | Record::EventTally(_)
        | Record::EventDay(_)
        | Record::BookingPayments(_)
        | Record::WebhookList(_) => {}
    }
    out.found
}

fn tail_of(key: &Key) -> Vec<u8> {
    let mut tail = vec![key.kind() as u8];
    tail.extend_from_slice(&encode_key(key));
    tail
}

struct Entries {
    tail: Vec<u8>,
    found: Vec<IndexEntry>,
}

impl Entries {
    fn add(&mut self, index: u8, partition: &[u8], at: Timestamp) {
        self.push(id_prefix(index, partition), at);
    }

    fn of_user(&mut self, index: u8, id: UserId, at: Timestamp) {
        self.push(user_prefix(index, id), at);
    }

    fn of_event(&mut self, index: u8, id: EventId, at: Timestamp) {
        self.push(event_prefix(index, id), at);
    }

    fn push(&mut self, mut entry: Vec<u8>, at: Timestamp) {
        entry.extend_from_slice(&sortable(at));
        entry.extend_from_slice(&self.tail);
        self.found.push(entry);
    }

    fn seat_row(&mut self, row: SeatRowKey) {
        let key = SeatSectionKey { event_id: row.event_id, section: row.section };
        self.add(SEAT_ROWS_OF_SECTION, &encode_key(&Key::SeatSection(key)), Timestamp::MIN);
    }

    fn staff(&mut self, staff: &Staff) {
        for grant in &staff.grants {
            self.of_user(STAFF_OF_USER, grant.user_id, Timestamp::MIN);
        }
    }

    fn review(&mut self, review: &Review) {
        if review.is_there() {
            self.of_user(REVIEWS_OF_USER, review.user_id, review.created_at);
        }
        match review.state {
            ReviewState::Pending => self.add(REVIEWS_PENDING, &[], review.updated_at),
            ReviewState::Approved { .. } => {
                self.of_event(REVIEWS_OF_EVENT, review.event_id, review.created_at);
                self.of_event(REVIEWS_BY_RATING, review.event_id, review.ranked_at());
            }
            ReviewState::Rejected { .. } | ReviewState::Withdrawn { .. } => {}
        }
    }

    fn job(&mut self, job: &Job) {
        if let JobState::Dead { at } = job.state {
            return self.add(JOBS_DEAD, &[], at);
        }
        self.add(JOBS_DUE, &[job.work.class().number()], job.next_at());
        if let Some(line) = job.work.line() {
            self.add(JOBS_IN_LINE, &text_partition(&line.to_string()), job.next_at());
        }
    }

    fn webhook_delivery(&mut self, delivery: &WebhookDelivery) {
        self.add(DELIVERIES_OF_WEBHOOK, delivery.webhook_id.as_bytes(), delivery.created_at);
        self.expiry(delivery.expires_at());
    }

    fn expiry(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.add(EXPIRING, &[], at);
        }
    }

    fn audit(&mut self, entry: &AuditEntry) {
        if let Some(event_id) = entry.event_id {
            self.of_event(AUDIT_OF_EVENT, event_id, entry.at);
        }
        if let Some(user_id) = entry.traceable() {
            self.of_user(AUDIT_OF_ACTOR, user_id, entry.at);
        }
    }

    fn notification(&mut self, told: &Notification) {
        if !told.shown {
            return;
        }
        self.of_user(NOTIFICATIONS_OF_USER, told.user_id, told.created_at);
        if told.read_at.is_none() {
            self.of_user(UNREAD_OF_USER, told.user_id, told.created_at);
        }
    }

    fn booking(&mut self, booking: &Booking) {
        self.of_user(BOOKINGS_OF_USER, booking.user_id, booking.created_at);
        self.of_event(BOOKINGS_OF_EVENT, booking.event_id, booking.created_at);
        if booking.state.is_open() {
            self.of_event(OPEN_BOOKINGS_OF_EVENT, booking.event_id, booking.created_at);
        }
    }

    fn payment(&mut self, payment: &Payment) {
        self.of_event(PAYMENTS_OF_EVENT, payment.event_id, payment.created_at);
        self.of_user(PAYMENTS_OF_USER, payment.user_id, payment.created_at);
        if payment.state.is_open() {
            self.add(PAYMENTS_OPEN, &[], payment.created_at);
        }
        if let Some(name) = &payment.transaction {
            let partition = [text_partition(&payment.provider), text_partition(name)].concat();
            self.add(PAYMENTS_OF_TRANSACTION, &partition, payment.created_at);
        }
        if !payment.attention.is_empty() {
            self.add(PAYMENTS_ATTENTION, &[], payment.updated_at);
            self.of_event(PAYMENTS_ATTENTION_OF_EVENT, payment.event_id, payment.updated_at);
        }
    }

    fn gate_scan(&mut self, scan: &GateScan) {
        self.of_event(SCANS_OF_EVENT, scan.event_id, scan.at);
        if scan.is_conflict() {
            self.of_event(SCAN_CONFLICTS_OF_EVENT, scan.event_id, scan.at);
        }
    }

    fn transfer(&mut self, transfer: &Transfer) {
        self.of_user(TRANSFERS_OF_USER, transfer.from_user_id, transfer.created_at);
        let open = matches!(transfer.state, TransferState::Offered { .. });
        if let Some(email) = transfer.to_email.as_ref().filter(|_| open) {
            self.add(OFFERS_TO_EMAIL, &text_partition(email.as_str()), transfer.created_at);
        }
    }

    fn event(&mut self, event: &Event) {
        let status = event.state.status();
        // A draft without a start sorts first.
        let at = event.starts_at.unwrap_or(Timestamp::MIN);
        let mut facet = |facet, value: &[u8]| self.push(facet_prefix(status, facet, value), at);
        facet(FACET_ANY, &[]);
        facet(FACET_ORGANIZER, event.organizer_id.as_bytes());
        if let Some(category) = event.category_id {
            facet(FACET_CATEGORY, category.as_bytes());
        }
        if let Some(city) = &event.city {
            facet(FACET_CITY, fold(city).as_bytes());
        }
        for tag in &event.tags {
            facet(FACET_TAG, fold(tag).as_bytes());
        }
        for word in words(&event.searchable_text(), EVENT_WORDS_MAX) {
            facet(FACET_WORD, word.as_bytes());
        }
    }
}
