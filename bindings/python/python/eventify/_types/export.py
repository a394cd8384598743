# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedAttendee:
    """One ticket and whose it is. No code is in it: whoever has the file could come in with it.

    Attributes:
        ticket_id: The ticket.
        booking_id: The booking that it was sold in.
        ticket_type_id: The type that it was sold as.
        ticket_type: The type's name.
        seat: The seat, where there is a seat map.
        status: Where the ticket is in its life.
        purchased_at: When it was bought.
        used_at: When its person was let in last.
        user_id: The person.
        name: What to call the person; empty when there is no such account.
        email: The person's address: for the event's organizer and admins.
    """

    ticket_id: TicketId
    booking_id: BookingId
    ticket_type_id: TicketTypeId
    ticket_type: str = field(repr=False)
    seat: BookedSeat | None
    status: TicketStatus
    purchased_at: datetime
    used_at: datetime | None
    user_id: UserId
    name: str = field(repr=False)
    email: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedBooking:
    """One booking and whose it is.

    Attributes:
        booking_id: The booking.
        status: Where it is in its life.
        status_at: Since when; the end of the hold for one that is held.
        created_at: When it was made.
        lines: What was booked.
        total: What is to be paid for all of it.
        refund: What is to be given back, once it is cancelled; ``None`` for a hold, for which
            nothing was paid.
        promo_code_id: The promo code that it was made with.
        from_waitlist: Whether it was offered to somebody who waited.
        user_id: The person.
        name: What to call the person; empty when there is no such account.
        email: The person's address: for the event's organizer and admins.
    """

    booking_id: BookingId
    status: BookingStatus
    status_at: datetime
    created_at: datetime
    lines: tuple[ExportedLine, ...]
    total: Money
    refund: Money | None
    promo_code_id: PromoCodeId | None
    from_waitlist: bool
    user_id: UserId
    name: str = field(repr=False)
    email: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedLine:
    """Some tickets of one type in a booking.

    Attributes:
        ticket_type_id: The ticket type.
        ticket_type: The type's name.
        quantity: How many.
        unit_price: The price of one at the time of the hold.
        unit_discount: What the promo code took off one at the time of the hold.
        amount: What is to be paid for the line.
        refund: Its part of what is to be given back, in proportion to the amounts; the parts of all
            lines are the booking's `refund`.
        seats: The seats, one for each, where there is a seat map; otherwise none.
    """

    ticket_type_id: TicketTypeId
    ticket_type: str
    quantity: int
    unit_price: Money
    unit_discount: Money | None
    amount: Money
    refund: Money | None
    seats: tuple[BookedSeat, ...]


# Types of different nouns name each other.
from .booking import BookingStatus  # noqa: E402
from .id import BookingId, PromoCodeId, TicketId, TicketTypeId, UserId  # noqa: E402
from .seat_map import BookedSeat  # noqa: E402
from .ticket import TicketStatus  # noqa: E402
