# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.seat_map import BookedSeat, SeatBlockView, SeatId, SeatMapView, SeatRowView, SeatStatus, SectionView
from .._values import Words, blank

seat_status = Words(SeatStatus)
_BookedSeat = blank(BookedSeat)
_SeatBlockView = blank(SeatBlockView)
_SeatId = blank(SeatId)
_SeatMapView = blank(SeatMapView)
_SeatRowView = blank(SeatRowView)
_SectionView = blank(SectionView)


def booked_seat(v: Any) -> BookedSeat:
    o = _BookedSeat()
    seat_, o.section, o.row = v
    o.seat = seat_id(seat_)
    o.__class__ = BookedSeat
    made: BookedSeat = o
    return made


def seat_block_view(v: Any) -> SeatBlockView:
    o = _SeatBlockView()
    o.ticket_type_id, o.from_, seats_ = v
    o.seats = tuple([seat_status[x0] for x0 in seats_])
    o.__class__ = SeatBlockView
    made: SeatBlockView = o
    return made


def seat_id(v: Any) -> SeatId:
    o = _SeatId()
    o.section, o.row, o.number = v
    o.__class__ = SeatId
    made: SeatId = o
    return made


def seat_map_view(v: Any, version: int | None = None) -> SeatMapView:
    o = _SeatMapView()
    o.event_id, o.no_single_gaps, o.seats, sections_ = v
    o.sections = tuple([section_view(x0) for x0 in sections_])
    o.version = version
    o.__class__ = SeatMapView
    made: SeatMapView = o
    return made


def seat_row_view(v: Any) -> SeatRowView:
    o = _SeatRowView()
    o.section, o.row, o.label, blocks_, accessible_ = v
    o.blocks = tuple([seat_block_view(x0) for x0 in blocks_])
    o.accessible = tuple(accessible_)
    o.__class__ = SeatRowView
    made: SeatRowView = o
    return made


def section_view(v: Any) -> SectionView:
    o = _SectionView()
    o.section, o.name, o.rows, o.free = v
    o.__class__ = SectionView
    made: SectionView = o
    return made
