# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


class ReEntry(StrEnum):
    """How often a ticket lets its person in.

    Words:
        ``once``: Once.
        ``in_out``: Again after each check-out: in and out alternate.
    """

    ONCE = "once"
    IN_OUT = "in_out"


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketTypeView:
    """A ticket type with what is left of it.

    Attributes:
        id: Its id.
        event_id: Its event.
        name: Its name.
        price: What one ticket costs.
        quantity: How many there are.
        sold: How many are sold.
        held: How many are held by bookings that are not confirmed yet.
        available: How many can be booked now: no more than the event's overall capacity has left
            beside what is owed to those who wait for other types, none while people wait.
        sales_start: Sales begin; at once when ``None``.
        sales_end: Sales end; with the event when ``None``.
        per_person_max: How many one person may have; no limit when ``None``.
        hidden: Whether it is neither listed nor sold without a promo code that names it.
        seated: Whether it is sold by seat: its quantity is the seats that the map has of it.
        waiting: How many people wait for it: while any do, what is free is theirs.
        waitlist_skips: Whether those who wait for more than is free are passed by those who wait
            for less.
        doors_at: The doors open for these tickets; with the event's when ``None``.
        re_entry: How often one of these lets its person in.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: TicketTypeId
    event_id: EventId
    name: str
    price: Money
    quantity: int
    sold: int
    held: int
    available: int
    sales_start: datetime | None
    sales_end: datetime | None
    per_person_max: int | None
    hidden: bool
    seated: bool
    waiting: int
    waitlist_skips: bool
    doors_at: datetime | None
    re_entry: ReEntry
    version: int | None = field(default=None, compare=False, repr=False)


# Types of different nouns name each other.
from .id import EventId, TicketTypeId  # noqa: E402
