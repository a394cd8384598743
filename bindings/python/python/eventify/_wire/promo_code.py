# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.promo_code import PromoCheck, PromoCodeView, PromoPrice
from .._values import instant, money
from . import ticket_type as _ticket_type


def promo_check(v: Any) -> PromoCheck:
    return PromoCheck(
        ticket_types=tuple([promo_price(x0) for x0 in v["ticket_types"]]),
        ends_at=None if v["ends_at"] is None else instant(v["ends_at"]),
    )


def promo_code_view(v: Any, version: int | None = None) -> PromoCodeView:
    return PromoCodeView(
        id=v["id"],
        event_id=v["event_id"],
        code=v["code"],
        percent_off=v["percent_off"],
        amount_off=None if v["amount_off"] is None else money(v["amount_off"]),
        ticket_type_ids=tuple(v["ticket_type_ids"]),
        starts_at=None if v["starts_at"] is None else instant(v["starts_at"]),
        ends_at=None if v["ends_at"] is None else instant(v["ends_at"]),
        uses_max=v["uses_max"],
        per_person_max=v["per_person_max"],
        used=v["used"],
        created_at=instant(v["created_at"]),
        version=version,
    )


def promo_price(v: Any) -> PromoPrice:
    return PromoPrice(
        ticket_type=_ticket_type.ticket_type_view(v["ticket_type"]),
        discount=None if v["discount"] is None else money(v["discount"]),
    )
