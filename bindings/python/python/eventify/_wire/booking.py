# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.booking import BookingLine, BookingStatus, BookingView, Purchase
from .._values import instant, money
from . import event as _event
from . import seat_map as _seat_map
from . import ticket as _ticket


def booking_line(v: Any) -> BookingLine:
    return BookingLine(
        ticket_type_id=v["ticket_type_id"],
        quantity=v["quantity"],
        unit_price=money(v["unit_price"]),
        unit_discount=None if v["unit_discount"] is None else money(v["unit_discount"]),
        seats=tuple([_seat_map.booked_seat(x0) for x0 in v["seats"]]),
    )


def booking_view(v: Any, version: int | None = None, replayed: bool = False) -> BookingView:
    return BookingView(
        id=v["id"],
        event_id=v["event_id"],
        user_id=v["user_id"],
        status=BookingStatus(v["status"]),
        lines=tuple([booking_line(x0) for x0 in v["lines"]]),
        total=money(v["total"]),
        cancellation=_event.cancellation_policy(v["cancellation"]),
        refund=None if v["refund"] is None else money(v["refund"]),
        paid_elsewhere=v["paid_elsewhere"],
        promo_code_id=v["promo_code_id"],
        from_waitlist=v["from_waitlist"],
        expires_at=None if v["expires_at"] is None else instant(v["expires_at"]),
        created_at=instant(v["created_at"]),
        tickets=tuple([_ticket.ticket_view(x0) for x0 in v["tickets"]]),
        version=version,
        replayed=replayed,
    )


def purchase(v: Any, replayed: bool = False) -> Purchase:
    return Purchase(
        booking=booking_view(v["booking"]),
        tickets=tuple([_ticket.ticket_view(x0) for x0 in v["tickets"]]),
        replayed=replayed,
    )
