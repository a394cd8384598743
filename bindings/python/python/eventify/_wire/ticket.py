# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.ticket import AttendeeView, Direction, DoorTicket, GateScanView, ScanOutcome, TicketKey, TicketPaper, TicketStatus, TicketView, Validation
from .._values import instant, money
from . import seat_map as _seat_map


def attendee_view(v: Any) -> AttendeeView:
    return AttendeeView(
        ticket_id=v["ticket_id"],
        ticket_type_id=v["ticket_type_id"],
        seat=None if v["seat"] is None else _seat_map.booked_seat(v["seat"]),
        booking_id=v["booking_id"],
        user_id=v["user_id"],
        name=v["name"],
        short_code=v["short_code"],
        status=TicketStatus(v["status"]),
        purchased_at=instant(v["purchased_at"]),
        used_at=None if v["used_at"] is None else instant(v["used_at"]),
    )


def door_ticket(v: Any) -> DoorTicket:
    return DoorTicket(
        ticket_id=v["ticket_id"],
        ticket_type_id=v["ticket_type_id"],
        issue=v["issue"],
        status=TicketStatus(v["status"]),
        used_at=None if v["used_at"] is None else instant(v["used_at"]),
        name=v["name"],
        short_code_sha256=v["short_code_sha256"],
    )


def gate_scan_view(v: Any) -> GateScanView:
    return GateScanView(
        scan_id=v["scan_id"],
        outcome=ScanOutcome(v["outcome"]),
        ticket_id=v["ticket_id"],
        direction=Direction(v["direction"]),
        scanned_at=instant(v["scanned_at"]),
        gate=v["gate"],
        device=v["device"],
        uploaded_at=instant(v["uploaded_at"]),
    )


def ticket_key(v: Any) -> TicketKey:
    return TicketKey(
        key_id=v["key_id"],
        public_key=v["public_key"],
    )


def ticket_paper(v: Any) -> TicketPaper:
    return TicketPaper(
        ticket=ticket_view(v["ticket"]),
        title=v["title"],
        venue=v["venue"],
        city=v["city"],
        starts_at=instant(v["starts_at"]),
        ends_at=instant(v["ends_at"]),
        doors_at=None if v["doors_at"] is None else instant(v["doors_at"]),
        time_zone=v["time_zone"],
        is_event_cancelled=v["is_event_cancelled"],
        ticket_type=v["ticket_type"],
        price=None if v["price"] is None else money(v["price"]),
        holder=v["holder"],
        created_at=instant(v["created_at"]),
        updated_at=instant(v["updated_at"]),
    )


def ticket_view(v: Any, version: int | None = None, replayed: bool = False) -> TicketView:
    return TicketView(
        id=v["id"],
        code=v["code"],
        short_code=v["short_code"],
        event_id=v["event_id"],
        ticket_type_id=v["ticket_type_id"],
        seat=None if v["seat"] is None else _seat_map.booked_seat(v["seat"]),
        booking_id=v["booking_id"],
        user_id=v["user_id"],
        status=TicketStatus(v["status"]),
        purchased_at=instant(v["purchased_at"]),
        used_at=None if v["used_at"] is None else instant(v["used_at"]),
        version=version,
        replayed=replayed,
    )


def validation(v: Any) -> Validation:
    return Validation(
        valid=v["valid"],
        reason=v["reason"],
        ticket=None if v["ticket"] is None else ticket_view(v["ticket"]),
    )
