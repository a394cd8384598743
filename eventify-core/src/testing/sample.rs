//! Records of every kind for tests of stores: different for every number, with ties, odd texts and extremes.

mod money;
mod people;
mod sale;
mod tickets;
mod webhooks;

use std::sync::Arc;

use uuid::Uuid;

use self::people::{announcement, announcement_log, event_rating, review, staff};
pub use self::webhooks::{webhook_id, webhook_owner};
use super::sample_account;
use crate::account::{RefreshToken, Session, Throttle, User};
use crate::actor::Role;
use crate::audit::AuditEntry;
use crate::booking::{Allowance, Booking, BookingLine, BookingState};
use crate::command::{IdempotentReply, LaneMark};
use crate::event::{
    CancellationPolicy, Category, CategoryName, Event, EventState, RefundStep, Schedule, ScheduleItem,
};
use crate::id::{
    ApiKeyId, AuditId, BookingId, CategoryId, EventId, FactId, JobId, LaneId, PromoCodeId, ScheduleItemId,
    SessionId, TicketId, TicketTypeId, UserId,
};
use crate::job::{Job, JobState, JobWork, Sweep, Telling};
use crate::keyring::{Keyring, NumberedKey, Secret};
use crate::lead_time::LeadTime;
use crate::money::{Currency, Money};
use crate::notification::{Fact, FactName, Urgent};
use crate::review::ReviewPolicy;
use crate::store::{
    AllowanceKey, CategoryNameKey, EmailKey, IdempotencyHash, Kind, Record, Recorded, ShortCode, ThrottleKey,
    TokenHash,
};
use crate::ticket::ShortCodeClaim;
use crate::ticket_type::{Inventory, ReEntry, Seats, TicketType};
use crate::time::{TimeZoneName, Timestamp};

/// Texts that have broken programs before.
pub const ODD_TEXTS: [&str; 8] = [
    "Jazz 🎷 im Žižkov Café",
    "Ёлка и ЩИ, ночью – да?",
    "שלום עולם مرحبا \u{202e}txt",
    "e\u{301}\u{327} vs é, İstanbul, ﬁn, Ⅳ",
    "渋谷ナイト 2026 — 音楽祭",
    "<script>alert('x')</script>\\ \"quoted\" %s {} ; DROP TABLE events; --",
    "👩‍👩‍👧‍👦🏳️‍🌈 a\tb\nc",
    "O'Brien & Søn (Zürich) straße STRASSE",
];

/// The odd text of a number.
#[must_use]
pub fn text(n: u32) -> String {
    let index = usize::try_from(n).unwrap_or(0) % ODD_TEXTS.len();
    ODD_TEXTS.get(index).copied().unwrap_or_default().to_owned()
}

/// An id that differs for every number and does not sort by it.
#[must_use]
pub fn uuid(n: u32) -> Uuid {
    let scrambled = u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    Uuid::from_u128(scrambled ^ 0x0190_0000_0000_7000_8000_0000_0000_0000)
}

/// An instant; three numbers share one, and the first two numbers of every twenty lie at the edges.
#[must_use]
pub fn instant(n: u32) -> Timestamp {
    match n % 20 {
        0 => Timestamp::MIN,
        1 => Timestamp::MAX,
        // Before and after 1970.
        _ => Timestamp::from_micros((i64::from(n / 3) - 4) * 1_000_003).unwrap_or(Timestamp::MIN),
    }
}

/// One of a few people.
#[must_use]
pub fn user_id(n: u32) -> UserId {
    UserId::from_uuid(uuid(1_000_000 + n % 3))
}

/// One of a few events.
#[must_use]
pub fn event_id(n: u32) -> EventId {
    EventId::from_uuid(uuid(2_000_000 + n % 3))
}

/// One of a few sessions.
#[must_use]
pub fn session_id(n: u32) -> SessionId {
    SessionId::from_uuid(uuid(3_000_000 + n % 3))
}

/// One of a few categories.
#[must_use]
pub fn category_id(n: u32) -> CategoryId {
    CategoryId::from_uuid(uuid(4_000_000 + n % 3))
}

/// One of a few addresses; one begins as another does.
#[must_use]
pub fn email(n: u32) -> EmailKey {
    EmailKey::new(
        ["ada@example.org", "ada@example.org.kz", "żaneta@пример.kz"][usize::try_from(n % 3).unwrap_or(0)],
    )
}

pub(super) fn hash(n: u32) -> [u8; 32] {
    let mut bytes = [0xFF; 32];
    bytes[..16].copy_from_slice(uuid(n).as_bytes());
    bytes
}

pub(super) fn some<T>(n: u32, value: T) -> Option<T> {
    n.is_multiple_of(2).then_some(value)
}

fn currency(n: u32) -> Currency {
    let code = ["KZT", "JPY", "KWD"].get(usize::try_from(n).unwrap_or(0) % 3).copied();
    #[allow(clippy::expect_used, reason = "three codes of ISO 4217")]
    code.and_then(|code| code.parse().ok()).expect("a known currency")
}

fn money(n: u32) -> Money {
    // No amount of ours is below zero, and a store may check that it is not.
    let amount = [0, 150_000, i64::MAX, 1];
    let amount = amount.get(usize::try_from(n).unwrap_or(0) % amount.len());
    Money::new(amount.copied().unwrap_or(0), currency(n))
}

/// A record of a kind. Numbers make different records under different keys, except that there is one keyring.
#[must_use]
pub fn record(kind: Kind, n: u32) -> Record {
    match kind {
        Kind::Keyring => Keyring::wrap(Arc::new(keyring(n))),
        Kind::LaneMark => wrap(LaneMark { lane_id: LaneId::from_uuid(uuid(n)), at: instant(n) }),
        Kind::IdempotentReply => wrap(reply(n)),
        Kind::Job => wrap(job(n)),
        Kind::AuditEntry => wrap(audit_entry(n)),
        Kind::User => wrap(user(n)),
        Kind::EmailClaim => wrap(sample_account::email_claim(n)),
        Kind::Credential => wrap(sample_account::credential(n)),
        Kind::Throttle => wrap(throttle(n)),
        Kind::Session => wrap(session(n)),
        Kind::RefreshToken => wrap(refresh_token(n)),
        Kind::MailTokens => wrap(sample_account::mail_tokens(n)),
        Kind::SecondFactor => wrap(sample_account::second_factor(n)),
        Kind::ApiKeys => wrap(sample_account::api_keys(n)),
        Kind::Erasure => wrap(sample_account::erasure(n)),
        Kind::OpenEvents => wrap(sample_account::open_events(n)),
        Kind::Event => wrap(event(n)),
        Kind::Schedule => wrap(schedule(n)),
        Kind::Category => wrap(Category {
            id: CategoryId::from_uuid(uuid(n)),
            name: text(n),
            events: u32::MAX - n,
            created_at: instant(n),
        }),
        Kind::CategoryName => wrap(CategoryName {
            name: CategoryNameKey::new(&format!("{} {n}", text(n))),
            category_id: category_id(n),
        }),
        Kind::Inventory => wrap(Inventory {
            event_id: EventId::from_uuid(uuid(n)),
            capacity: some(n, u32::MAX),
            sold: n,
            held: u32::MAX - n,
            types: 3,
            promo_codes: n,
            waiting: (0..n % 4).map(|i| TicketTypeId::from_uuid(uuid(i))).collect(),
        }),
        Kind::TicketType => wrap(ticket_type(n)),
        Kind::Allowance => wrap(allowance(n)),
        Kind::Booking => wrap(booking(n)),
        Kind::Ticket => wrap(tickets::ticket(n)),
        Kind::ShortCodeClaim => wrap(short_code_claim(n)),
        Kind::Passages | Kind::GateScan | Kind::Transfer => tickets::record(kind, n),
        Kind::Notification => wrap(people::notification(n)),
        Kind::Preferences => wrap(people::preferences(n)),
        Kind::PushSubscriptions => wrap(people::push_subscriptions(n)),
        Kind::PushClaim => wrap(people::push_claim(n)),
        Kind::DigestBox => wrap(people::digest_box(n)),
        Kind::Announcement => wrap(announcement(n)),
        Kind::AnnouncementLog => wrap(announcement_log(n)),
        Kind::PromoCode | Kind::PromoUse | Kind::SeatMap | Kind::SeatSection | Kind::SeatRow => {
            sale::record(kind, n)
        }
        Kind::Waitlist | Kind::WaitlistEntry | Kind::WaitlistPlace => sale::waiting(kind, n),
        Kind::Staff => wrap(staff(n)),
        Kind::Review => wrap(review(n)),
        Kind::EventRating => wrap(event_rating(n)),
        Kind::EventTally => wrap(sale::event_tally(n)),
        Kind::EventDay => wrap(sale::event_day(n)),
        Kind::Payment => wrap(money::payment(n)),
        Kind::BookingPayments => wrap(money::booking_payments(n)),
        Kind::LedgerEntry => wrap(money::ledger_entry(n)),
        Kind::Webhook | Kind::WebhookList | Kind::WebhookDelivery => webhooks::record(kind, n),
    }
}

fn short_code_claim(n: u32) -> ShortCodeClaim {
    ShortCodeClaim {
        short_code: short_code(n),
        ticket_id: TicketId::from_uuid(uuid(n)),
        event_id: event_id(n),
        issue: u16::MAX,
    }
}

fn allowance(n: u32) -> Allowance {
    let key = AllowanceKey {
        ticket_type_id: TicketTypeId::from_uuid(uuid(n / 2)),
        user_id: UserId::from_uuid(uuid(n % 2)),
    };
    Allowance { key, event_id: event_id(n), taken: u32::MAX - n }
}

fn reply(n: u32) -> IdempotentReply {
    IdempotentReply {
        hash: IdempotencyHash::new(hash(n)),
        fingerprint: hash(n + 1),
        reply: text(n).into_bytes(),
        forget_at: instant(n),
    }
}

fn throttle(n: u32) -> Throttle {
    Throttle {
        key: ThrottleKey::origin(&format!("2001:db8::{n}")),
        failures: u32::MAX - n,
        failed_at: instant(n),
        blocked_until: instant(n + 1),
    }
}

fn wrap<R: Recorded>(record: R) -> Record {
    R::wrap(Arc::new(record))
}

fn keyring(n: u32) -> Keyring {
    let key = |n: u32| NumberedKey { id: u16::MAX, secret: Secret::new(hash(n)), created_at: instant(n) };
    Keyring {
        singleton: (),
        deployment: uuid(n),
        access_token_keys: vec![key(n), key(n + 1)],
        ticket_keys: vec![key(n + 2)],
        refresh_key: Secret::new(hash(n + 3)),
        account_key: Secret::new(hash(n + 5)),
        cursor_key: Secret::new(hash(n + 4)),
    }
}

/// A job: waiting, leased or dead in turn.
#[must_use]
pub fn job(n: u32) -> Job {
    let fact = Fact {
        id: FactId::from_uuid(uuid(n)),
        name: FactName::EventUpdated,
        at: instant(n),
        event_id: some(n, event_id(n)),
        data: format!("{{\"title\":{:?}}}", text(n)),
    };
    let work = match n % 4 {
        0 if n % 8 == 4 => webhooks::job(n),
        0 => JobWork::ExpireHold(BookingId::from_uuid(uuid(n)), event_id(n)),
        1 if n % 8 == 5 => people::digest_job(n),
        1 => JobWork::Publish { publisher: text(n), fact: Box::new(fact) },
        2 if n % 8 == 6 => people::refund_job(n),
        2 => JobWork::TellHolders {
            event_id: event_id(n),
            telling: match n % 3 {
                0 => Telling::Reminder { lead: LeadTime::DAY, starts_at: instant(n) },
                _ => Telling::Change { fact: Box::new(fact), was: some(n, urgent(n)) },
            },
            sweep: Sweep { after: some(n, vec![0, 1, 255]), left_out: n },
        },
        _ => JobWork::Deliver {
            channel: people::channel(n),
            user_id: user_id(n),
            address: some(n, text(n)),
            message: Box::new(people::draft(n)),
        },
    };
    Job {
        id: JobId::from_uuid(uuid(n)),
        work,
        due_at: instant(n),
        attempts: u32::MAX - n,
        state: match n % 3 {
            0 => JobState::Waiting,
            1 => JobState::Leased { until: instant(n + 3) },
            _ => JobState::Dead { at: instant(n + 6) },
        },
        last_error: some(n, text(n)),
        created_at: instant(n),
    }
}

fn audit_entry(n: u32) -> AuditEntry {
    AuditEntry {
        id: AuditId::from_uuid(uuid(n)),
        at: instant(n),
        actor: user_id(n).to_string(),
        action: "booking.held".to_owned(),
        subject: "booking".to_owned(),
        subject_id: uuid(n).to_string(),
        event_id: (!n.is_multiple_of(4)).then(|| event_id(n)),
        origin: some(n, "2001:db8::1".to_owned()),
        api_key_id: some(n / 2, ApiKeyId::from_uuid(uuid(n))),
    }
}

fn user(n: u32) -> User {
    User {
        id: UserId::from_uuid(uuid(n)),
        name: text(n),
        email: format!("Őrs+{n}@пример.KZ"),
        role: [Role::Attendee, Role::Organizer, Role::Admin][usize::try_from(n % 3).unwrap_or(0)],
        session_generation: u32::MAX,
        email_verified_at: some(n, instant(n)),
        created_at: instant(n),
        updated_at: instant(n + 1),
    }
}

fn session(n: u32) -> Session {
    Session {
        id: SessionId::from_uuid(uuid(n)),
        user_id: user_id(n),
        generation: n,
        newest_token: TokenHash::new(hash(n)),
        created_at: instant(n),
        used_at: instant(n + 2),
        ends_at: instant(n + 3),
        revoked_at: some(n, instant(n + 1)),
        origin: some(n, "203.0.113.7".to_owned()),
    }
}

fn refresh_token(n: u32) -> RefreshToken {
    RefreshToken {
        hash: TokenHash::new(hash(n)),
        session_id: session_id(n),
        issued_at: instant(n),
        ends_at: instant(n + 3),
        used_at: some(n, instant(n + 1)),
    }
}

/// An event; every state, city, category and tag in turn.
#[must_use]
pub fn event(n: u32) -> Event {
    Event {
        id: EventId::from_uuid(uuid(n)),
        organizer_id: user_id(n),
        title: text(n),
        description: format!("{} {}", text(n + 3), "x".repeat(usize::try_from(n).unwrap_or(0) * 10)),
        state: match n % 4 {
            0 => EventState::Published { at: instant(n) },
            1 => EventState::Draft,
            2 => EventState::Cancelled { at: instant(n), reason: text(n) },
            _ => EventState::Completed { at: instant(n) },
        },
        category_id: some(n, category_id(n)),
        // The first two fold to the same word.
        tags: vec!["Jazz".to_owned(), "JÁZZ".to_owned(), format!("tag {}", n % 2)],
        venue: some(n, text(n + 1)),
        city: some(n / 2, text(n + 2)),
        starts_at: (!n.is_multiple_of(5)).then(|| instant(n)),
        ends_at: (!n.is_multiple_of(5)).then(|| instant(n + 3)),
        doors_at: some(n, instant(n + 1)),
        time_zone: TimeZoneName::utc(),
        reminders: [LeadTime::DAY, LeadTime::HOUR]
            .into_iter()
            .take(usize::try_from(n % 3).unwrap_or(0))
            .collect(),
        cancellation: cancellation(n + 1),
        review_policy: if n.is_multiple_of(2) { ReviewPolicy::AtOnce } else { ReviewPolicy::AfterApproval },
        created_at: instant(n),
        updated_at: instant(n + 1),
    }
}

fn schedule(n: u32) -> Schedule {
    let item = |i: u32| ScheduleItem {
        id: ScheduleItemId::from_uuid(uuid(i)),
        activity_name: text(i),
        speaker: some(i, text(i + 1)),
        starts_at: instant(i),
        ends_at: instant(i + 3),
        room: some(i, text(i + 2)),
        source_id: some(i, format!("guid-{i}")),
    };
    Schedule { event_id: EventId::from_uuid(uuid(n)), items: (0..n * 20).map(item).collect() }
}

fn ticket_type(n: u32) -> TicketType {
    TicketType {
        id: TicketTypeId::from_uuid(uuid(n)),
        event_id: event_id(n),
        name: text(n),
        price: money(n),
        seats: Seats { quantity: u32::MAX, sold: n, held: u32::MAX - n },
        sales_start: some(n, instant(n)),
        sales_end: some(n + 1, instant(n + 3)),
        per_person_max: some(n, u32::MAX),
        hidden: n.is_multiple_of(3),
        seated: n.is_multiple_of(2),
        waiting: n,
        waitlist_skips: n.is_multiple_of(5),
        doors_at: some(n + 1, instant(n)),
        re_entry: [ReEntry::Once, ReEntry::InOut][usize::try_from(n % 2).unwrap_or(0)],
        created_at: instant(n),
    }
}

fn cancellation(n: u32) -> CancellationPolicy {
    let step =
        |i: u8| RefundStep { until: LeadTime::days(u16::from(i)).unwrap_or_default(), percent: 50 - i };
    CancellationPolicy {
        until: some(n, LeadTime::minutes(n).unwrap_or_default()),
        refund: (0..u8::try_from(n % 4).unwrap_or(0)).map(step).collect(),
    }
}

fn booking(n: u32) -> Booking {
    let line = |i: u32| BookingLine {
        ticket_type_id: TicketTypeId::from_uuid(uuid(i)),
        quantity: u32::MAX - i,
        unit_price: money(i),
        unit_discount: some(i, money(i + 1)),
        seats: (0..i).map(sale::booked_seat).collect(),
    };
    Booking {
        id: BookingId::from_uuid(uuid(n)),
        event_id: event_id(n),
        user_id: user_id(n / 2),
        state: match n % 4 {
            0 => BookingState::Held { expires_at: instant(n + 3) },
            1 => BookingState::Confirmed { at: instant(n) },
            2 => BookingState::Cancelled { at: instant(n), refund: some(n / 4, money(n)) },
            _ => BookingState::Expired { at: instant(n) },
        },
        lines: (0..=n % 3).map(line).collect(),
        total: money(n),
        cancellation: cancellation(n),
        promo_code_id: some(n, PromoCodeId::from_uuid(uuid(n))),
        from_waitlist: n.is_multiple_of(3),
        paid_elsewhere: n.is_multiple_of(5),
        created_at: instant(n),
        tickets: (0..n % 5).map(|i| TicketId::from_uuid(uuid(i))).collect(),
    }
}

pub(super) fn short_code(n: u32) -> ShortCode {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&uuid(n).as_bytes()[8..]);
    ShortCode::new(bytes)
}

pub(super) fn urgent(n: u32) -> Urgent {
    Urgent { from: instant(n), until: instant(n + 3) }
}
