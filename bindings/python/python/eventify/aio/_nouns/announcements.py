# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from ..._eventify import Actor
from ..._types import AnnouncementId, AnnouncementView, EventId, TicketTypeId
from ..._values import lines as _lines, replayed as _replayed, request as _request, text as _text, versioned as _versioned
from ..._wire import announcement as _announcement
from .._engine import Engine
from .._pages import Pages


class Announcements:
    """What organizers tell those who have tickets."""

    __slots__ = ("_ask", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ask = engine.ask

    async def make(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        body: str,
        title: str | None = None,
        ticket_type_id: TicketTypeId | None = None,
        idempotency_key: str | None = None,
    ) -> AnnouncementView:
        """Tells everybody who has a ticket, or one of a type, by every channel that they allow: each
        once, by a job that goes on where it was interrupted. For those who manage the event; of a
        cancelled event it reaches those who had a ticket until then. At most
        `AnnouncementLog.PER_DAY_MAX` within 24 hours, counting other times and places of the event.

        Args:
            title: One line, at most 120 characters; the event's title when ``None``.
            body: 1 to 2,000 characters.
            ticket_type_id: Only to those who have tickets of this type; to everybody when ``None``.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `event_not_published` for a draft, `ticket_type_not_found`, `invalid_value`,
                `too_many_announcements` with the time to wait, `idempotency_key_reused`.
        """
        return _replayed(_announcement.announcement_view, await self._ask(154, actor, idempotency_key, _lines(_text(event_id), _request({
            "title": title,
            "body": body,
            "ticket_type_id": ticket_type_id,
        }))))

    def list(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[AnnouncementView]:
        """What those who have tickets were told, newest first. For those who manage the event.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 155, actor, _text(event_id), _announcement.announcement_view, page_size, cursor)

    async def get(self, actor: Actor, event_id: EventId, id: AnnouncementId) -> AnnouncementView:
        """One announcement. For those who manage the event.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `announcement_not_found`.
        """
        return _versioned(_announcement.announcement_view, await self._ask(156, actor, None, _lines(_text(event_id), _text(id))))
