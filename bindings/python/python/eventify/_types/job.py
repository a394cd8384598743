# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime


class JobClass(StrEnum):
    """Who is needed for a job. They wait in lines of their own: a mail server that is down holds up no
    seats, and an organizer's own server no mail.

    Words:
        ``inside``: The engine alone.
        ``outside``: Somebody outside: a notifier, a publisher or a payment provider.
        ``webhook``: A system that an organizer or admin named.
    """

    INSIDE = "inside"
    OUTSIDE = "outside"
    WEBHOOK = "webhook"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobView:
    """A job as operators see it.

    Attributes:
        id: Its id.
        work: What it does, such as `deliver`.
        state: `waiting`, `leased` or `dead`.
        due_at: Not before this.
        attempts: How often it was tried.
        last_error: Why the last attempt failed.
        created_at: When it was made.
    """

    id: JobId
    work: str
    state: str
    due_at: datetime
    attempts: int
    last_error: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Purged:
    """What was thrown away.

    Attributes:
        purged: How many dead letters.
        next_cursor: Where to go on, when there are more behind those that were looked at.
    """

    purged: int
    next_cursor: str | None


# Types of different nouns name each other.
from .id import JobId  # noqa: E402
