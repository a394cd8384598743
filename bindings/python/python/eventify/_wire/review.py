# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.review import RatingView, Reply, ReviewPolicy, ReviewStatus, ReviewView
from .._values import Words, blank, instant

review_policy = Words(ReviewPolicy)
review_status = Words(ReviewStatus)
_RatingView = blank(RatingView)
_Reply = blank(Reply)
_ReviewView = blank(ReviewView)


def rating_view(v: Any) -> RatingView:
    o = _RatingView()
    o.average, o.count, histogram_ = v
    o.histogram = tuple(histogram_)
    o.__class__ = RatingView
    made: RatingView = o
    return made


def reply(v: Any) -> Reply:
    o = _Reply()
    o.text, at_ = v
    o.at = instant(at_)
    o.__class__ = Reply
    made: Reply = o
    return made


def review_view(v: Any, version: int | None = None) -> ReviewView:
    o = _ReviewView()
    o.id, o.event_id, o.user_id, o.rating, o.comment, status_, reply_, o.reject_reason, created_at_, updated_at_ = v
    o.status = review_status[status_]
    o.reply = None if reply_ is None else reply(reply_)
    o.created_at = instant(created_at_)
    o.updated_at = instant(updated_at_)
    o.version = version
    o.__class__ = ReviewView
    made: ReviewView = o
    return made
