# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingView:
    """What an event's approved reviews come to.

    Attributes:
        average: The mean; ``None`` without reviews.
        count: How many reviews.
        histogram: How often 1, 2, 3, 4 and 5 were given.
    """

    average: float | None
    count: int
    histogram: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The organizer's answer to a review.

    Attributes:
        text: 1 to 5,000 characters.
        at: When it was given.
    """

    text: str = field(repr=False)
    at: datetime


class ReviewOrder(StrEnum):
    """In which order reviews are listed.

    Words:
        ``newest``: The newest first.
        ``best``: The best rating first, and of equal ones the newest.
        ``worst``: The worst rating first, and of equal ones the oldest.
    """

    NEWEST = "newest"
    BEST = "best"
    WORST = "worst"


class ReviewPolicy(StrEnum):
    """When an event's reviews are shown.

    Words:
        ``at_once``: As soon as they are written.
        ``after_approval``: Once a moderator has approved them.
    """

    AT_ONCE = "at_once"
    AFTER_APPROVAL = "after_approval"


class ReviewStatus(StrEnum):
    """The state's name.

    Words:
        ``pending``: Waits for a moderator.
        ``approved``: Everybody sees it.
        ``rejected``: A moderator refused it.
        ``withdrawn``: Its author took it back.
    """

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewView:
    """What somebody thinks of an event.

    Attributes:
        id: Its id.
        event_id: The event.
        user_id: Who wrote it.
        rating: 1 to 5.
        comment: In their own words; may be empty.
        status: Others see what is approved.
        reply: The organizer's answer.
        reject_reason: Why a moderator refused it, if so: only its author and moderators see it.
        created_at: When it was written.
        updated_at: When its author last changed it.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: ReviewId
    event_id: EventId
    user_id: UserId
    rating: int = field(repr=False)
    comment: str = field(repr=False)
    status: ReviewStatus
    reply: Reply | None
    reject_reason: str | None = field(repr=False)
    created_at: datetime
    updated_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)


# Types of different nouns name each other.
from .id import EventId, ReviewId, UserId  # noqa: E402
