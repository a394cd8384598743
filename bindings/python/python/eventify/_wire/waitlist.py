# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.waitlist import WaitlistView
from .._values import blank, instant

_WaitlistView = blank(WaitlistView)


def waitlist_view(v: Any) -> WaitlistView:
    o = _WaitlistView()
    o.event_id, o.ticket_type_id, o.quantity, o.ahead_max, joined_at_ = v
    o.joined_at = instant(joined_at_)
    o.__class__ = WaitlistView
    made: WaitlistView = o
    return made
