# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingLine:
    """Some tickets of one type in a booking.

    Attributes:
        ticket_type_id: The ticket type.
        quantity: How many.
        unit_price: The price of one at the time of the hold.
        unit_discount: What the promo code took off one at the time of the hold.
        seats: The seats, one for each, where there is a seat map; otherwise none.
    """

    ticket_type_id: TicketTypeId
    quantity: int
    unit_price: Money
    unit_discount: Money | None
    seats: tuple[BookedSeat, ...]


class BookingStatus(StrEnum):
    """The state's name.

    Words:
        ``held``: The seats are reserved.
        ``confirmed``: Tickets are issued.
        ``cancelled``: Called off.
        ``expired``: The deadline passed.
    """

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingView:
    """A booking.

    Attributes:
        id: Its id.
        event_id: The event.
        user_id: Who booked.
        status: Where it is in its life.
        lines: What was booked.
        total: What is to be paid.
        cancellation: What held for cancelling when it was made. What the event says now counts
            where it is better for the person.
        refund: What is to be given back, for one that was cancelled with tickets; otherwise
            ``None``.
        paid_elsewhere: Whether it was sold while nothing was paid through the deployment: its money
            is somebody else's business, and so is giving it back.
        promo_code_id: The promo code that it was made with.
        from_waitlist: Whether it was offered to its person, who waited.
        expires_at: The hold's deadline, while it is held.
        created_at: When it was made.
        tickets: The tickets, once confirmed; those that were given to somebody else are left out.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: BookingId
    event_id: EventId
    user_id: UserId
    status: BookingStatus
    lines: tuple[BookingLine, ...]
    total: Money
    cancellation: CancellationPolicy
    refund: Money | None
    paid_elsewhere: bool
    promo_code_id: PromoCodeId | None
    from_waitlist: bool
    expires_at: datetime | None
    created_at: datetime
    tickets: tuple[TicketView, ...]
    version: int | None = field(default=None, compare=False, repr=False)
    replayed: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class LineRequest:
    """So many tickets of one type.

    Attributes:
        ticket_type_id: The ticket type.
        quantity: How many; at least 1.
    """

    ticket_type_id: TicketTypeId
    quantity: int

    def _wire(self) -> dict[str, object]:
        return {
            "ticket_type_id": self.ticket_type_id,
            "quantity": self.quantity,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """What a purchase came to: tickets when nothing was to be paid, otherwise a hold.

    Attributes:
        booking: The booking.
        tickets: Its tickets; none while it is held.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    booking: BookingView
    tickets: tuple[TicketView, ...]
    replayed: bool = field(default=False, compare=False, repr=False)


# Types of different nouns name each other.
from .event import CancellationPolicy  # noqa: E402
from .id import BookingId, EventId, PromoCodeId, TicketTypeId, UserId  # noqa: E402
from .seat_map import BookedSeat  # noqa: E402
from .ticket import TicketView  # noqa: E402
