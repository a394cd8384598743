# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Sequence

from .._eventify import Actor
from .._types import EventId, PutRow, SeatMapView, SeatRowView, SectionView
from .._values import lines as _lines, loads as _loads, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import seat_map as _seat_map
from .._engine import Engine
from .._pages import Pages


class SeatMaps:
    """Seat maps."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def get(self, actor: Actor, event_id: EventId) -> SeatMapView:
        """The seat map of an event: its sections, and how many seats of each are free.

        Raises:
            EventifyError: `event_not_found`, `seat_map_not_found`.
        """
        return _versioned(_seat_map.seat_map_view, self._call(60, actor, None, _text(event_id)))

    def rows(
        self,
        actor: Actor,
        event_id: EventId,
        section: int,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[SeatRowView]:
        """The rows of a section, in order, with what every seat of them is.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `section_not_found`, `invalid_value` (limit),
                `malformed` (cursor).
        """
        return Pages(self._engine, 61, actor, _lines(_text(event_id), _value(section)), _seat_map.seat_row_view, page_size, cursor)

    def put(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        no_single_gaps: bool | None = None,
    ) -> SeatMapView:
        """Makes the event's seat map, or changes what holds for all of it. For its organizer.

        Args:
            no_single_gaps: Whether a booking may leave no free seat without a free neighbour.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `event_cancelled`, `event_not_published` (completed).
        """
        return _versioned(_seat_map.seat_map_view, self._call(62, actor, None, _lines(_text(event_id), _request({
            "no_single_gaps": no_single_gaps,
        }))))

    def put_section(
        self,
        actor: Actor,
        event_id: EventId,
        section: int,
        *,
        name: str,
        rows: Sequence[PutRow],
    ) -> SectionView:
        """Draws a section, or draws it anew. Its seats become the quantity of their ticket types,
        which from then on are sold by seat only. A row of which seats are taken stays as it is
        drawn; what is free in it may be blocked. For the event's organizer.

        Args:
            name: 1 to 100 characters.
            rows: Its rows, the best ones first: 1 to 200, together at most 20,000 seats.

        Raises:
            EventifyError: As `SeatMaps.put`, and `invalid_value`, `ticket_type_not_found`,
                `seat_taken` (with `row`), `quantity_below_sold` when tickets without a seat were
                sold of a type.

        >>> draft = box.events.create(ada, title="Opera", starts_at=event.starts_at, ends_at=event.ends_at)
        >>> stalls = box.ticket_types.create(ada, draft.id, name="Stalls", quantity=12)
        >>> plan = box.seat_maps.put(ada, draft.id, no_single_gaps=True)
        >>> row = PutRow(label="A", blocks=[PutBlock(ticket_type_id=stalls.id, from_=1, to=12)], accessible=[1])
        >>> box.seat_maps.put_section(ada, draft.id, 1, name="Stalls", rows=[row]).name
        'Stalls'
        """
        return _seat_map.section_view(_loads(self._call(63, actor, None, _lines(_text(event_id), _value(section), _request({
            "name": name,
            "rows": rows,
        })))))

    def delete_section(self, actor: Actor, event_id: EventId, section: int) -> None:
        """Takes a section out of the map, if none of its seats is taken. For the event's organizer.

        Raises:
            EventifyError: As `SeatMaps.put`, and `section_not_found`, `seat_taken` (with `row`).
        """
        self._call(64, actor, None, _lines(_text(event_id), _value(section)))
