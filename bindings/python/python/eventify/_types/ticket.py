# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendeeView:
    """Somebody who has a ticket of an event.

    Attributes:
        ticket_id: The ticket.
        ticket_type_id: The type that it was sold as.
        seat: The seat, where there is a seat map.
        booking_id: The booking that it was sold in.
        user_id: The person.
        name: What to call the person.
        short_code: The code that the person can say; for those at the door `****-****-` and its
            last four characters.
        status: Where the ticket is in its life.
        purchased_at: When it was bought.
        used_at: When the person was let in.
    """

    ticket_id: TicketId
    ticket_type_id: TicketTypeId
    seat: BookedSeat | None
    booking_id: BookingId
    user_id: UserId
    name: str = field(repr=False)
    short_code: str = field(repr=False)
    status: TicketStatus
    purchased_at: datetime
    used_at: datetime | None


class Direction(StrEnum):
    """Which way somebody goes.

    Words:
        ``in``: In.
        ``out``: Out, to come in again.
    """

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorTicket:
    """What a device at the door needs to know of a ticket to check it without network.

    Attributes:
        ticket_id: The ticket, as its signed code names it.
        ticket_type_id: The type that it was sold as.
        issue: The issue of its codes: a code of another one is refused.
        status: Where it is in its life.
        used_at: When its person was let in.
        name: What to call its person.
        short_code_sha256: The SHA-256 of its short code, written `XXXX-XXXX-XXXX`, in base64url: a
            typed code can be told without the list letting anybody in.
    """

    ticket_id: TicketId
    ticket_type_id: TicketTypeId
    issue: int
    status: TicketStatus
    used_at: datetime | None
    name: str = field(repr=False)
    short_code_sha256: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class GateScanView:
    """A scan that was made without network.

    Attributes:
        scan_id: The device's own id of the scan.
        outcome: What it came to, by all that is known now: a scan that becomes known later may
            change it.
        ticket_id: The ticket, if the code was one of ours.
        direction: Which way.
        scanned_at: When, by the device's clock.
        gate: At which gate.
        device: By which device.
        uploaded_at: When it became known.
    """

    scan_id: str
    outcome: ScanOutcome
    ticket_id: TicketId | None
    direction: Direction
    scanned_at: datetime
    gate: str | None
    device: str | None
    uploaded_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OfflineScan:
    """One scan that was made without network.

    Attributes:
        scan_id: The scan's own id, made by the device and never used again: uploading it twice is
            uploading it once, and after a check-in with this id nothing new. 1 to 100 characters.
        code: The code, signed or short, as it was shown; at most 500 characters.
        scanned_at: When, by the device's clock. What lies in the future counts as now.
        direction: Which way; in when absent.
        gate: The gate; at most 100 characters.
        device: The device; at most 100 characters. One that shows its own key need not and cannot
            name another.
    """

    scan_id: str = field(repr=False)
    code: str = field(repr=False)
    scanned_at: datetime
    direction: Direction | None = None
    gate: str | None = field(default=None, repr=False)
    device: str | None = field(default=None, repr=False)

    def _wire(self) -> dict[str, object]:
        return {
            "scan_id": self.scan_id,
            "code": self.code,
            "scanned_at": self.scanned_at,
            "direction": self.direction,
            "gate": self.gate,
            "device": self.device,
        }


class ScanOutcome(StrEnum):
    """What a scan came to, by all that is known now.

    Words:
        ``accepted``: The person came in or went out with it.
        ``duplicate``: Another scan in the same direction was earlier: somebody came in twice, or
            went out twice.
        ``undone``: Taken back by the staff.
        ``cancelled``: The ticket was cancelled.
        ``event_cancelled``: The event was cancelled.
        ``wrong_event``: The ticket is for another event.
        ``not_yet_valid``: It was too early for the ticket.
        ``expired``: The event was over.
        ``unknown``: No ticket has the code.
        ``bad_signature``: The code was not signed by this deployment.
        ``reissued``: A newer code was issued for the ticket.
        ``no_re_entry``: The ticket lets in once, so nobody checks out with it.
        ``too_many_passages``: The ticket was scanned as often as one may be: the scan is kept and
            counts for nothing.
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    EVENT_CANCELLED = "event_cancelled"
    WRONG_EVENT = "wrong_event"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    BAD_SIGNATURE = "bad_signature"
    REISSUED = "reissued"
    NO_RE_ENTRY = "no_re_entry"
    TOO_MANY_PASSAGES = "too_many_passages"


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketKey:
    """The public half of an event's signing key: give it to door devices.

    Attributes:
        key_id: The number that codes name it by.
        public_key: The 32 bytes of the Ed25519 public key, in base64url.
    """

    key_id: int
    public_key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketPaper:
    """A ticket with what belongs to it, for whoever draws it. Whoever has its codes can use it.

    Attributes:
        ticket: The ticket and its codes.
        title: The event's title.
        venue: The house.
        city: The city.
        starts_at: When the event starts.
        ends_at: When it ends.
        doors_at: When the ticket's doors open: those of its type, or else the event's.
        time_zone: The time zone that people at the event live by.
        is_event_cancelled: Whether the event was called off.
        ticket_type: The name of the type that it was sold as.
        price: What was to be paid for it; ``None`` for a ticket that was given to somebody else.
        holder: What to call its person; ``None`` for somebody without an account here.
        created_at: When the event was made.
        updated_at: When something of the event was last changed, or the ticket became void.
    """

    ticket: TicketView
    title: str = field(repr=False)
    venue: str | None = field(repr=False)
    city: str | None = field(repr=False)
    starts_at: datetime
    ends_at: datetime
    doors_at: datetime | None
    time_zone: TimeZoneName = field(repr=False)
    is_event_cancelled: bool
    ticket_type: str = field(repr=False)
    price: Money | None
    holder: str | None = field(repr=False)
    created_at: datetime
    updated_at: datetime


class TicketStatus(StrEnum):
    """The state's name.

    Words:
        ``active``: Good for one entry.
        ``used``: Its person was let in.
        ``left``: Its person went out and may come in again.
        ``cancelled``: Void.
    """

    ACTIVE = "active"
    USED = "used"
    LEFT = "left"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketView:
    """A ticket. Whoever has its code can use it.

    Attributes:
        id: Its id.
        code: The signed code, for a QR code: verifiable without network.
        short_code: The code that a person can type.
        event_id: The event that it is for.
        ticket_type_id: The type that it was sold as.
        seat: The seat, where there is a seat map.
        booking_id: The booking that it was sold in.
        user_id: Whose it is.
        status: Where it is in its life.
        purchased_at: When it was bought.
        used_at: When its person was let in.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: TicketId
    code: str = field(repr=False)
    short_code: str = field(repr=False)
    event_id: EventId
    ticket_type_id: TicketTypeId
    seat: BookedSeat | None
    booking_id: BookingId
    user_id: UserId
    status: TicketStatus
    purchased_at: datetime
    used_at: datetime | None
    version: int | None = field(default=None, compare=False, repr=False)
    replayed: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """Whether a ticket would be let in now, and why not.

    Attributes:
        valid: Whether it would.
        reason: `valid`, `already_used`, `cancelled`, `event_cancelled`, `wrong_event`,
            `not_yet_valid`, `expired`, `unknown`, `bad_signature` or `reissued`.
        ticket: The ticket: for its person and the event's staff.
    """

    valid: bool
    reason: str
    ticket: TicketView | None


# Types of different nouns name each other.
from .id import BookingId, EventId, TicketId, TicketTypeId, UserId  # noqa: E402
from .seat_map import BookedSeat  # noqa: E402
from .time import TimeZoneName  # noqa: E402
