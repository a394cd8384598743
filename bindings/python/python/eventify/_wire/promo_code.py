# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.promo_code import PromoCheck, PromoCodeView, PromoPrice
from .._values import blank, instant, money
from . import ticket_type as _ticket_type

_PromoCheck = blank(PromoCheck)
_PromoCodeView = blank(PromoCodeView)
_PromoPrice = blank(PromoPrice)


def promo_check(v: Any) -> PromoCheck:
    o = _PromoCheck()
    ticket_types_, ends_at_ = v
    o.ticket_types = tuple([promo_price(x0) for x0 in ticket_types_])
    o.ends_at = None if ends_at_ is None else instant(ends_at_)
    o.__class__ = PromoCheck
    made: PromoCheck = o
    return made


def promo_code_view(v: Any, version: int | None = None) -> PromoCodeView:
    o = _PromoCodeView()
    (
        o.id,
        o.event_id,
        o.code,
        o.percent_off,
        amount_off_,
        ticket_type_ids_,
        starts_at_,
        ends_at_,
        o.uses_max,
        o.per_person_max,
        o.used,
        created_at_,
    ) = v
    o.amount_off = None if amount_off_ is None else money(amount_off_)
    o.ticket_type_ids = tuple(ticket_type_ids_)
    o.starts_at = None if starts_at_ is None else instant(starts_at_)
    o.ends_at = None if ends_at_ is None else instant(ends_at_)
    o.created_at = instant(created_at_)
    o.version = version
    o.__class__ = PromoCodeView
    made: PromoCodeView = o
    return made


def promo_price(v: Any) -> PromoPrice:
    o = _PromoPrice()
    ticket_type_, discount_ = v
    o.ticket_type = _ticket_type.ticket_type_view(ticket_type_)
    o.discount = None if discount_ is None else money(discount_)
    o.__class__ = PromoPrice
    made: PromoPrice = o
    return made
