# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.ticket import AttendeeView, Direction, DoorTicket, GateScanView, ScanOutcome, TicketKey, TicketPaper, TicketStatus, TicketView, Validation
from .._values import Words, blank, instant, money
from . import seat_map as _seat_map

direction = Words(Direction)
scan_outcome = Words(ScanOutcome)
ticket_status = Words(TicketStatus)
_AttendeeView = blank(AttendeeView)
_DoorTicket = blank(DoorTicket)
_GateScanView = blank(GateScanView)
_TicketKey = blank(TicketKey)
_TicketPaper = blank(TicketPaper)
_TicketView = blank(TicketView)
_Validation = blank(Validation)


def attendee_view(v: Any) -> AttendeeView:
    o = _AttendeeView()
    (
        o.ticket_id,
        o.ticket_type_id,
        seat_,
        o.booking_id,
        o.user_id,
        o.name,
        o.short_code,
        status_,
        purchased_at_,
        used_at_,
    ) = v
    o.seat = None if seat_ is None else _seat_map.booked_seat(seat_)
    o.status = ticket_status[status_]
    o.purchased_at = instant(purchased_at_)
    o.used_at = None if used_at_ is None else instant(used_at_)
    o.__class__ = AttendeeView
    made: AttendeeView = o
    return made


def door_ticket(v: Any) -> DoorTicket:
    o = _DoorTicket()
    o.ticket_id, o.ticket_type_id, o.issue, status_, used_at_, o.name, o.short_code_sha256 = v
    o.status = ticket_status[status_]
    o.used_at = None if used_at_ is None else instant(used_at_)
    o.__class__ = DoorTicket
    made: DoorTicket = o
    return made


def gate_scan_view(v: Any) -> GateScanView:
    o = _GateScanView()
    o.scan_id, outcome_, o.ticket_id, direction_, scanned_at_, o.gate, o.device, uploaded_at_ = v
    o.outcome = scan_outcome[outcome_]
    o.direction = direction[direction_]
    o.scanned_at = instant(scanned_at_)
    o.uploaded_at = instant(uploaded_at_)
    o.__class__ = GateScanView
    made: GateScanView = o
    return made


def ticket_key(v: Any) -> TicketKey:
    o = _TicketKey()
    o.key_id, o.public_key = v
    o.__class__ = TicketKey
    made: TicketKey = o
    return made


def ticket_paper(v: Any) -> TicketPaper:
    o = _TicketPaper()
    (
        ticket_,
        o.title,
        o.venue,
        o.city,
        starts_at_,
        ends_at_,
        doors_at_,
        o.time_zone,
        o.is_event_cancelled,
        o.ticket_type,
        price_,
        o.holder,
        created_at_,
        updated_at_,
    ) = v
    o.ticket = ticket_view(ticket_)
    o.starts_at = instant(starts_at_)
    o.ends_at = instant(ends_at_)
    o.doors_at = None if doors_at_ is None else instant(doors_at_)
    o.price = None if price_ is None else money(price_)
    o.created_at = instant(created_at_)
    o.updated_at = instant(updated_at_)
    o.__class__ = TicketPaper
    made: TicketPaper = o
    return made


def ticket_view(v: Any, version: int | None = None, replayed: bool = False) -> TicketView:
    o = _TicketView()
    (
        o.id,
        o.code,
        o.short_code,
        o.event_id,
        o.ticket_type_id,
        seat_,
        o.booking_id,
        o.user_id,
        status_,
        purchased_at_,
        used_at_,
    ) = v
    o.seat = None if seat_ is None else _seat_map.booked_seat(seat_)
    o.status = ticket_status[status_]
    o.purchased_at = instant(purchased_at_)
    o.used_at = None if used_at_ is None else instant(used_at_)
    o.version = version
    o.replayed = replayed
    o.__class__ = TicketView
    made: TicketView = o
    return made


def validation(v: Any) -> Validation:
    o = _Validation()
    o.valid, o.reason, ticket_ = v
    o.ticket = None if ticket_ is None else ticket_view(ticket_)
    o.__class__ = Validation
    made: Validation = o
    return made
