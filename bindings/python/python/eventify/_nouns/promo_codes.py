# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .._eventify import Actor
from .._money import Money
from .._types import EventId, PromoCheck, PromoCodeId, PromoCodeView, TicketTypeId
from .._unset import UNSET, Unset
from .._values import lines as _lines, loads as _loads, null as _null, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import promo_code as _promo_code
from .._engine import Engine
from .._pages import Pages


class PromoCodes:
    """Promo codes."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def check(self, actor: Actor, event_id: EventId, *, code: str) -> PromoCheck:
        """The ticket types that a code is for, hidden ones among them, and what it takes off each. For
        people who are logged in, so that whoever tries words out can be found, and slowed down:
        after ten that are none.

        Args:
            code: As it was typed.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `promo_unknown`, `promo_expired`,
                `promo_not_applicable`, `promo_used_up`, `too_many_attempts`.
        """
        return _promo_code.promo_check(_loads(self._call(54, actor, None, _lines(_text(event_id), _request({
            "code": code,
        })))))

    def delete(self, actor: Actor, event_id: EventId, id: PromoCodeId) -> None:
        """Deletes a promo code. One that open bookings use is ended instead: set `ends_at`. For the
        event's organizer.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `promo_unknown`, `promo_in_use`.
        """
        self._call(55, actor, None, _lines(_text(event_id), _text(id)))

    def list(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[PromoCodeView]:
        """The promo codes of an event, in the order they were made. For its organizer.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 56, actor, _text(event_id), _promo_code.promo_code_view, page_size, cursor)

    def get(self, actor: Actor, event_id: EventId, id: PromoCodeId) -> PromoCodeView:
        """One promo code. For the event's organizer.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `promo_unknown`.
        """
        return _versioned(_promo_code.promo_code_view, self._call(57, actor, None, _lines(_text(event_id), _text(id))))

    def create(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        code: str,
        percent_off: int | None = None,
        amount_off: Money | None = None,
        ticket_type_ids: Sequence[TicketTypeId] | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        uses_max: int | None = None,
        per_person_max: int | None = None,
    ) -> PromoCodeView:
        """Adds a promo code to a draft or a published event. For its organizer.

        Args:
            code: What people type: 3 to 40 characters; unique within the event without regard to
                case and diacritics.
            percent_off: 1 to 100 hundredths off the price of each ticket, rounded to the nearest
                minor unit.
            amount_off: Off the price of each ticket, no more than all of it; instead of a
                percentage.
            ticket_type_ids: The ticket types that it is for, hidden ones among them; at most 100,
                every visible one when empty.
            starts_at: From when on it is good; at once when absent.
            ends_at: Until when it is good; as long as there are sales when absent.
            uses_max: How many open bookings may be made with it, at least 1; no limit when absent.
            per_person_max: How many of them one person may have, at least 1; no limit when absent.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `event_cancelled`, `event_not_published` (completed), `invalid_value`,
                `ticket_type_not_found`, `promo_exists`, `too_many_promo_codes`.

        >>> code = box.promo_codes.create(ada, event.id, code="SPRING", percent_off=20, uses_max=50)
        >>> code.percent_off, code.used
        (20, 0)
        """
        return _promo_code.promo_code_view(_loads(self._call(58, actor, None, _lines(_text(event_id), _request({
            "code": code,
            "percent_off": percent_off,
            "amount_off": amount_off,
            "ticket_type_ids": ticket_type_ids,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "uses_max": uses_max,
            "per_person_max": per_person_max,
        })))))

    def update(
        self,
        actor: Actor,
        event_id: EventId,
        id: PromoCodeId,
        *,
        percent_off: int | None | Unset = UNSET,
        amount_off: Money | None | Unset = UNSET,
        ticket_type_ids: Sequence[TicketTypeId] | None = None,
        starts_at: datetime | None | Unset = UNSET,
        ends_at: datetime | None | Unset = UNSET,
        uses_max: int | None | Unset = UNSET,
        per_person_max: int | None | Unset = UNSET,
        if_match: int | None = None,
    ) -> PromoCodeView:
        """Changes a promo code, for later bookings. For the event's organizer.

        Args:
            percent_off: 1 to 100 hundredths off the price of each ticket.
            amount_off: Off the price of each ticket.
            ticket_type_ids: The ticket types that it is for.
            starts_at: From when on it is good.
            ends_at: Until when it is good: an instant in the past ends it.
            uses_max: How many open bookings may be made with it; fewer than there are stops further
                ones.
            per_person_max: How many of them one person may have.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: As `PromoCodes.create`, and `promo_unknown`, `precondition_failed`.
        """
        return _versioned(_promo_code.promo_code_view, self._call(59, actor, None, _lines(_text(event_id), _text(id), _request({
            "percent_off": _null(percent_off),
            "amount_off": _null(amount_off),
            "ticket_type_ids": ticket_type_ids,
            "starts_at": _null(starts_at),
            "ends_at": _null(ends_at),
            "uses_max": _null(uses_max),
            "per_person_max": _null(per_person_max),
        }), _value(if_match))))
