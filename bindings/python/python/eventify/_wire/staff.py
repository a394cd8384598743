# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.staff import DeviceView, StaffRight, StaffView
from .._values import instant


def device_view(v: Any) -> DeviceView:
    return DeviceView(
        id=v["id"],
        name=v["name"],
        key=v.get("key"),
        created_at=instant(v["created_at"]),
        revoked_at=None if v["revoked_at"] is None else instant(v["revoked_at"]),
    )


def staff_view(v: Any) -> StaffView:
    return StaffView(
        user_id=v["user_id"],
        name=v["name"],
        right=StaffRight(v["right"]),
        granted_at=instant(v["granted_at"]),
    )
