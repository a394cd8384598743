//! Samples of what guests say of an event, of what they are told, and of who works there.

use std::collections::BTreeSet;

use super::{event_id, hash, instant, some, text, user_id, uuid};
use crate::announcement::{Announcement, AnnouncementLog};
use crate::id::{
    AnnouncementId, BookingId, DeviceId, EventId, FactId, NotificationId, PaymentId, PushSubscriptionId,
    RefundId, ReviewId, TicketId, TicketTypeId, UserId,
};
use crate::job::JobWork;
use crate::notification::{
    Attached, Channel, DailyDigest, DigestBox, Draft, FactName, NoticeKind, Notification, Preferences,
    PushAddress, PushClaim, PushSubscription, PushSubscriptions, QuietHours, Whose, Words,
};
use crate::review::{EventRating, Reply, Review, ReviewState};
use crate::staff::{Device, Staff, StaffGrant, StaffRight};
use crate::store::TokenHash;
use crate::text::Moment;
use crate::time::TimeZoneName;

pub(super) fn review(n: u32) -> Review {
    Review {
        id: ReviewId::from_uuid(uuid(n)),
        event_id: event_id(n / 4),
        user_id: user_id(n),
        rating: u8::try_from(n % 5).unwrap_or(0) + 1,
        comment: text(n),
        state: match n % 6 {
            0 => ReviewState::Pending,
            1 => ReviewState::Rejected { at: instant(n), reason: text(n + 1) },
            2 => ReviewState::Withdrawn { at: instant(n) },
            _ => ReviewState::Approved { at: instant(n) },
        },
        refused: n.is_multiple_of(3),
        reply: some(n, Reply { text: text(n + 2), at: instant(n) }),
        created_at: instant(n),
        updated_at: instant(n + 3),
    }
}

pub(super) fn event_rating(n: u32) -> EventRating {
    EventRating { event_id: EventId::from_uuid(uuid(n)), counts: [0, n, u32::MAX - n, 1, u32::MAX] }
}

pub(super) fn announcement(n: u32) -> Announcement {
    Announcement {
        id: AnnouncementId::from_uuid(uuid(n)),
        event_id: event_id(n),
        title: text(n),
        body: text(n + 1),
        ticket_type_id: some(n, TicketTypeId::from_uuid(uuid(n))),
        created_at: instant(n),
    }
}

pub(super) fn announcement_log(n: u32) -> AnnouncementLog {
    AnnouncementLog { event_id: EventId::from_uuid(uuid(n)), recent: (0..n % 4).map(instant).collect() }
}

pub(super) fn staff(n: u32) -> Staff {
    let right = |i: u32| if i.is_multiple_of(2) { StaffRight::Scanner } else { StaffRight::Manager };
    let member = |i: u32| if i < 3 { super::user_id(i) } else { UserId::from_uuid(uuid(i)) };
    let grant = |i: u32| StaffGrant { user_id: member(i), right: right(i), granted_at: instant(i) };
    let device = |i: u32| Device {
        id: DeviceId::from_uuid(uuid(i)),
        name: text(i),
        key_hash: TokenHash::new(hash(i)),
        created_at: instant(i),
        revoked_at: some(i, instant(i + 3)),
    };
    Staff {
        event_id: EventId::from_uuid(uuid(n)),
        grants: (0..n % 7).map(grant).collect(),
        devices: (0..n % 4).map(device).collect(),
    }
}

fn quiet_hours() -> Option<QuietHours> {
    Some(QuietHours {
        from: "22:00".parse().ok()?,
        to: "08:30".parse().ok()?,
        time_zone: TimeZoneName::utc(),
    })
}

pub(super) fn preferences(n: u32) -> Preferences {
    let off = [(NoticeKind::Purchase, Channel::Email), (NoticeKind::Reminder, Channel::Sms)];
    Preferences {
        user_id: UserId::from_uuid(uuid(n)),
        off: BTreeSet::from(off),
        quiet_hours: quiet_hours().filter(|_| n.is_multiple_of(2)),
        language: "kk-cyrl-kz".parse().ok().filter(|_| n.is_multiple_of(3)),
        phone: "+77011234567".parse().ok().filter(|_| !n.is_multiple_of(3)),
        digest: daily_digest().filter(|_| n.is_multiple_of(5)),
    }
}

fn daily_digest() -> Option<DailyDigest> {
    Some(DailyDigest { at: "07:15".parse().ok()?, time_zone: TimeZoneName::utc() })
}

pub(super) fn digest_box(n: u32) -> DigestBox {
    DigestBox { user_id: UserId::from_uuid(uuid(n)), drafts: (0..=n % 4).map(draft).collect() }
}

pub(super) fn channel(n: u32) -> Channel {
    match n % 5 {
        0 | 3 => Channel::Email,
        2 => Channel::Push,
        _ => Channel::Sms,
    }
}

pub(super) fn refund_job(n: u32) -> JobWork {
    JobWork::RefundPayment {
        payment_id: PaymentId::from_uuid(uuid(n)),
        refund_id: RefundId::from_uuid(uuid(n)),
        event_id: event_id(n),
    }
}

pub(super) fn digest_job(n: u32) -> JobWork {
    if n.is_multiple_of(3) {
        return JobWork::EmptyDigest(user_id(n));
    }
    JobWork::DeliverDigest { user_id: user_id(n), drafts: (0..=n % 4).map(draft).collect() }
}

fn push_subscription(n: u32) -> PushSubscription {
    let address = if n.is_multiple_of(2) {
        let endpoint = format!("https://push.example.org/{n}?a=b%20c");
        PushAddress::Web {
            endpoint,
            p256dh: [vec![4], hash(n).to_vec(), hash(n + 1).to_vec()].concat(),
            auth: vec![0; 16],
        }
    } else {
        PushAddress::Fcm { token: format!("{n}:APA91b-{}", "_".repeat(200)) }
    };
    PushSubscription { id: PushSubscriptionId::from_uuid(uuid(n)), address, created_at: instant(n) }
}

pub(super) fn push_subscriptions(n: u32) -> PushSubscriptions {
    let subscriptions = (0..n % 5).map(push_subscription).collect();
    PushSubscriptions { user_id: UserId::from_uuid(uuid(n)), subscriptions }
}

pub(super) fn push_claim(n: u32) -> PushClaim {
    PushClaim { hash: TokenHash::new(hash(n)), user_id: user_id(n) }
}

fn words(n: u32) -> Words {
    let (event, start) = (text(n), Moment { at: some(n, instant(n)), time_zone: TimeZoneName::utc() });
    match n % 4 {
        0 => Words::EventCancelled { event, reason: some(n / 4, text(n + 1)) },
        1 => Words::TicketsBought { tickets: n, event, start },
        2 => Words::BookingCancelled { event, whose: if n < 9 { Whose::Booking } else { Whose::Ticket } },
        _ => Words::AccountPasswordReset {},
    }
}

pub(super) fn draft(n: u32) -> Draft {
    Draft {
        fact: match n / 12 % 3 {
            0 => FactName::TicketPurchased,
            1 => FactName::EventCancelled,
            _ => FactName::Announcement,
        },
        event_id: some(n, event_id(n)),
        words: words(n),
        attached: match n % 3 {
            0 => Attached::Nothing,
            1 => Attached::TicketsOf(BookingId::from_uuid(uuid(n))),
            _ => Attached::Ticket(TicketId::from_uuid(uuid(n))),
        },
        urgent: some(n, super::urgent(n)),
    }
}

pub(super) fn notification(n: u32) -> Notification {
    Notification {
        id: NotificationId::from_uuid(uuid(n)),
        user_id: user_id(n),
        fact: FactName::EventCancelled,
        fact_id: FactId::from_uuid(uuid(n + 1)),
        event_id: some(n, event_id(n)),
        words: (!n.is_multiple_of(4)).then(|| words(n)),
        shown: !n.is_multiple_of(4),
        read_at: some(n / 4, instant(n)),
        created_at: instant(n),
    }
}
