# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.job import JobView, Purged
from .._values import instant


def job_view(v: Any) -> JobView:
    return JobView(
        id=v["id"],
        work=v["work"],
        state=v["state"],
        due_at=instant(v["due_at"]),
        attempts=v["attempts"],
        last_error=v["last_error"],
        created_at=instant(v["created_at"]),
    )


def purged(v: Any) -> Purged:
    return Purged(
        purged=v["purged"],
        next_cursor=v["next_cursor"],
    )
