# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.event import CancellationPolicy, CategoryView, EventStatus, EventView, ImportReport, Rating, RefundStep, ScheduleItemView
from .._types.review import ReviewPolicy
from .._values import instant


def cancellation_policy(v: Any) -> CancellationPolicy:
    return CancellationPolicy(
        until=v["until"],
        refund=tuple([refund_step(x0) for x0 in v["refund"]]),
    )


def category_view(v: Any, version: int | None = None) -> CategoryView:
    return CategoryView(
        id=v["id"],
        name=v["name"],
        events=v["events"],
        version=version,
    )


def event_view(v: Any, version: int | None = None) -> EventView:
    return EventView(
        id=v["id"],
        organizer_id=v["organizer_id"],
        title=v["title"],
        description=v["description"],
        status=EventStatus(v["status"]),
        category=v["category"],
        tags=tuple(v["tags"]),
        venue=v["venue"],
        city=v["city"],
        starts_at=None if v["starts_at"] is None else instant(v["starts_at"]),
        ends_at=None if v["ends_at"] is None else instant(v["ends_at"]),
        doors_at=None if v["doors_at"] is None else instant(v["doors_at"]),
        time_zone=v["time_zone"],
        capacity=v["capacity"],
        rating=rating(v["rating"]),
        reminders=tuple(v["reminders"]),
        review_policy=ReviewPolicy(v["review_policy"]),
        cancellation=cancellation_policy(v["cancellation"]),
        cancellable_until=None if v["cancellable_until"] is None else instant(v["cancellable_until"]),
        cancel_reason=v.get("cancel_reason"),
        created_at=instant(v["created_at"]),
        updated_at=instant(v["updated_at"]),
        version=version,
    )


def import_report(v: Any) -> ImportReport:
    return ImportReport(
        added=v["added"],
        updated=v["updated"],
        unchanged=v["unchanged"],
        removed=v["removed"],
        skipped=tuple([(x0[0], x0[1]) for x0 in v["skipped"]]),
    )


def rating(v: Any) -> Rating:
    return Rating(
        average=v["average"],
        count=v["count"],
    )


def refund_step(v: Any) -> RefundStep:
    return RefundStep(
        until=v["until"],
        percent=v["percent"],
    )


def schedule_item_view(v: Any, version: int | None = None) -> ScheduleItemView:
    return ScheduleItemView(
        id=v["id"],
        activity_name=v["activity_name"],
        speaker=v["speaker"],
        starts_at=instant(v["starts_at"]),
        ends_at=instant(v["ends_at"]),
        room=v["room"],
        version=version,
    )
