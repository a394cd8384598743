# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.event import CancellationPolicy, CategoryView, EventStatus, EventView, ImportReport, Rating, RefundStep, ScheduleItemView
from .._values import Words, blank, instant
from . import review as _review

event_status = Words(EventStatus)
_CancellationPolicy = blank(CancellationPolicy)
_CategoryView = blank(CategoryView)
_EventView = blank(EventView)
_ImportReport = blank(ImportReport)
_Rating = blank(Rating)
_RefundStep = blank(RefundStep)
_ScheduleItemView = blank(ScheduleItemView)


def cancellation_policy(v: Any) -> CancellationPolicy:
    o = _CancellationPolicy()
    o.until, refund_ = v
    o.refund = tuple([refund_step(x0) for x0 in refund_])
    o.__class__ = CancellationPolicy
    made: CancellationPolicy = o
    return made


def category_view(v: Any, version: int | None = None) -> CategoryView:
    o = _CategoryView()
    o.id, o.name, o.events = v
    o.version = version
    o.__class__ = CategoryView
    made: CategoryView = o
    return made


def event_view(v: Any, version: int | None = None) -> EventView:
    o = _EventView()
    (
        o.id,
        o.organizer_id,
        o.title,
        o.description,
        status_,
        o.category,
        tags_,
        o.venue,
        o.city,
        starts_at_,
        ends_at_,
        doors_at_,
        o.time_zone,
        o.capacity,
        rating_,
        reminders_,
        review_policy_,
        cancellation_,
        cancellable_until_,
        o.cancel_reason,
        created_at_,
        updated_at_,
    ) = v
    o.status = event_status[status_]
    o.tags = tuple(tags_)
    o.starts_at = None if starts_at_ is None else instant(starts_at_)
    o.ends_at = None if ends_at_ is None else instant(ends_at_)
    o.doors_at = None if doors_at_ is None else instant(doors_at_)
    o.rating = rating(rating_)
    o.reminders = tuple(reminders_)
    o.review_policy = _review.review_policy[review_policy_]
    o.cancellation = cancellation_policy(cancellation_)
    o.cancellable_until = None if cancellable_until_ is None else instant(cancellable_until_)
    o.created_at = instant(created_at_)
    o.updated_at = instant(updated_at_)
    o.version = version
    o.__class__ = EventView
    made: EventView = o
    return made


def import_report(v: Any) -> ImportReport:
    o = _ImportReport()
    o.added, o.updated, o.unchanged, o.removed, skipped_ = v
    o.skipped = tuple([(x0[0], x0[1]) for x0 in skipped_])
    o.__class__ = ImportReport
    made: ImportReport = o
    return made


def rating(v: Any) -> Rating:
    o = _Rating()
    o.average, o.count = v
    o.__class__ = Rating
    made: Rating = o
    return made


def refund_step(v: Any) -> RefundStep:
    o = _RefundStep()
    o.until, o.percent = v
    o.__class__ = RefundStep
    made: RefundStep = o
    return made


def schedule_item_view(v: Any, version: int | None = None) -> ScheduleItemView:
    o = _ScheduleItemView()
    o.id, o.activity_name, o.speaker, starts_at_, ends_at_, o.room = v
    o.starts_at = instant(starts_at_)
    o.ends_at = instant(ends_at_)
    o.version = version
    o.__class__ = ScheduleItemView
    made: ScheduleItemView = o
    return made
