# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.announcement import AnnouncementView
from .._values import blank, instant

_AnnouncementView = blank(AnnouncementView)


def announcement_view(v: Any, version: int | None = None, replayed: bool = False) -> AnnouncementView:
    o = _AnnouncementView()
    o.id, o.event_id, o.title, o.body, o.ticket_type_id, created_at_ = v
    o.created_at = instant(created_at_)
    o.version = version
    o.replayed = replayed
    o.__class__ = AnnouncementView
    made: AnnouncementView = o
    return made
