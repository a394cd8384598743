# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.transfer import TransferStatus, TransferView
from .._values import Words, blank, instant

transfer_status = Words(TransferStatus)
_TransferView = blank(TransferView)


def transfer_view(v: Any, replayed: bool = False) -> TransferView:
    o = _TransferView()
    o.id, o.ticket_id, o.event_id, o.from_user_id, o.to_email, status_, expires_at_, created_at_ = v
    o.status = transfer_status[status_]
    o.expires_at = None if expires_at_ is None else instant(expires_at_)
    o.created_at = instant(created_at_)
    o.replayed = replayed
    o.__class__ = TransferView
    made: TransferView = o
    return made
