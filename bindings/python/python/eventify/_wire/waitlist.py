# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.waitlist import WaitlistView
from .._values import instant


def waitlist_view(v: Any) -> WaitlistView:
    return WaitlistView(
        event_id=v["event_id"],
        ticket_type_id=v["ticket_type_id"],
        quantity=v["quantity"],
        ahead_max=v["ahead_max"],
        joined_at=instant(v["joined_at"]),
    )
