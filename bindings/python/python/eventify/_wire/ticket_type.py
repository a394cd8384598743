# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.ticket_type import ReEntry, TicketTypeView
from .._values import Words, blank, instant, money

re_entry = Words(ReEntry)
_TicketTypeView = blank(TicketTypeView)


def ticket_type_view(v: Any, version: int | None = None) -> TicketTypeView:
    o = _TicketTypeView()
    (
        o.id,
        o.event_id,
        o.name,
        price_,
        o.quantity,
        o.sold,
        o.held,
        o.available,
        sales_start_,
        sales_end_,
        o.per_person_max,
        o.hidden,
        o.seated,
        o.waiting,
        o.waitlist_skips,
        doors_at_,
        re_entry_,
    ) = v
    o.price = money(price_)
    o.sales_start = None if sales_start_ is None else instant(sales_start_)
    o.sales_end = None if sales_end_ is None else instant(sales_end_)
    o.doors_at = None if doors_at_ is None else instant(doors_at_)
    o.re_entry = re_entry[re_entry_]
    o.version = version
    o.__class__ = TicketTypeView
    made: TicketTypeView = o
    return made
