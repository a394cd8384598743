# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from datetime import datetime

from .._eventify import Actor
from .._types import JobClass, JobId, JobView, Purged
from .._values import loads as _loads, request as _request, text as _text
from .._wire import job as _job
from .._engine import Engine
from .._pages import Pages


class Jobs:
    """What happens later, and what was given up."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def waiting(
        self,
        actor: Actor,
        class_: JobClass,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[JobView]:
        """The jobs of a class that wait or run, by when they are due. For admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `malformed` (cursor).
        """
        return Pages(self._engine, 169, actor, _text(class_), _job.job_view, page_size, cursor)

    def dead(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[JobView]:
        """The dead letters, oldest first. For admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: As `Jobs.waiting`.

        >>> [job.last_error for job in box.jobs.dead(Actor.system())]
        []
        """
        return Pages(self._engine, 170, actor, "", _job.job_view, page_size, cursor)

    def retry(self, actor: Actor, job_id: JobId) -> JobView:
        """Gives a dead letter another life. For admins.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `job_not_found`, `job_not_dead`.
        """
        return _job.job_view(_loads(self._call(171, actor, None, _text(job_id))))

    def purge(
        self,
        actor: Actor,
        *,
        work: str | None = None,
        before: datetime | None = None,
        cursor: str | None = None,
    ) -> Purged:
        """Throws away dead letters that were to leave the house: the oldest ones first, a bounded
        number of them. For admins.

        Args:
            work: What they were to do: `deliver`, `deliver_digest`, `deliver_token` or `publish`;
                or `find_disputed`.
            before: Those that were given up before this.
            cursor: The `next_cursor` of the answer before.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `invalid_value` (work), `malformed`
                (cursor).
        """
        return _job.purged(_loads(self._call(172, actor, None, _request({
            "work": work,
            "before": before,
            "cursor": cursor,
        }))))

    def sweep(self) -> bool:
        """Deletes records whose use is over, and gives up what has been due for a day and nobody
        serves, a bounded number of them. Says whether there may be more.

        Raises:
            EventifyError: `store_unavailable`.
        """
        v: bool = _loads(self._call(173, None, None, ""))
        return v

    def run_due(self) -> int:
        """Does every job that is due now, a bounded number of them, and says how many it saw to. Call
        it until it answers 0 to have nothing due left but what waits for somebody who is away.

        Raises:
            EventifyError: `store_unavailable` when the jobs cannot be looked up; a job's own
                failure is written on the job.
        """
        v: int = _loads(self._call(174, None, None, ""))
        return v
