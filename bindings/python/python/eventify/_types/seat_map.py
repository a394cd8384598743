# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedSeat:
    """A seat as tickets and bookings name it.

    Attributes:
        seat: Which seat.
        section: The section's name.
        row: The row's label.
    """

    seat: SeatId
    section: str
    row: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PutBlock:
    """Neighbouring seats of one ticket type.

    Attributes:
        ticket_type_id: The ticket type.
        from_: The number of the first seat, from 1.
        to: The number of the last seat.
    """

    ticket_type_id: TicketTypeId
    from_: int
    to: int

    def _wire(self) -> dict[str, object]:
        return {
            "ticket_type_id": self.ticket_type_id,
            "from": self.from_,
            "to": self.to,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class PutRow:
    """A row of a section, with everything that is in it.

    Attributes:
        label: What is written at its end; 1 to 20 characters.
        blocks: Its seats, in blocks of one ticket type, by number; an aisle is between two blocks.
            At most 200 seats.
        accessible: The numbers of seats for wheelchairs or with easy access.
        blocked: The numbers of seats that are not for sale.
    """

    label: str | None = None
    blocks: Sequence[PutBlock] | None = None
    accessible: Sequence[int] | None = None
    blocked: Sequence[int] | None = None

    def _wire(self) -> dict[str, object]:
        return {
            "label": self.label,
            "blocks": self.blocks,
            "accessible": self.accessible,
            "blocked": self.blocked,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatBlockView:
    """Neighbouring seats of one ticket type.

    Attributes:
        ticket_type_id: The ticket type.
        from_: The number of the first seat; the others follow.
        seats: What each seat is, by number.
    """

    ticket_type_id: TicketTypeId
    from_: int
    seats: tuple[SeatStatus, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatId:
    """Names a seat of an event.

    Attributes:
        section: The section's number, from 1.
        row: The row's place in the section, from 1.
        number: The seat's number in the row, as it is printed.
    """

    section: int
    row: int
    number: int

    def _wire(self) -> dict[str, object]:
        return {
            "section": self.section,
            "row": self.row,
            "number": self.number,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatMapView:
    """The seat map of an event: its sections. The seats are in the rows of each.

    Attributes:
        event_id: The event.
        no_single_gaps: Whether a booking may leave no free seat without a free neighbour.
        seats: How many seats there are, blocked ones among them.
        sections: The sections; the best ones first.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    event_id: EventId
    no_single_gaps: bool
    seats: int
    sections: tuple[SectionView, ...]
    version: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRowView:
    """A row of a section, with what every seat of it is.

    Attributes:
        section: The section's number.
        row: The row's place in it, from 1.
        label: What is written at its end.
        blocks: Its blocks; an aisle is between two.
        accessible: The numbers of seats for wheelchairs or with easy access.
    """

    section: int
    row: int
    label: str
    blocks: tuple[SeatBlockView, ...]
    accessible: tuple[int, ...]


class SeatStatus(StrEnum):
    """What a seat is.

    Words:
        ``free``: To be had.
        ``held``: Reserved by a booking that is not confirmed yet.
        ``sold``: A valid ticket is for it.
        ``blocked``: Not for sale.
    """

    FREE = "free"
    HELD = "held"
    SOLD = "sold"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionView:
    """A section of a seat map.

    Attributes:
        section: Its number.
        name: Its name.
        rows: How many rows it has.
        free: How many of its seats are free.
    """

    section: int
    name: str
    rows: int
    free: int


# Types of different nouns name each other.
from .id import EventId, TicketTypeId  # noqa: E402
