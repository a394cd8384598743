# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitlistView:
    """A place on a waitlist.

    Attributes:
        event_id: The event.
        ticket_type_id: The ticket type.
        quantity: How many tickets are waited for.
        ahead_max: How many people are before this one, at most: some may have left.
        joined_at: Since when.
    """

    event_id: EventId
    ticket_type_id: TicketTypeId
    quantity: int
    ahead_max: int
    joined_at: datetime


# Types of different nouns name each other.
from .id import EventId, TicketTypeId  # noqa: E402
