# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.job import JobView, Purged
from .._values import blank, instant

_JobView = blank(JobView)
_Purged = blank(Purged)


def job_view(v: Any) -> JobView:
    o = _JobView()
    o.id, o.work, o.state, due_at_, o.attempts, o.last_error, created_at_ = v
    o.due_at = instant(due_at_)
    o.created_at = instant(created_at_)
    o.__class__ = JobView
    made: JobView = o
    return made


def purged(v: Any) -> Purged:
    o = _Purged()
    o.purged, o.next_cursor = v
    o.__class__ = Purged
    made: Purged = o
    return made
