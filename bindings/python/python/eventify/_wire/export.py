# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.booking import BookingStatus
from .._types.export import ExportedAttendee, ExportedBooking, ExportedLine
from .._types.ticket import TicketStatus
from .._values import instant, money
from . import seat_map as _seat_map


def exported_attendee(v: Any) -> ExportedAttendee:
    return ExportedAttendee(
        ticket_id=v["ticket_id"],
        booking_id=v["booking_id"],
        ticket_type_id=v["ticket_type_id"],
        ticket_type=v["ticket_type"],
        seat=None if v["seat"] is None else _seat_map.booked_seat(v["seat"]),
        status=TicketStatus(v["status"]),
        purchased_at=instant(v["purchased_at"]),
        used_at=None if v["used_at"] is None else instant(v["used_at"]),
        user_id=v["user_id"],
        name=v["name"],
        email=v["email"],
    )


def exported_booking(v: Any) -> ExportedBooking:
    return ExportedBooking(
        booking_id=v["booking_id"],
        status=BookingStatus(v["status"]),
        status_at=instant(v["status_at"]),
        created_at=instant(v["created_at"]),
        lines=tuple([exported_line(x0) for x0 in v["lines"]]),
        total=money(v["total"]),
        refund=None if v["refund"] is None else money(v["refund"]),
        promo_code_id=v["promo_code_id"],
        from_waitlist=v["from_waitlist"],
        user_id=v["user_id"],
        name=v["name"],
        email=v["email"],
    )


def exported_line(v: Any) -> ExportedLine:
    return ExportedLine(
        ticket_type_id=v["ticket_type_id"],
        ticket_type=v["ticket_type"],
        quantity=v["quantity"],
        unit_price=money(v["unit_price"]),
        unit_discount=None if v["unit_discount"] is None else money(v["unit_discount"]),
        amount=money(v["amount"]),
        refund=None if v["refund"] is None else money(v["refund"]),
        seats=tuple([_seat_map.booked_seat(x0) for x0 in v["seats"]]),
    )
