# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.announcement import AnnouncementView
from .._values import instant


def announcement_view(v: Any, version: int | None = None, replayed: bool = False) -> AnnouncementView:
    return AnnouncementView(
        id=v["id"],
        event_id=v["event_id"],
        title=v["title"],
        body=v["body"],
        ticket_type_id=v["ticket_type_id"],
        created_at=instant(v["created_at"]),
        version=version,
        replayed=replayed,
    )
