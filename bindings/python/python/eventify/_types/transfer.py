# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime


class TransferStatus(StrEnum):
    """The state's name.

    Words:
        ``offered``: Waits for the other person.
        ``accepted``: The ticket is the other person's.
        ``withdrawn``: Taken back.
        ``expired``: The deadline passed.
    """

    OFFERED = "offered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferView:
    """A ticket offered to somebody else.

    Attributes:
        id: Its id.
        ticket_id: The ticket.
        event_id: The ticket's event.
        from_user_id: Whose ticket it is, or was.
        to_email: The address that it is offered to, folded; ``None`` once it is over.
        status: Where it is in its life.
        expires_at: The deadline, while it is offered.
        created_at: When it was offered.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: TransferId
    ticket_id: TicketId
    event_id: EventId
    from_user_id: UserId
    to_email: str | None = field(repr=False)
    status: TransferStatus
    expires_at: datetime | None
    created_at: datetime
    replayed: bool = field(default=False, compare=False, repr=False)


# Types of different nouns name each other.
from .id import EventId, TicketId, TransferId, UserId  # noqa: E402
