# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias
from dataclasses import dataclass, field
from datetime import datetime


DeviceKey: TypeAlias = str
"""A device's key as it is shown once: `evd_`, then its event, its id and 32 random bytes in base64url. Shows nothing of itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceView:
    """A device at the door.

    Attributes:
        id: Its id.
        name: What the organizer calls it.
        key: Its key: only in the answer that makes it.
        created_at: Since when.
        revoked_at: Since when its key is good no more.
    """

    id: DeviceId
    name: str
    key: DeviceKey | None = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None


class StaffRight(StrEnum):
    """What somebody of the staff may do.

    Words:
        ``scanner``: Validate, check in, see names.
        ``manager``: Everything but cancelling, payouts and staff.
    """

    SCANNER = "scanner"
    MANAGER = "manager"


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffView:
    """Somebody who works at an event.

    Attributes:
        user_id: The person.
        name: What to call them; ``None`` when they have no account here.
        right: What they may do.
        granted_at: Since when.
    """

    user_id: UserId
    name: str | None
    right: StaffRight
    granted_at: datetime


# Types of different nouns name each other.
from .id import DeviceId, UserId  # noqa: E402
