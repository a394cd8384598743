# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.booking import BookingLine, BookingStatus, BookingView, Purchase
from .._values import Words, blank, instant, money
from . import event as _event
from . import seat_map as _seat_map
from . import ticket as _ticket

booking_status = Words(BookingStatus)
_BookingLine = blank(BookingLine)
_BookingView = blank(BookingView)
_Purchase = blank(Purchase)


def booking_line(v: Any) -> BookingLine:
    o = _BookingLine()
    o.ticket_type_id, o.quantity, unit_price_, unit_discount_, seats_ = v
    o.unit_price = money(unit_price_)
    o.unit_discount = None if unit_discount_ is None else money(unit_discount_)
    o.seats = tuple([_seat_map.booked_seat(x0) for x0 in seats_])
    o.__class__ = BookingLine
    made: BookingLine = o
    return made


def booking_view(v: Any, version: int | None = None, replayed: bool = False) -> BookingView:
    o = _BookingView()
    (
        o.id,
        o.event_id,
        o.user_id,
        status_,
        lines_,
        total_,
        cancellation_,
        refund_,
        o.paid_elsewhere,
        o.promo_code_id,
        o.from_waitlist,
        expires_at_,
        created_at_,
        tickets_,
    ) = v
    o.status = booking_status[status_]
    o.lines = tuple([booking_line(x0) for x0 in lines_])
    o.total = money(total_)
    o.cancellation = _event.cancellation_policy(cancellation_)
    o.refund = None if refund_ is None else money(refund_)
    o.expires_at = None if expires_at_ is None else instant(expires_at_)
    o.created_at = instant(created_at_)
    o.tickets = tuple([_ticket.ticket_view(x0) for x0 in tickets_])
    o.version = version
    o.replayed = replayed
    o.__class__ = BookingView
    made: BookingView = o
    return made


def purchase(v: Any, replayed: bool = False) -> Purchase:
    o = _Purchase()
    booking_, tickets_ = v
    o.booking = booking_view(booking_)
    o.tickets = tuple([_ticket.ticket_view(x0) for x0 in tickets_])
    o.replayed = replayed
    o.__class__ = Purchase
    made: Purchase = o
    return made
