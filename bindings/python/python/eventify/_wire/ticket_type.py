# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.ticket_type import ReEntry, TicketTypeView
from .._values import instant, money


def ticket_type_view(v: Any, version: int | None = None) -> TicketTypeView:
    return TicketTypeView(
        id=v["id"],
        event_id=v["event_id"],
        name=v["name"],
        price=money(v["price"]),
        quantity=v["quantity"],
        sold=v["sold"],
        held=v["held"],
        available=v["available"],
        sales_start=None if v["sales_start"] is None else instant(v["sales_start"]),
        sales_end=None if v["sales_end"] is None else instant(v["sales_end"]),
        per_person_max=v["per_person_max"],
        hidden=v["hidden"],
        seated=v["seated"],
        waiting=v["waiting"],
        waitlist_skips=v["waitlist_skips"],
        doors_at=None if v["doors_at"] is None else instant(v["doors_at"]),
        re_entry=ReEntry(v["re_entry"]),
        version=version,
    )
