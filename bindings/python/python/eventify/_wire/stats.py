# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.stats import Bucket, CurvePoint, Entry, EventCounts, EventStats, LiveDoor, LiveSales, LiveView, OrganizerStats, TakingsView, TypeStats
from .._values import Words, blank, instant, money
from . import event as _event

bucket = Words(Bucket)
_CurvePoint = blank(CurvePoint)
_Entry = blank(Entry)
_EventCounts = blank(EventCounts)
_EventStats = blank(EventStats)
_LiveDoor = blank(LiveDoor)
_LiveSales = blank(LiveSales)
_LiveView = blank(LiveView)
_OrganizerStats = blank(OrganizerStats)
_TakingsView = blank(TakingsView)
_TypeStats = blank(TypeStats)


def curve_point(v: Any) -> CurvePoint:
    o = _CurvePoint()
    starts_at_, o.sold, o.cancelled, o.checked_in, takings_ = v
    o.starts_at = instant(starts_at_)
    o.takings = tuple([takings_view(x0) for x0 in takings_])
    o.__class__ = CurvePoint
    made: CurvePoint = o
    return made


def entry(v: Any) -> Entry:
    o = _Entry()
    o.ticket_id, o.ticket_type_id, at_, o.gate, o.device = v
    o.at = instant(at_)
    o.__class__ = Entry
    made: Entry = o
    return made


def event_counts(v: Any) -> EventCounts:
    o = _EventCounts()
    o.published, o.completed, o.cancelled = v
    o.__class__ = EventCounts
    made: EventCounts = o
    return made


def event_stats(v: Any) -> EventStats:
    o = _EventStats()
    (
        o.event_id,
        status_,
        as_of_,
        o.capacity,
        o.sold,
        o.held,
        o.available,
        o.checked_in,
        o.inside,
        o.no_show_rate,
        takings_,
        types_,
        o.time_zone,
        bucket_,
        curve_,
    ) = v
    o.status = _event.event_status[status_]
    o.as_of = instant(as_of_)
    o.takings = tuple([takings_view(x0) for x0 in takings_])
    o.types = tuple([type_stats(x0) for x0 in types_])
    o.bucket = bucket[bucket_]
    o.curve = tuple([curve_point(x0) for x0 in curve_])
    o.__class__ = EventStats
    made: EventStats = o
    return made


def live_door(v: Any) -> LiveDoor:
    o = _LiveDoor()
    o.checked_in, o.inside, newest_ = v
    o.newest = tuple([entry(x0) for x0 in newest_])
    o.__class__ = LiveDoor
    made: LiveDoor = o
    return made


def live_sales(v: Any) -> LiveSales:
    o = _LiveSales()
    o.capacity, o.sold, o.held, o.available, takings_, types_ = v
    o.takings = tuple([takings_view(x0) for x0 in takings_])
    o.types = tuple([type_stats(x0) for x0 in types_])
    o.__class__ = LiveSales
    made: LiveSales = o
    return made


def live_view(v: Any) -> LiveView:
    o = _LiveView()
    o.event_id, status_, as_of_, door_, sales_ = v
    o.status = _event.event_status[status_]
    o.as_of = instant(as_of_)
    o.door = live_door(door_)
    o.sales = None if sales_ is None else live_sales(sales_)
    o.__class__ = LiveView
    made: LiveView = o
    return made


def organizer_stats(v: Any) -> OrganizerStats:
    o = _OrganizerStats()
    o.organizer_id, as_of_, events_, o.sold, o.held, o.checked_in, o.no_show_rate, takings_ = v
    o.as_of = instant(as_of_)
    o.events = event_counts(events_)
    o.takings = tuple([takings_view(x0) for x0 in takings_])
    o.__class__ = OrganizerStats
    made: OrganizerStats = o
    return made


def takings_view(v: Any) -> TakingsView:
    o = _TakingsView()
    gross_, refunds_due_, revenue_ = v
    o.gross = money(gross_)
    o.refunds_due = money(refunds_due_)
    o.revenue = money(revenue_)
    o.__class__ = TakingsView
    made: TakingsView = o
    return made


def type_stats(v: Any) -> TypeStats:
    o = _TypeStats()
    (
        o.ticket_type_id,
        o.name,
        o.quantity,
        o.sold,
        o.held,
        o.available,
        o.checked_in,
        o.inside,
        o.no_show_rate,
        takings_,
    ) = v
    o.takings = tuple([takings_view(x0) for x0 in takings_])
    o.__class__ = TypeStats
    made: TypeStats = o
    return made
