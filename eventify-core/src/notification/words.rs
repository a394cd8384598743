//! What people are told, before there are words for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Argument, Moment, Say};

/// Which of the two was taken from a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// What they booked.
    Booking,
    /// A ticket that somebody else booked.
    Ticket,
}

impl Say for Whose {
    fn argument(&self) -> Argument<'_> {
        Argument::Text(match self {
            Self::Booking => "booking",
            Self::Ticket => "ticket",
        })
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $variant:ident = $name:literal { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? };)+) => {
        /// What a person is told: the name of a text, and what is filled in. It is made words of when somebody looks, or when a
        /// message leaves, in the language that the person has then.
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Words { $($(#[$doc])* $variant { $($(#[$fdoc])* $field: $type),* },)+ }

        impl Words {
            /// The names of all texts, each with what is filled in.
            pub(crate) const TEXTS: &[(&'static str, &'static [&'static str])] =
                &[$(($name, &[$(stringify!($field)),*])),+];

            /// The name of its text.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name,)+ }
            }

            pub(crate) fn arguments(&self) -> Vec<(&'static str, Argument<'_>)> {
                match self {
                    $(Self::$variant { $($field),* } => vec![$((stringify!($field), $field.argument())),*],)+
                }
            }
        }
    };
}

words! {
    /// Tickets were bought.
    TicketsBought = "tickets-bought" {
        /// How many.
        tickets: u32,
        /// The event's title.
        event: String,
        /// When it starts.
        start: Moment,
    };
    /// A ticket got a new code.
    TicketReissued = "ticket-reissued" {
        /// The event's title.
        event: String,
    };
    /// Somebody was let in.
    TicketCheckedIn = "ticket-checked-in" {
        /// The event's title.
        event: String,
        /// The ticket's short code, which lets nobody in any more.
        code: String,
        /// Where.
        gate: Option<String>,
    };
    /// A ticket is offered.
    TicketOffered = "ticket-offered" {
        /// The event's title.
        event: String,
        /// When it starts.
        start: Moment,
    };
    /// Somebody else has the ticket now.
    TicketTakenOver = "ticket-taken-over" {
        /// The event's title.
        event: String,
    };
    /// Somebody else's ticket is the person's now.
    TicketGiven = "ticket-given" {
        /// The event's title.
        event: String,
        /// When it starts.
        start: Moment,
    };
    /// An event's time or place changed.
    EventChanged = "event-changed" {
        /// The event's title.
        event: String,
        /// When it starts.
        start: Moment,
        /// Where it is.
        place: Option<String>,
    };
    /// An event begins soon.
    EventSoon = "event-soon" {
        /// The event's title.
        event: String,
        /// When it starts.
        start: Moment,
        /// Where it is.
        place: Option<String>,
    };
    /// An event was called off.
    EventCancelled = "event-cancelled" {
        /// The event's title.
        event: String,
        /// In the organizer's words.
        reason: Option<String>,
    };
    /// The organizer cancelled a booking.
    BookingCancelled = "booking-cancelled" {
        /// The event's title.
        event: String,
        /// What it is to the person.
        whose: Whose,
    };
    /// One's event was reviewed.
    ReviewReceived = "review-received" {
        /// The event's title.
        event: String,
        /// 1 to 5.
        rating: u32,
    };
    /// One's review is to be seen.
    ReviewPublished = "review-published" {
        /// The event's title.
        event: String,
    };
    /// One's review is not to be seen.
    ReviewRefused = "review-refused" {
        /// The event's title.
        event: String,
        /// In the moderator's words.
        reason: String,
    };
    /// One's review was answered.
    ReviewAnswered = "review-answered" {
        /// The event's title.
        event: String,
        /// The beginning of the answer.
        reply: String,
    };
    /// Somebody who waited may have tickets.
    WaitlistOffered = "waitlist-offered" {
        /// The event's title.
        event: String,
        /// How many.
        tickets: u32,
        /// For how long.
        until: Moment,
    };
    /// There is nothing to wait for any more.
    WaitlistEndedCancelled = "waitlist-ended-cancelled" {
        /// The event's title.
        event: String,
    };
    /// Nobody can have as many any more.
    WaitlistEndedTooMany = "waitlist-ended-too-many" {
        /// The event's title.
        event: String,
        /// For how many the person waited.
        wanted: u32,
        /// How many one person can have.
        most: u32,
    };
    /// The person has as many as one may have.
    WaitlistEndedHasEnough = "waitlist-ended-has-enough" {
        /// The event's title.
        event: String,
    };
    /// Money came.
    PaymentReceived = "payment-received" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
    };
    /// Money came when the seats were gone.
    PaymentTooLate = "payment-too-late" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
    };
    /// Staff has money for a hold that was over, and hands it back.
    PaymentByHandTooLate = "payment-by-hand-too-late" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
    };
    /// Money came a second time.
    PaymentTwice = "payment-twice" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
    };
    /// Another sum came than was asked for.
    PaymentOfAnotherAmount = "payment-of-another-amount" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
        /// What was asked for.
        asked: String,
    };
    /// Money came for a booking that is cancelled.
    PaymentOfCancelled = "payment-of-cancelled" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
    };
    /// Money went back.
    PaymentRefunded = "payment-refunded" {
        /// The event's title.
        event: String,
        /// How much, with its currency.
        amount: String,
    };
    /// Money will not come.
    PaymentFailed = "payment-failed" {
        /// The event's title.
        event: String,
        /// In the provider's words.
        reason: Option<String>,
    };
    /// Nothing arrives at a webhook.
    WebhookFailing = "webhook-failing" {};
    /// A webhook's address is no more.
    WebhookGone = "webhook-gone" {};
    /// An organizer's or operator's own words.
    Announcement = "announcement" {
        /// One line.
        title: String,
        /// The rest.
        body: String,
    };
    /// The account has another address.
    AccountEmailChanged = "account-email-changed" {};
    /// The same, told to the address that it had.
    AccountEmailLost = "account-email-lost" {};
    /// The person set another password.
    AccountPasswordChanged = "account-password-changed" {};
    /// Another password was set by mail.
    AccountPasswordReset = "account-password-reset" {};
    /// An API key was made.
    AccountApiKeyMade = "account-api-key-made" {};
    /// The second factor was turned on.
    AccountSecondFactorOn = "account-second-factor-on" {};
    /// The second factor was turned off.
    AccountSecondFactorOff = "account-second-factor-off" {};
    /// An admin turned the second factor off.
    AccountSecondFactorRemoved = "account-second-factor-removed" {};
    /// There are new recovery codes.
    AccountCodesRenewed = "account-codes-renewed" {};
    /// A recovery code was used to log in.
    AccountCodeUsed = "account-code-used" {
        /// How many are left.
        left: u32,
    };
}

impl fmt::Debug for Words {
    /// Without what is filled in: it is for the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.name()).finish()
    }
}
