# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.export import ExportedAttendee, ExportedBooking, ExportedLine
from .._values import blank, instant, money
from . import booking as _booking
from . import seat_map as _seat_map
from . import ticket as _ticket

_ExportedAttendee = blank(ExportedAttendee)
_ExportedBooking = blank(ExportedBooking)
_ExportedLine = blank(ExportedLine)


def exported_attendee(v: Any) -> ExportedAttendee:
    o = _ExportedAttendee()
    (
        o.ticket_id,
        o.booking_id,
        o.ticket_type_id,
        o.ticket_type,
        seat_,
        status_,
        purchased_at_,
        used_at_,
        o.user_id,
        o.name,
        o.email,
    ) = v
    o.seat = None if seat_ is None else _seat_map.booked_seat(seat_)
    o.status = _ticket.ticket_status[status_]
    o.purchased_at = instant(purchased_at_)
    o.used_at = None if used_at_ is None else instant(used_at_)
    o.__class__ = ExportedAttendee
    made: ExportedAttendee = o
    return made


def exported_booking(v: Any) -> ExportedBooking:
    o = _ExportedBooking()
    (
        o.booking_id,
        status_,
        status_at_,
        created_at_,
        lines_,
        total_,
        refund_,
        o.promo_code_id,
        o.from_waitlist,
        o.user_id,
        o.name,
        o.email,
    ) = v
    o.status = _booking.booking_status[status_]
    o.status_at = instant(status_at_)
    o.created_at = instant(created_at_)
    o.lines = tuple([exported_line(x0) for x0 in lines_])
    o.total = money(total_)
    o.refund = None if refund_ is None else money(refund_)
    o.__class__ = ExportedBooking
    made: ExportedBooking = o
    return made


def exported_line(v: Any) -> ExportedLine:
    o = _ExportedLine()
    o.ticket_type_id, o.ticket_type, o.quantity, unit_price_, unit_discount_, amount_, refund_, seats_ = v
    o.unit_price = money(unit_price_)
    o.unit_discount = None if unit_discount_ is None else money(unit_discount_)
    o.amount = money(amount_)
    o.refund = None if refund_ is None else money(refund_)
    o.seats = tuple([_seat_map.booked_seat(x0) for x0 in seats_])
    o.__class__ = ExportedLine
    made: ExportedLine = o
    return made
