# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from collections.abc import Mapping
from typing import Any, TypeAlias
from dataclasses import dataclass, field
from datetime import datetime


class Channel(StrEnum):
    """How a person is told.

    Words:
        ``in_app``: In the app: the history.
        ``email``: By e-mail.
        ``sms``: By text message.
        ``push``: By push message.
    """

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyDigest:
    """When a person gets their digest, by the clocks of their time zone.

    Attributes:
        at: At this time of day, once a day: where the clocks skip it, as much later; where they
            show it twice, the first time.
        time_zone: An IANA time zone.
    """

    at: TimeOfDay
    time_zone: TimeZoneName

    def _wire(self) -> dict[str, object]:
        return {
            "at": self.at,
            "time_zone": self.time_zone,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """The form in which a `Fact` leaves the house.

    Attributes:
        id: The fact's id.
        event: The fact's name, such as `ticket.purchased`.
        timestamp: When it happened.
        data: What happened.
    """

    id: FactId
    event: FactName
    timestamp: datetime
    data: Any = field(repr=False)


class FactName(StrEnum):
    """Something that happened, as other systems are told.

    Words:
        ``ticket.purchased``: Tickets were bought.
        ``ticket.checkin``: Somebody was let in.
        ``ticket.reissued``: A ticket got new codes.
        ``ticket.offered``: A ticket was offered to somebody else.
        ``ticket.transferred``: A ticket became somebody else's.
        ``event.published``: An event went on sale.
        ``event.updated``: An event was changed after it was published.
        ``event.cancelled``: An event was called off.
        ``event.reminder``: An event begins soon.
        ``booking.held``: Seats were reserved.
        ``booking.confirmed``: A booking became tickets.
        ``booking.expired``: A hold ran out.
        ``booking.cancelled``: A booking was called off.
        ``payment.succeeded``: The money of a payment came.
        ``payment.failed``: The money of a payment does not come.
        ``payment.refunded``: Money was given back.
        ``review.submitted``: Somebody reviewed an event.
        ``review.approved``: Everybody sees a review from now on.
        ``review.rejected``: A moderator refused a review.
        ``review.replied``: The organizer answered a review.
        ``announcement``: An operator's or organizer's own words.
        ``account.email_verification``: Somebody says that an address is theirs.
        ``account.password_reset``: Somebody forgot a password.
        ``account.changed``: A password, an address or a second factor changed.
        ``waitlist.offered``: Seats came back, and somebody who waited may have them.
        ``waitlist.ended``: Somebody waited in vain, and waits no more.
        ``webhook.test``: Nothing: somebody tries whether a webhook works.
        ``webhook.disabled``: A webhook is told nothing any more, because nothing arrives there.
        ``digest``: Several messages of a day, in one mail.
    """

    TICKET_PURCHASED = "ticket.purchased"
    TICKET_CHECKIN = "ticket.checkin"
    TICKET_REISSUED = "ticket.reissued"
    TICKET_OFFERED = "ticket.offered"
    TICKET_TRANSFERRED = "ticket.transferred"
    EVENT_PUBLISHED = "event.published"
    EVENT_UPDATED = "event.updated"
    EVENT_CANCELLED = "event.cancelled"
    EVENT_REMINDER = "event.reminder"
    BOOKING_HELD = "booking.held"
    BOOKING_CONFIRMED = "booking.confirmed"
    BOOKING_EXPIRED = "booking.expired"
    BOOKING_CANCELLED = "booking.cancelled"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    REVIEW_SUBMITTED = "review.submitted"
    REVIEW_APPROVED = "review.approved"
    REVIEW_REJECTED = "review.rejected"
    REVIEW_REPLIED = "review.replied"
    ANNOUNCEMENT = "announcement"
    EMAIL_VERIFICATION = "account.email_verification"
    PASSWORD_RESET = "account.password_reset"
    ACCOUNT_CHANGED = "account.changed"
    WAITLIST_OFFERED = "waitlist.offered"
    WAITLIST_ENDED = "waitlist.ended"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_DISABLED = "webhook.disabled"
    DIGEST = "digest"


@dataclass(frozen=True, kw_only=True, slots=True)
class FcmSubscription:
    """An app that is reached by Firebase Cloud Messaging.

    Attributes:
        token: Its registration token; at most 4,096 characters.
    """

    token: str = field(repr=False)

    def _wire(self) -> dict[str, object]:
        return {
            "token": self.token,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What one person is told by an outside channel.

    Attributes:
        dedupe_key: The key to recognise a repeat by: the same for every attempt.
        fact: What happened.
        event_id: The event that it is about.
        title: One line, in the recipient's language.
        body: A sentence or two.
    """

    dedupe_key: str = field(repr=False)
    fact: FactName
    event_id: EventId | None
    title: str = field(repr=False)
    body: str = field(repr=False)


class NoticeKind(StrEnum):
    """What a notification is about: people choose by kind.

    Words:
        ``purchase``: Tickets were bought.
        ``check_in``: Somebody was let in with one's ticket.
        ``event_cancelled``: An event was cancelled.
        ``event_changed``: An event's time or place changed.
        ``reminder``: An event begins soon.
        ``payment``: A payment's fate.
        ``refund``: Money comes back.
        ``review``: A review of one's event, or an answer to one's review.
        ``announcement``: An organizer's or operator's words.
        ``security``: One's account: nobody can choose not to be told.
    """

    PURCHASE = "purchase"
    CHECK_IN = "check_in"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_CHANGED = "event_changed"
    REMINDER = "reminder"
    PAYMENT = "payment"
    REFUND = "refund"
    REVIEW = "review"
    ANNOUNCEMENT = "announcement"
    SECURITY = "security"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationView:
    """Something in a person's history.

    Attributes:
        id: Its id.
        kind: The fact, such as `ticket.purchased`.
        title: One line.
        body: A sentence or two.
        event_id: The event that it is about.
        read: Whether the person read it.
        created_at: When it was written.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: NotificationId
    kind: FactName
    title: str
    body: str
    event_id: EventId | None
    read: bool
    created_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)
    replayed: bool = field(default=False, compare=False, repr=False)


Phone: TypeAlias = str
"""A phone number with its country, as `+77011234567` (E.164): 7 to 15 digits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreferencesView:
    """By kind and channel, whether a person wants to be told; beside the kinds their quiet hours,
    language, phone and digest. A change may name only what changes.

    Attributes:
        kinds: Kind to channel to yes or no.
        quiet_hours: When nothing that can wait leaves the house; ``None`` for never. Absent from a
            change that leaves them as they are.
        language: In which language the person is told things; ``None`` for English.
        phone: Where text messages go; ``None`` for nowhere.
        digest: When mails that can wait come together, once a day; ``None`` for one by one.
    """

    kinds: Mapping[NoticeKind, Mapping[Channel, bool]]
    quiet_hours: QuietHours | None
    language: Language | None
    phone: Phone | None = field(repr=False)
    digest: DailyDigest | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PushSubscriptionView:
    """A browser or phone as its person sees it: without what reaches it.

    Attributes:
        id: Its id.
        kind: `web` for a browser, `fcm` for an app.
        service: Who brings messages to a browser: the name of the push service's host.
        created_at: When it was added.
    """

    id: PushSubscriptionId
    kind: str
    service: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PushTarget:
    """A browser or phone that takes push messages.

    Attributes:
        id: Which one.
        address: How it is reached.
    """

    id: PushSubscriptionId
    address: Any = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """When a person wants to be left alone, by the clocks of their time zone.

    Attributes:
        from_: From this time of day on.
        to: Until this one; on the next day when it is not later than `from`. Never the same.
        time_zone: An IANA time zone.
    """

    from_: TimeOfDay
    to: TimeOfDay
    time_zone: TimeZoneName

    def _wire(self) -> dict[str, object]:
        return {
            "from": self.from_,
            "to": self.to,
            "time_zone": self.time_zone,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """To whom a message goes.

    Attributes:
        user_id: The person.
        name: What to call them.
        email: Their e-mail address.
        phone: Their phone number, as `+77011234567` (E.164), when they gave one.
        language: The language in which they are told things.
        push: The browsers and phones that take their push messages.
    """

    user_id: UserId
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str | None = field(repr=False)
    language: Language
    push: tuple[PushTarget, ...]


TimeOfDay: TypeAlias = str
"""A time of day, to the minute. In JSON as `"22:00"`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsubscription:
    """What a link in a message ends, and how to say so in its person's language.

    Attributes:
        kinds: Messages of these kinds: one, but for the link of a digest.
        channel: By this channel.
        language: The language of the words, as a BCP 47 tag.
        title: What it asks, or what was done; one line.
        body: Which messages, and by which channel.
        button: What to press.
    """

    kinds: tuple[NoticeKind, ...]
    channel: Channel
    language: str
    title: str
    body: str
    button: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WebPushKeys:
    """With what messages to a browser are encrypted (RFC 8291), as base64url.

    Attributes:
        p256dh: Its public key: an uncompressed P-256 point of 65 bytes.
        auth: Its authentication secret: 16 bytes.
    """

    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    def _wire(self) -> dict[str, object]:
        return {
            "p256dh": self.p256dh,
            "auth": self.auth,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class WebPushSubscription:
    """A browser, in the words of its `PushSubscription.toJSON()`.

    Attributes:
        endpoint: The push service's address for it, `https:`; at most 2,048 characters.
        expiration_time: Not looked at: the push service says when it is over.
        keys: With what messages to it are encrypted.
    """

    endpoint: str = field(repr=False)
    expiration_time: float | None = None
    keys: WebPushKeys

    def _wire(self) -> dict[str, object]:
        return {
            "endpoint": self.endpoint,
            "expirationTime": self.expiration_time,
            "keys": self.keys,
        }


# Types of different nouns name each other.
from .id import EventId, FactId, NotificationId, PushSubscriptionId, UserId  # noqa: E402
from .language import Language  # noqa: E402
from .time import TimeZoneName  # noqa: E402
