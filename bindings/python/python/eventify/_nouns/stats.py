# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from datetime import datetime

from .._eventify import Actor
from .._types import Bucket, EventId, EventStats, LiveView, OrganizerStats
from .._values import lines as _lines, loads as _loads, request as _request, text as _text
from .._wire import stats as _stats
from .._engine import Engine
from .._pages import Feed


class Stats:
    """What came of events, in numbers."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def of_event(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        bucket: Bucket,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> EventStats:
        """What came of an event so far, in all, by ticket type, and by hours or days. For its
        organizer, those who manage it, and admins. All numbers are of one state of the store.

        Args:
            from_: From the hour or day of this instant on. When ``None``, from the event's making
                on, but no more than may be asked for: 31 days by hours, 366 by days.
            to: To this instant; now when ``None``.
            bucket: How long the parts are.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `invalid_value` (`from`).

        >>> bought = box.bookings.buy(bob, event_id=event.id, lines=[LineRequest(ticket_type_id=seats.id, quantity=2)])
        >>> numbers = box.stats.of_event(ada, event.id, bucket=Bucket.DAY)
        >>> numbers.sold, numbers.available
        (2, 98)
        """
        return _stats.event_stats(_loads(self._call(118, actor, None, _lines(_text(event_id), _request({
            "from": from_,
            "to": to,
            "bucket": bucket,
        })))))

    def of_organizer(
        self,
        actor: Actor,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> OrganizerStats:
        """What came of the caller's own events so far: those that were published, at most 10,000. The
        sums are formed from each event's own counters, a hundred events at a time; a counter per
        organizer would make the sales of all their events wait for each other.

        Args:
            from_: Those that start at this instant or later.
            to: Those that start before this instant.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed` for an attendee, `invalid_value`
                (`from`) when there are more events, or their sums are beyond what an amount can be.
        """
        return _stats.organizer_stats(_loads(self._call(119, actor, None, _request({"from": from_, "to": to}))))

    def watch(self, actor: Actor, event_id: EventId) -> Feed[LiveView]:
        """What an event comes to now, and again whenever that changes, whichever process over the same
        store changes it: at most twice a second, each time as it is then. Sales for its organizer,
        those who manage it, and admins; who came also for those at the door. Whoever is let go gets
        nothing more.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `event_not_found`,
                `not_event_staff`, `device_revoked`, `overloaded` (64 feeds of one event),
                `shutting_down`; within the feed also `session_revoked`, and `invalid_token` and
                `token_expired` of an API key.
        """
        return Feed(self._engine, self._call(120, actor, None, _text(event_id)), _stats.live_view)
