# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.seat_map import BookedSeat, SeatBlockView, SeatId, SeatMapView, SeatRowView, SeatStatus, SectionView


def booked_seat(v: Any) -> BookedSeat:
    return BookedSeat(
        seat=seat_id(v["seat"]),
        section=v["section"],
        row=v["row"],
    )


def seat_block_view(v: Any) -> SeatBlockView:
    return SeatBlockView(
        ticket_type_id=v["ticket_type_id"],
        from_=v["from"],
        seats=tuple([SeatStatus(x0) for x0 in v["seats"]]),
    )


def seat_id(v: Any) -> SeatId:
    return SeatId(
        section=v["section"],
        row=v["row"],
        number=v["number"],
    )


def seat_map_view(v: Any, version: int | None = None) -> SeatMapView:
    return SeatMapView(
        event_id=v["event_id"],
        no_single_gaps=v["no_single_gaps"],
        seats=v["seats"],
        sections=tuple([section_view(x0) for x0 in v["sections"]]),
        version=version,
    )


def seat_row_view(v: Any) -> SeatRowView:
    return SeatRowView(
        section=v["section"],
        row=v["row"],
        label=v["label"],
        blocks=tuple([seat_block_view(x0) for x0 in v["blocks"]]),
        accessible=tuple(v["accessible"]),
    )


def section_view(v: Any) -> SectionView:
    return SectionView(
        section=v["section"],
        name=v["name"],
        rows=v["rows"],
        free=v["free"],
    )
