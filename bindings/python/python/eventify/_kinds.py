# Written by eventify-python-codegen from eventify-core; do not edit.
"""The kinds of refusals, and their codes."""

from __future__ import annotations

from enum import StrEnum

from ._error import EventifyError

__all__ = [
    "MalformedError",
    "InvalidError",
    "UnauthenticatedError",
    "ForbiddenError",
    "NotFoundError",
    "RuleError",
    "StaleError",
    "ThrottledError",
    "UnavailableError",
    "InternalError",
    "Reason",
]


class MalformedError(EventifyError):
    """The request cannot be read at all."""


class InvalidError(EventifyError):
    """A value breaks its own rule: too long, negative, not a time zone."""


class UnauthenticatedError(EventifyError):
    """Nobody has shown who they are, or what they showed is not good (any more)."""


class ForbiddenError(EventifyError):
    """Known, and not allowed."""


class NotFoundError(EventifyError):
    """There is no such thing, or none that this actor may know of."""


class RuleError(EventifyError):
    """A rule of the domain said no."""


class StaleError(EventifyError):
    """The caller decided on an older version than the stored one."""


class ThrottledError(EventifyError):
    """Too much in too short a time; see :attr:`EventifyError.retry_after`."""


class UnavailableError(EventifyError):
    """Nothing is wrong with the request; try again in a moment."""


class InternalError(EventifyError):
    """A fault of ours or of the store; trying again may not help."""


KINDS: dict[str, type[EventifyError]] = {
    "Malformed": MalformedError,
    "Invalid": InvalidError,
    "Unauthenticated": UnauthenticatedError,
    "Forbidden": ForbiddenError,
    "NotFound": NotFoundError,
    "Rule": RuleError,
    "Stale": StaleError,
    "Throttled": ThrottledError,
    "Unavailable": UnavailableError,
    "Internal": InternalError,
}


class Reason(StrEnum):
    """The stable code of a refusal or failure: the same in Rust, HTTP, Python, Swift and Kotlin."""

    MALFORMED = "malformed"
    """The request cannot be read."""
    INVALID_VALUE = "invalid_value"
    """One or more fields break their own rules; :attr:`EventifyError.fields` names them."""
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    """The same idempotency key came with another request."""
    NOT_AUTHENTICATED = "not_authenticated"
    """Nobody is logged in."""
    NOT_ALLOWED = "not_allowed"
    """The actor's role does not allow this."""
    NOT_FOUND = "not_found"
    """There is no such thing."""
    PRECONDITION_FAILED = "precondition_failed"
    """The record changed since the caller read it."""
    OVERLOADED = "overloaded"
    """Too many requests queue for the same thing."""
    STORE_UNAVAILABLE = "store_unavailable"
    """The store is not reachable now."""
    SHUTTING_DOWN = "shutting_down"
    """The engine is shutting down."""
    CLOSED = "closed"
    """The app itself closed the engine before it asked."""
    CONTENTION = "contention"
    """Others kept changing the same records; nothing was changed by this request."""
    INTERNAL = "internal"
    """A fault of the engine or of what it stored."""
    EMAIL_TAKEN = "email_taken"
    """Another account has this e-mail address."""
    INVALID_CREDENTIALS = "invalid_credentials"
    """E-mail and password do not belong together."""
    WEAK_PASSWORD = "weak_password"
    """The password is too short, too long or too common."""
    SESSION_REVOKED = "session_revoked"
    """The session was ended."""
    TOKEN_EXPIRED = "token_expired"
    """The token's time is over."""
    INVALID_TOKEN = "invalid_token"
    """The token is no token of this deployment."""
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    """Too many failed logins; wait."""
    USER_NOT_FOUND = "user_not_found"
    """There is no such user."""
    LAST_ADMIN = "last_admin"
    """The last admin cannot give the role up."""
    SESSION_NOT_FOUND = "session_not_found"
    """There is no such session of this person."""
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    """The password is right; a code of the authenticator app, or a recovery code, is needed too."""
    INVALID_CODE = "invalid_code"
    """The code is wrong, was used before, or its time is over."""
    PASSWORD_REQUIRED = "password_required"
    """Changing this needs the account's password."""
    SECOND_FACTOR_ON = "second_factor_on"
    """The account has a second factor already."""
    SECOND_FACTOR_OFF = "second_factor_off"
    """The account has no second factor, or none was begun."""
    INSUFFICIENT_SCOPE = "insufficient_scope"
    """The API key may not be used for this; `scope` says which one it lacks."""
    API_KEY_NOT_FOUND = "api_key_not_found"
    """There is no such API key of this person."""
    TOO_MANY_API_KEYS = "too_many_api_keys"
    """The person has as many API keys as one may have."""
    HAS_OPEN_EVENTS = "has_open_events"
    """The person has drafts or events on sale; `open_events` says how many."""
    EVENT_NOT_FOUND = "event_not_found"
    """There is no such event, or it is somebody's draft."""
    NOT_EVENT_OWNER = "not_event_owner"
    """Only the event's organizer (or an admin) may do this."""
    EVENT_NOT_DRAFT = "event_not_draft"
    """The event is no draft any more."""
    EVENT_NOT_PUBLISHED = "event_not_published"
    """The event is not on sale: a draft, or completed."""
    EVENT_CANCELLED = "event_cancelled"
    """The event was cancelled."""
    EVENT_ALREADY_STARTED = "event_already_started"
    """The event has started already."""
    SCHEDULE_CONFLICT = "schedule_conflict"
    """Two schedule items in one room at one time, or one outside of its event."""
    SCHEDULE_ITEM_NOT_FOUND = "schedule_item_not_found"
    """There is no such schedule item."""
    CATEGORY_IN_USE = "category_in_use"
    """Events still use the category."""
    CATEGORY_EXISTS = "category_exists"
    """Another category has this name."""
    CATEGORY_NOT_FOUND = "category_not_found"
    """There is no such category."""
    TICKET_TYPE_NOT_FOUND = "ticket_type_not_found"
    """There is no such ticket type of this event."""
    TOO_MANY_TICKET_TYPES = "too_many_ticket_types"
    """An event has as many ticket types as it may have."""
    SALES_NOT_STARTED = "sales_not_started"
    """Sales have not begun."""
    SALES_ENDED = "sales_ended"
    """Sales are over."""
    SOLD_OUT = "sold_out"
    """Nothing is left."""
    NOT_ENOUGH_LEFT = "not_enough_left"
    """Less is left than was asked for; `available` says how many, `held` how many may come back."""
    PER_PERSON_LIMIT = "per_person_limit"
    """The person would have more than the ticket type allows; `per_person_max` says how many."""
    QUANTITY_BELOW_SOLD = "quantity_below_sold"
    """A quantity or capacity below what is sold and held."""
    PROMO_UNKNOWN = "promo_unknown"
    """The event has no such promo code."""
    PROMO_EXISTS = "promo_exists"
    """Another promo code of the event has this text."""
    PROMO_EXPIRED = "promo_expired"
    """The promo code's time is over."""
    PROMO_USED_UP = "promo_used_up"
    """The promo code is in use as often as it may be, by everybody or by this person."""
    PROMO_NOT_APPLICABLE = "promo_not_applicable"
    """The promo code changes nothing about what is wanted, or not yet."""
    PROMO_IN_USE = "promo_in_use"
    """Open bookings use the promo code; end it instead."""
    TOO_MANY_PROMO_CODES = "too_many_promo_codes"
    """An event has as many promo codes as it may have."""
    SEAT_MAP_NOT_FOUND = "seat_map_not_found"
    """The event has no seat map."""
    SECTION_NOT_FOUND = "section_not_found"
    """The seat map has no such section."""
    SEAT_UNKNOWN = "seat_unknown"
    """The event has no such seat."""
    SEAT_TAKEN = "seat_taken"
    """Somebody else has the seat, or it is not for sale; `seat` says which."""
    SEATS_NOT_TOGETHER = "seats_not_together"
    """Nowhere are so many seats together."""
    LEAVES_SINGLE_SEAT = "leaves_single_seat"
    """A seat without neighbours would be left; `seat` says which."""
    WAITLIST_NOT_NEEDED = "waitlist_not_needed"
    """As many as are wanted can be had now; `available` says how many."""
    ALREADY_WAITING = "already_waiting"
    """The person waits for this ticket type already."""
    WAITLIST_FULL = "waitlist_full"
    """As many people wait for this ticket type as may; `waiting_max` says how many."""
    NOT_WAITING = "not_waiting"
    """The person does not wait for this ticket type."""
    OFFER_EXPIRED = "offer_expired"
    """The time of an offer to somebody who waited is over: its seats went to the next in line."""
    BOOKING_NOT_FOUND = "booking_not_found"
    """There is no such booking of this person."""
    BOOKING_EXPIRED = "booking_expired"
    """The hold's time is over and its seats are gone."""
    BOOKING_NOT_HELD = "booking_not_held"
    """The booking is not held any more."""
    PAYMENT_REQUIRED = "payment_required"
    """There is something to pay first."""
    CANCELLATION_CLOSED = "cancellation_closed"
    """The time to cancel is over."""
    TICKET_ALREADY_USED = "ticket_already_used"
    """A ticket was used, so it can be neither given back nor given away."""
    EMPTY_BOOKING = "empty_booking"
    """The booking has no lines."""
    TOO_MANY_LINES = "too_many_lines"
    """The booking has more lines or tickets than one may have."""
    PAYMENT_NOT_FOUND = "payment_not_found"
    """There is no such payment of this person."""
    PAYMENT_NOT_NEEDED = "payment_not_needed"
    """The booking costs nothing, or is not paid through this deployment."""
    PAYMENT_METHOD_UNKNOWN = "payment_method_unknown"
    """There is no such way to pay here."""
    CURRENCY_NOT_SUPPORTED = "currency_not_supported"
    """The way to pay does not take this currency."""
    TOO_MANY_PAYMENTS = "too_many_payments"
    """The booking was tried to be paid as often as it may be."""
    PAYMENT_REFUSED = "payment_refused"
    """The provider refuses the payment; another way to pay may do."""
    PAYMENT_PROVIDER_UNAVAILABLE = "payment_provider_unavailable"
    """The provider does not answer; asking again goes on with the same payment."""
    PAYMENT_NOT_SUCCEEDED = "payment_not_succeeded"
    """No money came of the payment."""
    PAYMENT_NOT_BY_HAND = "payment_not_by_hand"
    """The provider says itself whether the money of the payment came."""
    REFUND_TOO_LARGE = "refund_too_large"
    """More than is left of the payment; `left` says how much that is."""
    REFUND_UNDER_WAY = "refund_under_way"
    """A refund of the payment is on its way, or still owed."""
    PARTIAL_REFUND_NOT_SUPPORTED = "partial_refund_not_supported"
    """The provider gives back the whole payment only."""
    TOO_MANY_REFUNDS = "too_many_refunds"
    """The payment was given back in as many parts as it may be."""
    REFUND_NOT_FOUND = "refund_not_found"
    """The payment has no such refund."""
    REFUND_NOT_FAILED = "refund_not_failed"
    """The refund did not fail, so it is not tried again."""
    TICKET_TRANSFERRED = "ticket_transferred"
    """A ticket of the booking is somebody else's by now; the organizer can still cancel it."""
    TRANSFER_NOT_FOUND = "transfer_not_found"
    """There is no such transfer of this person."""
    TRANSFER_PENDING = "transfer_pending"
    """The ticket is offered to somebody already."""
    TRANSFER_CLOSED = "transfer_closed"
    """The offer was accepted or withdrawn, or its time is over."""
    EMAIL_NOT_VERIFIED = "email_not_verified"
    """The account's address has to be proven first."""
    TICKET_NOT_FOUND = "ticket_not_found"
    """There is no such ticket."""
    ALREADY_USED = "already_used"
    """The ticket was used before; `used_at`, `gate` and `device` say when and where."""
    CANCELLED = "cancelled"
    """The ticket was cancelled."""
    WRONG_EVENT = "wrong_event"
    """The ticket is for another event."""
    NOT_YET_VALID = "not_yet_valid"
    """It is too early for this ticket."""
    EXPIRED = "expired"
    """The ticket's event is over."""
    UNKNOWN = "unknown"
    """No ticket has this code."""
    BAD_SIGNATURE = "bad_signature"
    """The code was not signed by this deployment."""
    REISSUED = "reissued"
    """A newer code was issued for this ticket."""
    NOT_CHECKED_IN = "not_checked_in"
    """Nobody came in with the ticket, or they have left."""
    NO_RE_ENTRY = "no_re_entry"
    """The ticket lets in once, so nobody checks out with it."""
    TOO_MANY_PASSAGES = "too_many_passages"
    """The ticket's person came and went as often as one may."""
    TOO_MANY_ISSUES = "too_many_issues"
    """The ticket got new codes as often as one may."""
    NOT_EVENT_STAFF = "not_event_staff"
    """Only the event's staff may do this."""
    GRANT_EXISTS = "grant_exists"
    """The person is of the event's staff already."""
    GRANT_NOT_FOUND = "grant_not_found"
    """The person is not of the event's staff."""
    DEVICE_NOT_FOUND = "device_not_found"
    """There is no such device at the event."""
    DEVICE_REVOKED = "device_revoked"
    """The device's key was revoked."""
    NOT_AN_ATTENDEE = "not_an_attendee"
    """Only those who have a ticket may review an event."""
    ALREADY_REVIEWED = "already_reviewed"
    """The person has reviewed the event."""
    EVENT_NOT_STARTED = "event_not_started"
    """The event has not started yet."""
    RATING_OUT_OF_RANGE = "rating_out_of_range"
    """A rating is 1 to 5."""
    REVIEW_NOT_FOUND = "review_not_found"
    """There is no such review, or it is not shown."""
    ALREADY_REPLIED = "already_replied"
    """The review was answered already."""
    NOTIFICATION_NOT_FOUND = "notification_not_found"
    """There is no such notification."""
    PUSH_SUBSCRIPTION_NOT_FOUND = "push_subscription_not_found"
    """The person has no such browser or phone that takes push messages."""
    TOO_FAR_BEHIND = "too_far_behind"
    """More was missed than a feed makes up for."""
    ANNOUNCEMENT_NOT_FOUND = "announcement_not_found"
    """The event has no such announcement."""
    TOO_MANY_ANNOUNCEMENTS = "too_many_announcements"
    """An event has made as many announcements as it may within a day; wait."""
    WEBHOOK_NOT_FOUND = "webhook_not_found"
    """There is no such webhook of this owner."""
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    """The owner has as many webhooks as one may have."""
    WEBHOOKS_OFF = "webhooks_off"
    """The deployment has no webhooks."""
    WEBHOOK_DISABLED = "webhook_disabled"
    """The webhook is told nothing until it is enabled again."""
    WEBHOOK_DELIVERY_NOT_FOUND = "webhook_delivery_not_found"
    """The webhook was told no such thing lately."""
    WEBHOOK_DELIVERY_WAITING = "webhook_delivery_waiting"
    """The delivery is on its way already."""
    JOB_NOT_FOUND = "job_not_found"
    """There is no such job."""
    JOB_NOT_DEAD = "job_not_dead"
    """The job is not a dead letter."""
