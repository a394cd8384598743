# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


class Bucket(StrEnum):
    """How long the parts of a curve are.

    Words:
        ``hour``: Hours of the event's time zone.
        ``day``: Days of the event's time zone.
    """

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """What happened in one hour or day.

    Attributes:
        starts_at: When the hour or day begins.
        sold: Tickets that were issued.
        cancelled: Tickets that were cancelled.
        checked_in: Tickets with which somebody came in for the first time.
        takings: What was to be paid for those that were issued, and to be given back of bookings
            that were cancelled.
    """

    starts_at: datetime
    sold: int
    cancelled: int
    checked_in: int
    takings: tuple[TakingsView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A ticket with which somebody came in.

    Attributes:
        ticket_id: The ticket.
        ticket_type_id: Its type.
        at: When.
        gate: At which gate.
        device: By which device.
    """

    ticket_id: TicketId
    ticket_type_id: TicketTypeId
    at: datetime
    gate: str | None
    device: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventCounts:
    """How many events there are, by where they are in their life. Drafts sell nothing and are not
    counted.

    Attributes:
        published: On sale, or going on.
        completed: Over.
        cancelled: Called off.
    """

    published: int
    completed: int
    cancelled: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EventStats:
    """What came of an event so far.

    Attributes:
        event_id: The event.
        status: Where it is in its life.
        as_of: When it was counted.
        capacity: Seats over all ticket types; no limit of its own when ``None``.
        sold: Valid tickets.
        held: Seats held by bookings that are not confirmed yet.
        available: What can be booked now, over all types: no more than the capacity has left, none
            of what people wait for.
        checked_in: Tickets with which somebody came in.
        inside: Tickets whose person came in and did not go out again.
        no_show_rate: The share of valid tickets with which nobody came, 0 to 1; ``None`` until the
            event is over, and when none was sold or it was cancelled.
        takings: What was to be paid, by currency. None when everything was free.
        types: The same by ticket type, in the order they were made.
        time_zone: The time zone that hours and days are counted in: the event's.
        bucket: How long the parts of the curve are.
        curve: What happened when: every hour or day from the first that was asked for to the last.
    """

    event_id: EventId
    status: EventStatus
    as_of: datetime
    capacity: int | None
    sold: int
    held: int
    available: int
    checked_in: int
    inside: int
    no_show_rate: float | None
    takings: tuple[TakingsView, ...]
    types: tuple[TypeStats, ...]
    time_zone: TimeZoneName
    bucket: Bucket
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveDoor:
    """Who came so far.

    Attributes:
        checked_in: Tickets with which somebody came in.
        inside: Tickets whose person came in and did not go out again.
        newest: Who came in last, newest first: at most 10, found among the newest 500 things that
            were done at the event, and among those that were shown before.
    """

    checked_in: int
    inside: int
    newest: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveSales:
    """What was sold so far: as in `EventStats`.

    Attributes:
        capacity: Seats over all ticket types; no limit of its own when ``None``.
        sold: Valid tickets.
        held: Seats held by bookings that are not confirmed yet.
        available: What can be booked now, over all types.
        takings: What was to be paid, by currency.
        types: The same by ticket type, in the order they were made.
    """

    capacity: int | None
    sold: int
    held: int
    available: int
    takings: tuple[TakingsView, ...]
    types: tuple[TypeStats, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveView:
    """What an event comes to at one instant.

    Attributes:
        event_id: The event.
        status: Where it is in its life.
        as_of: When it was counted.
        door: Who came.
        sales: What was sold; ``None`` for those who only let people in.
    """

    event_id: EventId
    status: EventStatus
    as_of: datetime
    door: LiveDoor
    sales: LiveSales | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizerStats:
    """What came of an organizer's events so far.

    Attributes:
        organizer_id: Whose events they are.
        as_of: When counting began. Each event's numbers are of one instant, not earlier than this.
        events: How many events there are.
        sold: Valid tickets.
        held: Seats held by bookings that are not confirmed yet.
        checked_in: Tickets with which somebody came in.
        no_show_rate: The share of valid tickets with which nobody came, over the events that are
            over, 0 to 1; ``None`` when none was sold.
        takings: What was to be paid, by currency.
    """

    organizer_id: UserId
    as_of: datetime
    events: EventCounts
    sold: int
    held: int
    checked_in: int
    no_show_rate: float | None
    takings: tuple[TakingsView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakingsView:
    """What was to be paid in one currency.

    Attributes:
        gross: For all tickets that were ever issued, less what promo codes took off.
        refunds_due: Of that what is to be given back of bookings that were cancelled, whether or
            not it was.
        revenue: What is left of it.
    """

    gross: Money
    refunds_due: Money
    revenue: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeStats:
    """What came of a ticket type so far.

    Attributes:
        ticket_type_id: The ticket type.
        name: Its name.
        quantity: How many there are.
        sold: Valid tickets.
        held: Seats held by bookings that are not confirmed yet.
        available: How many can be booked now.
        checked_in: Tickets with which somebody came in.
        inside: Tickets whose person came in and did not go out again.
        no_show_rate: As for the event.
        takings: What was to be paid, by currency.
    """

    ticket_type_id: TicketTypeId
    name: str
    quantity: int
    sold: int
    held: int
    available: int
    checked_in: int
    inside: int
    no_show_rate: float | None
    takings: tuple[TakingsView, ...]


# Types of different nouns name each other.
from .event import EventStatus  # noqa: E402
from .id import EventId, TicketId, TicketTypeId, UserId  # noqa: E402
from .time import TimeZoneName  # noqa: E402
