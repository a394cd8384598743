//! What people are told: the records, kinds and channels.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::DailyDigest;
use super::phone::Phone;
use super::quiet::{QuietHours, Urgent};
use super::words::Words;
use crate::id::{BookingId, EventId, FactId, NotificationId, TicketId, UserId};
use crate::language::Language;
use crate::time::Timestamp;

/// Something in a person's history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id: follows from the fact and the person, so that one fact tells one person once.
    pub id: NotificationId,
    /// Who is told.
    pub user_id: UserId,
    /// The name of the fact, such as `ticket.purchased`.
    pub fact: FactName,
    /// Which fact.
    pub fact_id: FactId,
    /// The event that it is about.
    pub event_id: Option<EventId>,
    /// What it says; nothing when it is not shown.
    pub words: Option<Words>,
    /// Whether it is part of the history, or only remembers that the fact was told by other channels.
    pub shown: bool,
    /// When the person read it.
    pub read_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
}

impl fmt::Debug for Notification {
    /// Without the words: they are for the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("fact", &self.fact)
            .finish_non_exhaustive()
    }
}

/// A message that waits to be sent by an outside channel. It gets its words on the way out, in the language that its person
/// has then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What happened.
    pub fact: FactName,
    /// The event that it is about.
    pub event_id: Option<EventId>,
    /// What it says.
    pub words: Words,
    /// What goes with it.
    pub attached: Attached,
    /// When it can wait no longer, neither for the end of quiet hours nor for a digest.
    pub urgent: Option<Urgent>,
}

/// Tickets that go with a message: those that are still the person's, and good, when it leaves. None of them is stored with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attached {
    /// Nothing.
    Nothing,
    /// The tickets of a booking.
    TicketsOf(BookingId),
    /// One ticket.
    Ticket(TicketId),
}

// `tt`, not `literal`: a literal of a macro is wrapped, and the schema derive reads the bare one only.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, as in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

named! {
    /// Something that happened, as other systems are told.
    FactName {
        /// Tickets were bought.
        TicketPurchased = "ticket.purchased",
        /// Somebody was let in.
        TicketCheckin = "ticket.checkin",
        /// A ticket got new codes.
        TicketReissued = "ticket.reissued",
        /// A ticket was offered to somebody else.
        TicketOffered = "ticket.offered",
        /// A ticket became somebody else's.
        TicketTransferred = "ticket.transferred",
        /// An event went on sale.
        EventPublished = "event.published",
        /// An event was changed after it was published.
        EventUpdated = "event.updated",
        /// An event was called off.
        EventCancelled = "event.cancelled",
        /// An event begins soon.
        EventReminder = "event.reminder",
        /// Seats were reserved.
        BookingHeld = "booking.held",
        /// A booking became tickets.
        BookingConfirmed = "booking.confirmed",
        /// A hold ran out.
        BookingExpired = "booking.expired",
        /// A booking was called off.
        BookingCancelled = "booking.cancelled",
        /// The money of a payment came.
        PaymentSucceeded = "payment.succeeded",
        /// The money of a payment does not come.
        PaymentFailed = "payment.failed",
        /// Money was given back.
        PaymentRefunded = "payment.refunded",
        /// Somebody reviewed an event.
        ReviewSubmitted = "review.submitted",
        /// Everybody sees a review from now on.
        ReviewApproved = "review.approved",
        /// A moderator refused a review.
        ReviewRejected = "review.rejected",
        /// The organizer answered a review.
        ReviewReplied = "review.replied",
        /// An operator's or organizer's own words.
        Announcement = "announcement",
        /// Somebody says that an address is theirs.
        EmailVerification = "account.email_verification",
        /// Somebody forgot a password.
        PasswordReset = "account.password_reset",
        /// A password, an address or a second factor changed.
        AccountChanged = "account.changed",
        /// Seats came back, and somebody who waited may have them.
        WaitlistOffered = "waitlist.offered",
        /// Somebody waited in vain, and waits no more.
        WaitlistEnded = "waitlist.ended",
        /// Nothing: somebody tries whether a webhook works.
        WebhookTest = "webhook.test",
        /// A webhook is told nothing any more, because nothing arrives there.
        WebhookDisabled = "webhook.disabled",
        /// Several messages of a day, in one mail.
        Digest = "digest",
    }
}

named! {
    /// What a notification is about: people choose by kind.
    NoticeKind {
        /// Tickets were bought.
        Purchase = "purchase",
        /// Somebody was let in with one's ticket.
        CheckIn = "check_in",
        /// An event was cancelled.
        EventCancelled = "event_cancelled",
        /// An event's time or place changed.
        EventChanged = "event_changed",
        /// An event begins soon.
        Reminder = "reminder",
        /// A payment's fate.
        Payment = "payment",
        /// Money comes back.
        Refund = "refund",
        /// A review of one's event, or an answer to one's review.
        Review = "review",
        /// An organizer's or operator's words.
        Announcement = "announcement",
        /// One's account: nobody can choose not to be told.
        Security = "security",
    }
}

named! {
    /// How a person is told.
    Channel {
        /// In the app: the history.
        InApp = "in_app",
        /// By e-mail.
        Email = "email",
        /// By text message.
        Sms = "sms",
        /// By push message.
        Push = "push",
    }
}

impl FactName {
    /// What a person who is told of it calls it.
    #[must_use]
    pub const fn notice_kind(self) -> NoticeKind {
        match self {
            Self::TicketPurchased
            | Self::TicketReissued
            | Self::TicketOffered
            | Self::TicketTransferred
            | Self::BookingHeld
            | Self::BookingConfirmed
            | Self::BookingExpired
            | Self::WaitlistOffered
            | Self::WaitlistEnded => NoticeKind::Purchase,
            Self::TicketCheckin => NoticeKind::CheckIn,
            Self::EventCancelled => NoticeKind::EventCancelled,
            Self::EventPublished | Self::EventUpdated => NoticeKind::EventChanged,
            Self::EventReminder => NoticeKind::Reminder,
            Self::BookingCancelled | Self::PaymentRefunded => NoticeKind::Refund,
            Self::PaymentSucceeded | Self::PaymentFailed => NoticeKind::Payment,
            Self::ReviewSubmitted | Self::ReviewApproved | Self::ReviewRejected | Self::ReviewReplied => {
                NoticeKind::Review
            }
            // A digest has messages of several kinds; who wants none of it says so by itself.
            Self::Announcement | Self::Digest => NoticeKind::Announcement,
            Self::EmailVerification
            | Self::PasswordReset
            | Self::AccountChanged
            | Self::WebhookTest
            | Self::WebhookDisabled => NoticeKind::Security,
        }
    }
}

/// What a person does not want: everything else is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose they are.
    pub user_id: UserId,
    /// The kinds and channels that are off.
    pub off: BTreeSet<(NoticeKind, Channel)>,
    /// When nothing that can wait leaves the house.
    pub quiet_hours: Option<QuietHours>,
    /// In which language the person is told things; English when they never said.
    pub language: Option<Language>,
    /// Where text messages go.
    pub phone: Option<Phone>,
    /// When mails that can wait come together, instead of one by one.
    pub digest: Option<DailyDigest>,
}

impl Preferences {
    /// The preferences of somebody who never chose: everything on.
    #[must_use]
    pub const fn everything(user_id: UserId) -> Self {
        Self { user_id, off: BTreeSet::new(), quiet_hours: None, language: None, phone: None, digest: None }
    }

    /// The preferences of somebody who is gone: everything off.
    #[must_use]
    pub fn nothing(user_id: UserId) -> Self {
        let pairs = |kind: &NoticeKind| {
            Channel::ALL.iter().map({
                let kind = *kind;
                move |channel| (kind, *channel)
            })
        };
        Self { off: NoticeKind::ALL.iter().flat_map(pairs).collect(), ..Self::everything(user_id) }
    }

    /// Whether a kind may reach the person by a channel: security always may.
    #[must_use]
    pub fn allow(&self, kind: NoticeKind, channel: Channel) -> bool {
        kind == NoticeKind::Security || !self.off.contains(&(kind, channel))
    }
}
