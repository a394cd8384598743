# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncementView:
    """What those who have tickets were told.

    Attributes:
        id: Its id.
        event_id: The event.
        title: One line.
        body: The rest.
        ticket_type_id: Only to those who have tickets of this type; to everybody when ``None``.
        created_at: When it was made.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: AnnouncementId
    event_id: EventId
    title: str
    body: str
    ticket_type_id: TicketTypeId | None
    created_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)
    replayed: bool = field(default=False, compare=False, repr=False)


# Types of different nouns name each other.
from .id import AnnouncementId, EventId, TicketTypeId  # noqa: E402
