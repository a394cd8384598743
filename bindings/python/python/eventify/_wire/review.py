# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.review import RatingView, Reply, ReviewStatus, ReviewView
from .._values import instant


def rating_view(v: Any) -> RatingView:
    return RatingView(
        average=v["average"],
        count=v["count"],
        histogram=tuple(v["histogram"]),
    )


def reply(v: Any) -> Reply:
    return Reply(
        text=v["text"],
        at=instant(v["at"]),
    )


def review_view(v: Any, version: int | None = None) -> ReviewView:
    return ReviewView(
        id=v["id"],
        event_id=v["event_id"],
        user_id=v["user_id"],
        rating=v["rating"],
        comment=v["comment"],
        status=ReviewStatus(v["status"]),
        reply=None if v["reply"] is None else reply(v["reply"]),
        reject_reason=v.get("reject_reason"),
        created_at=instant(v["created_at"]),
        updated_at=instant(v["updated_at"]),
        version=version,
    )
