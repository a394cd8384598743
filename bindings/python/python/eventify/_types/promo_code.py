# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoCheck:
    """What a promo code is good for, to somebody who wants to buy.

    Attributes:
        ticket_types: The ticket types that it is for, with what one ticket costs with it.
        ends_at: Until when it is good; as long as there are sales when ``None``.
    """

    ticket_types: tuple[PromoPrice, ...]
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoCodeView:
    """A promo code as those see it who made it.

    Attributes:
        id: Its id.
        event_id: Its event.
        code: What people type; without regard to case and diacritics.
        percent_off: Hundredths off the price of each ticket; ``None`` when it takes an amount off,
            or nothing.
        amount_off: Off the price of each ticket; ``None`` when it takes a percentage off, or
            nothing.
        ticket_type_ids: The ticket types that it is for, hidden ones among them; every visible one
            when empty.
        starts_at: From when on it is good; at once when ``None``.
        ends_at: Until when it is good; as long as there are sales when ``None``.
        uses_max: How many open bookings may be made with it; no limit when ``None``.
        per_person_max: How many of them one person may have; no limit when ``None``.
        used: How many open bookings were made with it.
        created_at: When it was made.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: PromoCodeId
    event_id: EventId
    code: str = field(repr=False)
    percent_off: int | None
    amount_off: Money | None
    ticket_type_ids: tuple[TicketTypeId, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    uses_max: int | None
    per_person_max: int | None
    used: int
    created_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoPrice:
    """A ticket type under a promo code.

    Attributes:
        ticket_type: The ticket type; a hidden one can be bought with the code.
        discount: What the code takes off one ticket; ``None`` when nothing.
    """

    ticket_type: TicketTypeView
    discount: Money | None


# Types of different nouns name each other.
from .id import EventId, PromoCodeId, TicketTypeId  # noqa: E402
from .ticket_type import TicketTypeView  # noqa: E402
