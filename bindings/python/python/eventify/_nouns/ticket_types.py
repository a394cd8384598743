# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from datetime import datetime

from .._eventify import Actor
from .._money import Money
from .._types import EventId, ReEntry, TicketTypeId, TicketTypeView
from .._unset import UNSET, Unset
from .._values import lines as _lines, loads as _loads, null as _null, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import ticket_type as _ticket_type
from .._engine import Engine
from .._pages import Pages


class TicketTypes:
    """Ticket types and what is left of them."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def list(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[TicketTypeView]:
        """The ticket types of an event, in the order they were made; hidden ones for its organizer
        only, so that a page may have fewer than it could.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 50, actor, _text(event_id), _ticket_type.ticket_type_view, page_size, cursor)

    def get(self, actor: Actor, event_id: EventId, id: TicketTypeId) -> TicketTypeView:
        """One ticket type.

        Raises:
            EventifyError: `event_not_found`, `ticket_type_not_found`.
        """
        return _versioned(_ticket_type.ticket_type_view, self._call(51, actor, None, _lines(_text(event_id), _text(id))))

    def create(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        name: str,
        quantity: int,
        price: Money | None = None,
        sales_start: datetime | None = None,
        sales_end: datetime | None = None,
        per_person_max: int | None = None,
        hidden: bool | None = None,
        waitlist_skips: bool | None = None,
        doors_at: datetime | None = None,
        re_entry: ReEntry | None = None,
    ) -> TicketTypeView:
        """Adds a ticket type to a draft or a published event.

        Args:
            name: 1 to 100 characters.
            price: What one ticket costs; free when absent.
            quantity: 1 to 1,000,000.
            sales_start: Sales begin; at once when absent.
            sales_end: Sales end; with the event when absent.
            per_person_max: How many one person may have, at least 1; no limit when absent.
            hidden: Neither listed nor sold without a promo code that names it.
            waitlist_skips: Whether those who wait for more than is free are passed by those who
                wait for less.
            doors_at: The doors open for these tickets; with the event's when absent. It does not
                move with the event.
            re_entry: How often one of these lets its person in; once when absent.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_cancelled`,
                `event_not_published` (completed), `invalid_value`, `too_many_ticket_types`.

        >>> stalls = box.ticket_types.create(ada, event.id, name="Stalls", quantity=60, price=Money(900_000, "KZT"))
        >>> stalls.price, stalls.available
        (Money(amount_minor=900000, currency='KZT'), 60)
        """
        return _ticket_type.ticket_type_view(_loads(self._call(52, actor, None, _lines(_text(event_id), _request({
            "name": name,
            "price": price,
            "quantity": quantity,
            "sales_start": sales_start,
            "sales_end": sales_end,
            "per_person_max": per_person_max,
            "hidden": hidden,
            "waitlist_skips": waitlist_skips,
            "doors_at": doors_at,
            "re_entry": re_entry,
        })))))

    def update(
        self,
        actor: Actor,
        event_id: EventId,
        id: TicketTypeId,
        *,
        name: str | None = None,
        price: Money | None = None,
        quantity: int | None = None,
        sales_start: datetime | None | Unset = UNSET,
        sales_end: datetime | None | Unset = UNSET,
        per_person_max: int | None | Unset = UNSET,
        hidden: bool | None = None,
        waitlist_skips: bool | None = None,
        doors_at: datetime | None | Unset = UNSET,
        re_entry: ReEntry | None = None,
        if_match: int | None = None,
    ) -> TicketTypeView:
        """Changes a ticket type. A price changes later bookings only.

        Args:
            name: 1 to 100 characters.
            price: For later bookings only.
            quantity: No less than are sold and held. Of a type that is sold by seat it is the
                number of its seats; when the map has none left, a quantity lets it be sold without
                seats again.
            sales_start: Sales begin.
            sales_end: Sales end.
            per_person_max: How many one person may have.
            hidden: Neither listed nor sold without a promo code that names it.
            waitlist_skips: Whether those who wait for more than is free are passed by those who
                wait for less.
            doors_at: The doors open for these tickets.
            re_entry: How often one of these lets its person in, from now on.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: As `TicketTypes.create`, and `ticket_type_not_found`,
                `quantity_below_sold`, `precondition_failed`.
        """
        return _versioned(_ticket_type.ticket_type_view, self._call(53, actor, None, _lines(_text(event_id), _text(id), _request({
            "name": name,
            "price": price,
            "quantity": quantity,
            "sales_start": _null(sales_start),
            "sales_end": _null(sales_end),
            "per_person_max": _null(per_person_max),
            "hidden": hidden,
            "waitlist_skips": waitlist_skips,
            "doors_at": _null(doors_at),
            "re_entry": re_entry,
        }), _value(if_match))))
