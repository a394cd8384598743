# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.staff import DeviceView, StaffRight, StaffView
from .._values import Words, blank, instant

staff_right = Words(StaffRight)
_DeviceView = blank(DeviceView)
_StaffView = blank(StaffView)


def device_view(v: Any) -> DeviceView:
    o = _DeviceView()
    o.id, o.name, o.key, created_at_, revoked_at_ = v
    o.created_at = instant(created_at_)
    o.revoked_at = None if revoked_at_ is None else instant(revoked_at_)
    o.__class__ = DeviceView
    made: DeviceView = o
    return made


def staff_view(v: Any) -> StaffView:
    o = _StaffView()
    o.user_id, o.name, right_, granted_at_ = v
    o.right = staff_right[right_]
    o.granted_at = instant(granted_at_)
    o.__class__ = StaffView
    made: StaffView = o
    return made
