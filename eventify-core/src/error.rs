//! Why something was refused or failed: one error type, with a stable code, for every front.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What kind of answer a [`Reason`] is; a front end maps the kind, never the single reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The request cannot be read at all.
    Malformed,
    /// A value breaks its own rule: too long, negative, not a time zone.
    Invalid,
    /// Nobody has shown who they are, or what they showed is not good (any more).
    Unauthenticated,
    /// Known, and not allowed.
    Forbidden,
    /// There is no such thing, or none that this actor may know of.
    NotFound,
    /// A rule of the domain said no.
    Rule,
    /// The caller decided on an older version than the stored one.
    Stale,
    /// Too much in too short a time; see [`Error::retry_after`].
    Throttled,
    /// Nothing is wrong with the request; try again in a moment.
    Unavailable,
    /// A fault of ours or of the store; trying again may not help.
    Internal,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $category:ident;)+) => {
        /// The stable code of a refusal or failure: the same in Rust, HTTP (`reason`), Python, Swift and Kotlin.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $name,)+ }

        impl Reason {
            /// Every reason there is, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code, in `snake_case`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What kind of answer this is.
            #[must_use]
            pub const fn category(self) -> Category {
                match self { $(Self::$name => Category::$category,)+ }
            }
        }
    };
}

reasons! {
    /// The request cannot be read.
    Malformed = "malformed", Malformed;
    /// One or more fields break their own rules; [`Error::fields`] names them.
    InvalidValue = "invalid_value", Invalid;
    /// The same idempotency key came with another request.
    IdempotencyKeyReused = "idempotency_key_reused", Invalid;
    /// Nobody is logged in.
    NotAuthenticated = "not_authenticated", Unauthenticated;
    /// The actor's role does not allow this.
    NotAllowed = "not_allowed", Forbidden;
    /// There is no such thing.
    NotFound = "not_found", NotFound;
    /// The record changed since the caller read it.
    PreconditionFailed = "precondition_failed", Stale;
    /// Too many requests queue for the same thing.
    Overloaded = "overloaded", Unavailable;
    /// The store is not reachable now.
    StoreUnavailable = "store_unavailable", Unavailable;
    /// The engine is shutting down.
    ShuttingDown = "shutting_down", Unavailable;
    /// The app itself closed the engine before it asked.
    Closed = "closed", Internal;
    /// Others kept changing the same records; nothing was changed by this request.
    Contention = "contention", Unavailable;
    /// A fault of the engine or of what it stored.
    Internal = "internal", Internal;

    /// Another account has this e-mail address.
    EmailTaken = "email_taken", Rule;
    /// E-mail and password do not belong together.
    InvalidCredentials = "invalid_credentials", Unauthenticated;
    /// The password is too short, too long or too common.
    WeakPassword = "weak_password", Invalid;
    /// The session was ended.
    SessionRevoked = "session_revoked", Unauthenticated;
    /// The token's time is over.
    TokenExpired = "token_expired", Unauthenticated;
    /// The token is no token of this deployment.
    InvalidToken = "invalid_token", Unauthenticated;
    /// Too many failed logins; wait.
    TooManyAttempts = "too_many_attempts", Throttled;
    /// There is no such user.
    UserNotFound = "user_not_found", NotFound;
    /// The last admin cannot give the role up.
    LastAdmin = "last_admin", Rule;
    /// There is no such session of this person.
    SessionNotFound = "session_not_found", NotFound;
    /// The password is right; a code of the authenticator app, or a recovery code, is needed too.
    SecondFactorRequired = "second_factor_required", Unauthenticated;
    /// The code is wrong, was used before, or its time is over.
    InvalidCode = "invalid_code", Unauthenticated;
    /// Changing this needs the account's password.
    PasswordRequired = "password_required", Forbidden;
    /// The account has a second factor already.
    SecondFactorOn = "second_factor_on", Rule;
    /// The account has no second factor, or none was begun.
    SecondFactorOff = "second_factor_off", Rule;
    /// The API key may not be used for this; `scope` says which one it lacks.
    InsufficientScope = "insufficient_scope", Forbidden;
    /// There is no such API key of this person.
    ApiKeyNotFound = "api_key_not_found", NotFound;
    /// The person has as many API keys as one may have.
    TooManyApiKeys = "too_many_api_keys", Rule;
    /// The person has drafts or events on sale; `open_events` says how many.
    HasOpenEvents = "has_open_events", Rule;

    /// There is no such event, or it is somebody's draft.
    EventNotFound = "event_not_found", NotFound;
    /// Only the event's organizer (or an admin) may do this.
    NotEventOwner = "not_event_owner", Forbidden;
    /// The event is no draft any more.
    EventNotDraft = "event_not_draft", Rule;
    /// The event is not on sale: a draft, or completed.
    EventNotPublished = "event_not_published", Rule;
    /// The event was cancelled.
    EventCancelled = "event_cancelled", Rule;
    /// The event has started already.
    EventAlreadyStarted = "event_already_started", Rule;
    /// Two schedule items in one room at one time, or one outside of its event.
    ScheduleConflict = "schedule_conflict", Rule;
    /// There is no such schedule item.
    ScheduleItemNotFound = "schedule_item_not_found", NotFound;
    /// Events still use the category.
    CategoryInUse = "category_in_use", Rule;
    /// Another category has this name.
    CategoryExists = "category_exists", Rule;
    /// There is no such category.
    CategoryNotFound = "category_not_found", NotFound;

    /// There is no such ticket type of this event.
    TicketTypeNotFound = "ticket_type_not_found", NotFound;
    /// An event has as many ticket types as it may have.
    TooManyTicketTypes = "too_many_ticket_types", Rule;
    /// Sales have not begun.
    SalesNotStarted = "sales_not_started", Rule;
    /// Sales are over.
    SalesEnded = "sales_ended", Rule;
    /// Nothing is left.
    SoldOut = "sold_out", Rule;
    /// Less is left than was asked for; `available` says how many, `held` how many may come back.
    NotEnoughLeft = "not_enough_left", Rule;
    /// The person would have more than the ticket type allows; `per_person_max` says how many.
    PerPersonLimit = "per_person_limit", Rule;
    /// A quantity or capacity below what is sold and held.
    QuantityBelowSold = "quantity_below_sold", Rule;

    /// The event has no such promo code.
    PromoUnknown = "promo_unknown", NotFound;
    /// Another promo code of the event has this text.
    PromoExists = "promo_exists", Rule;
    /// The promo code's time is over.
    PromoExpired = "promo_expired", Rule;
    /// The promo code is in use as often as it may be, by everybody or by this person.
    PromoUsedUp = "promo_used_up", Rule;
    /// The promo code changes nothing about what is wanted, or not yet.
    PromoNotApplicable = "promo_not_applicable", Rule;
    /// Open bookings use the promo code; end it instead.
    PromoInUse = "promo_in_use", Rule;
    /// An event has as many promo codes as it may have.
    TooManyPromoCodes = "too_many_promo_codes", Rule;

    /// The event has no seat map.
    SeatMapNotFound = "seat_map_not_found", NotFound;
    /// The seat map has no such section.
    SectionNotFound = "section_not_found", NotFound;
    /// The event has no such seat.
    SeatUnknown = "seat_unknown", NotFound;
    /// Somebody else has the seat, or it is not for sale; `seat` says which.
    SeatTaken = "seat_taken", Rule;
    /// Nowhere are so many seats together.
    SeatsNotTogether = "seats_not_together", Rule;
    /// A seat without neighbours would be left; `seat` says which.
    LeavesSingleSeat = "leaves_single_seat", Rule;

    /// As many as are wanted can be had now; `available` says how many.
    WaitlistNotNeeded = "waitlist_not_needed", Rule;
    /// The person waits for this ticket type already.
    AlreadyWaiting = "already_waiting", Rule;
    /// As many people wait for this ticket type as may; `waiting_max` says how many.
    WaitlistFull = "waitlist_full", Rule;
    /// The person does not wait for this ticket type.
    NotWaiting = "not_waiting", NotFound;
    /// The time of an offer to somebody who waited is over: its seats went to the next in line.
    OfferExpired = "offer_expired", Rule;

    /// There is no such booking of this person.
    BookingNotFound = "booking_not_found", NotFound;
    /// The hold's time is over and its seats are gone.
    BookingExpired = "booking_expired", Rule;
    /// The booking is not held any more.
    BookingNotHeld = "booking_not_held", Rule;
    /// There is something to pay first.
    PaymentRequired = "payment_required", Rule;
    /// The time to cancel is over.
    CancellationClosed = "cancellation_closed", Rule;
    /// A ticket was used, so it can be neither given back nor given away.
    TicketAlreadyUsed = "ticket_already_used", Rule;
    /// The booking has no lines.
    EmptyBooking = "empty_booking", Invalid;
    /// The booking has more lines or tickets than one may have.
    TooManyLines = "too_many_lines", Invalid;

    /// There is no such payment of this person.
    PaymentNotFound = "payment_not_found", NotFound;
    /// The booking costs nothing, or is not paid through this deployment.
    PaymentNotNeeded = "payment_not_needed", Rule;
    /// There is no such way to pay here.
    PaymentMethodUnknown = "payment_method_unknown", Invalid;
    /// The way to pay does not take this currency.
    CurrencyNotSupported = "currency_not_supported", Rule;
    /// The booking was tried to be paid as often as it may be.
    TooManyPayments = "too_many_payments", Rule;
    /// The provider refuses the payment; another way to pay may do.
    PaymentRefused = "payment_refused", Rule;
    /// The provider does not answer; asking again goes on with the same payment.
    PaymentProviderUnavailable = "payment_provider_unavailable", Unavailable;
    /// No money came of the payment.
    PaymentNotSucceeded = "payment_not_succeeded", Rule;
    /// The provider says itself whether the money of the payment came.
    PaymentNotByHand = "payment_not_by_hand", Rule;
    /// More than is left of the payment; `left` says how much that is.
    RefundTooLarge = "refund_too_large", Rule;
    /// A refund of the payment is on its way, or still owed.
    RefundUnderWay = "refund_under_way", Rule;
    /// The provider gives back the whole payment only.
    PartialRefundNotSupported = "partial_refund_not_supported", Rule;
    /// The payment was given back in as many parts as it may be.
    TooManyRefunds = "too_many_refunds", Rule;
    /// The payment has no such refund.
    RefundNotFound = "refund_not_found", NotFound;
    /// The refund did not fail, so it is not tried again.
    RefundNotFailed = "refund_not_failed", Rule;

    /// A ticket of the booking is somebody else's by now; the organizer can still cancel it.
    TicketTransferred = "ticket_transferred", Rule;
    /// There is no such transfer of this person.
    TransferNotFound = "transfer_not_found", NotFound;
    /// The ticket is offered to somebody already.
    TransferPending = "transfer_pending", Rule;
    /// The offer was accepted or withdrawn, or its time is over.
    TransferClosed = "transfer_closed", Rule;
    /// The account's address has to be proven first.
    EmailNotVerified = "email_not_verified", Forbidden;

    /// There is no such ticket.
    TicketNotFound = "ticket_not_found", NotFound;
    /// The ticket was used before; `used_at`, `gate` and `device` say when and where.
    AlreadyUsed = "already_used", Rule;
    /// The ticket was cancelled.
    TicketCancelled = "cancelled", Rule;
    /// The ticket is for another event.
    WrongEvent = "wrong_event", Rule;
    /// It is too early for this ticket.
    NotYetValid = "not_yet_valid", Rule;
    /// The ticket's event is over.
    Expired = "expired", Rule;
    /// No ticket has this code.
    Unknown = "unknown", NotFound;
    /// The code was not signed by this deployment.
    BadSignature = "bad_signature", Rule;
    /// A newer code was issued for this ticket.
    Reissued = "reissued", Rule;
    /// Nobody came in with the ticket, or they have left.
    NotCheckedIn = "not_checked_in", Rule;
    /// The ticket lets in once, so nobody checks out with it.
    NoReEntry = "no_re_entry", Rule;
    /// The ticket's person came and went as often as one may.
    TooManyPassages = "too_many_passages", Rule;
    /// The ticket got new codes as often as one may.
    TooManyIssues = "too_many_issues", Rule;
    /// Only the event's staff may do this.
    NotEventStaff = "not_event_staff", Forbidden;
    /// The person is of the event's staff already.
    GrantExists = "grant_exists", Rule;
    /// The person is not of the event's staff.
    GrantNotFound = "grant_not_found", NotFound;
    /// There is no such device at the event.
    DeviceNotFound = "device_not_found", NotFound;
    /// The device's key was revoked.
    DeviceRevoked = "device_revoked", Unauthenticated;

    /// Only those who have a ticket may review an event.
    NotAnAttendee = "not_an_attendee", Forbidden;
    /// The person has reviewed the event.
    AlreadyReviewed = "already_reviewed", Rule;
    /// The event has not started yet.
    EventNotStarted = "event_not_started", Rule;
    /// A rating is 1 to 5.
    RatingOutOfRange = "rating_out_of_range", Invalid;
    /// There is no such review, or it is not shown.
    ReviewNotFound = "review_not_found", NotFound;
    /// The review was answered already.
    AlreadyReplied = "already_replied", Rule;

    /// There is no such notification.
    NotificationNotFound = "notification_not_found", NotFound;
    /// The person has no such browser or phone that takes push messages.
    PushSubscriptionNotFound = "push_subscription_not_found", NotFound;
    /// More was missed than a feed makes up for.
    TooFarBehind = "too_far_behind", Rule;
    /// The event has no such announcement.
    AnnouncementNotFound = "announcement_not_found", NotFound;
    /// An event has made as many announcements as it may within a day; wait.
    TooManyAnnouncements = "too_many_announcements", Throttled;
    /// There is no such webhook of this owner.
    WebhookNotFound = "webhook_not_found", NotFound;
    /// The owner has as many webhooks as one may have.
    TooManyWebhooks = "too_many_webhooks", Rule;
    /// The deployment has no webhooks.
    WebhooksOff = "webhooks_off", Rule;
    /// The webhook is told nothing until it is enabled again.
    WebhookDisabled = "webhook_disabled", Rule;
    /// The webhook was told no such thing lately.
    WebhookDeliveryNotFound = "webhook_delivery_not_found", NotFound;
    /// The delivery is on its way already.
    WebhookDeliveryWaiting = "webhook_delivery_waiting", Rule;
    /// There is no such job.
    JobNotFound = "job_not_found", NotFound;
    /// The job is not a dead letter.
    JobNotDead = "job_not_dead", Rule;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct FieldError {
    /// The field's path, such as `lines[0].quantity`.
    pub field: String,
    /// A sentence that names the limit.
    pub message: String,
}

/// A refusal or a failure: a [`Reason`], a sentence for people, and what a program needs to go on.
///
/// Nothing secret is ever in it, so it may be shown and logged.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    reason: Reason,
    message: String,
    fields: Vec<FieldError>,
    details: Map<String, Value>,
    retry_after: Option<Duration>,
}

impl Error {
    /// A refusal with a sentence for people.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            message: message.into(),
            fields: Vec::new(),
            details: Map::new(),
            retry_after: None,
        }))
    }

    /// One field breaks its own rule.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// Several fields break their own rules.
    #[must_use]
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let sentence =
            fields.iter().map(|f| format!("{} {}", f.field, f.message)).collect::<Vec<_>>().join("; ");
        let mut error = Self::new(Reason::InvalidValue, sentence);
        error.0.fields = fields;
        error
    }

    /// A fault that no caller can mend; the sentence is for the operator.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Reason::Internal, message)
    }

    /// Adds a fact for programs, such as how many seats are left.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.details.insert(name.to_owned(), value);
        }
        self
    }

    /// Names the field that the refusal is about.
    #[must_use]
    pub fn at_field(mut self, field: &str) -> Self {
        let message = self.0.message.clone();
        self.0.fields.push(FieldError { field: field.to_owned(), message });
        self
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_in(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The kind of answer.
    #[must_use]
    pub fn category(&self) -> Category {
        self.0.reason.category()
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The fields that are wrong, if any.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Facts for programs, by name.
    #[must_use]
    pub fn details(&self) -> &Map<String, Value> {
        &self.0.details
    }

    /// Whether the very same request may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.category(), Category::Unavailable | Category::Throttled)
    }

    /// How long to wait before trying again, when [`Error::is_retryable`].
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after.or_else(|| self.is_retryable().then_some(Duration::from_secs(1)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("reason", &self.0.reason)
            .field("message", &self.0.message)
            .field("fields", &self.0.fields)
            .field("details", &self.0.details)
            .finish()
    }
}

impl std::error::Error for Error {}
