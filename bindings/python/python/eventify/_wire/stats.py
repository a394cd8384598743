# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.event import EventStatus
from .._types.stats import Bucket, CurvePoint, Entry, EventCounts, EventStats, LiveDoor, LiveSales, LiveView, OrganizerStats, TakingsView, TypeStats
from .._values import instant, money


def curve_point(v: Any) -> CurvePoint:
    return CurvePoint(
        starts_at=instant(v["starts_at"]),
        sold=v["sold"],
        cancelled=v["cancelled"],
        checked_in=v["checked_in"],
        takings=tuple([takings_view(x0) for x0 in v["takings"]]),
    )


def entry(v: Any) -> Entry:
    return Entry(
        ticket_id=v["ticket_id"],
        ticket_type_id=v["ticket_type_id"],
        at=instant(v["at"]),
        gate=v["gate"],
        device=v["device"],
    )


def event_counts(v: Any) -> EventCounts:
    return EventCounts(
        published=v["published"],
        completed=v["completed"],
        cancelled=v["cancelled"],
    )


def event_stats(v: Any) -> EventStats:
    return EventStats(
        event_id=v["event_id"],
        status=EventStatus(v["status"]),
        as_of=instant(v["as_of"]),
        capacity=v["capacity"],
        sold=v["sold"],
        held=v["held"],
        available=v["available"],
        checked_in=v["checked_in"],
        inside=v["inside"],
        no_show_rate=v["no_show_rate"],
        takings=tuple([takings_view(x0) for x0 in v["takings"]]),
        types=tuple([type_stats(x0) for x0 in v["types"]]),
        time_zone=v["time_zone"],
        bucket=Bucket(v["bucket"]),
        curve=tuple([curve_point(x0) for x0 in v["curve"]]),
    )


def live_door(v: Any) -> LiveDoor:
    return LiveDoor(
        checked_in=v["checked_in"],
        inside=v["inside"],
        newest=tuple([entry(x0) for x0 in v["newest"]]),
    )


def live_sales(v: Any) -> LiveSales:
    return LiveSales(
        capacity=v["capacity"],
        sold=v["sold"],
        held=v["held"],
        available=v["available"],
        takings=tuple([takings_view(x0) for x0 in v["takings"]]),
        types=tuple([type_stats(x0) for x0 in v["types"]]),
    )


def live_view(v: Any) -> LiveView:
    return LiveView(
        event_id=v["event_id"],
        status=EventStatus(v["status"]),
        as_of=instant(v["as_of"]),
        door=live_door(v["door"]),
        sales=None if v["sales"] is None else live_sales(v["sales"]),
    )


def organizer_stats(v: Any) -> OrganizerStats:
    return OrganizerStats(
        organizer_id=v["organizer_id"],
        as_of=instant(v["as_of"]),
        events=event_counts(v["events"]),
        sold=v["sold"],
        held=v["held"],
        checked_in=v["checked_in"],
        no_show_rate=v["no_show_rate"],
        takings=tuple([takings_view(x0) for x0 in v["takings"]]),
    )


def takings_view(v: Any) -> TakingsView:
    return TakingsView(
        gross=money(v["gross"]),
        refunds_due=money(v["refunds_due"]),
        revenue=money(v["revenue"]),
    )


def type_stats(v: Any) -> TypeStats:
    return TypeStats(
        ticket_type_id=v["ticket_type_id"],
        name=v["name"],
        quantity=v["quantity"],
        sold=v["sold"],
        held=v["held"],
        available=v["available"],
        checked_in=v["checked_in"],
        inside=v["inside"],
        no_show_rate=v["no_show_rate"],
        takings=tuple([takings_view(x0) for x0 in v["takings"]]),
    )
