# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.transfer import TransferStatus, TransferView
from .._values import instant


def transfer_view(v: Any, replayed: bool = False) -> TransferView:
    return TransferView(
        id=v["id"],
        ticket_id=v["ticket_id"],
        event_id=v["event_id"],
        from_user_id=v["from_user_id"],
        to_email=v["to_email"],
        status=TransferStatus(v["status"]),
        expires_at=None if v["expires_at"] is None else instant(v["expires_at"]),
        created_at=instant(v["created_at"]),
        replayed=replayed,
    )
