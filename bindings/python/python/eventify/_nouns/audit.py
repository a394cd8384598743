# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import AuditEntry, EventId
from .._values import text as _text
from .._wire import audit as _audit
from .._engine import Engine
from .._pages import Pages


class AuditTrail:
    """Who did what."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def all(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[AuditEntry]:
        """The whole trail, newest first. For admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `invalid_value` (limit), `malformed`
                (cursor).
        """
        return Pages(self._engine, 167, actor, "", _audit.audit_entry, page_size, cursor)

    def of_event(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[AuditEntry]:
        """What was done to an event and what belongs to it, newest first. For its organizer, those who
        manage it, and admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `invalid_value` (limit),
                `malformed` (cursor).

        >>> [str(entry.action) for entry in box.audit.of_event(ada, event.id)]
        ['event.published', 'ticket_type.created', 'event.created']
        """
        return Pages(self._engine, 168, actor, _text(event_id), _audit.audit_entry, page_size, cursor)
