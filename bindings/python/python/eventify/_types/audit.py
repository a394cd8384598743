# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """Who did what to which record, when and from where. Appended, never changed.

    Attributes:
        id: Its id.
        at: When.
        actor: Who: a user's id, `device:` and a device's id, `system`, or `anonymous`.
        action: What, such as `booking.held`.
        subject: To what kind of record, such as `booking`.
        subject_id: To which one.
        event_id: The event that it belongs to.
        origin: From where, if known; forgotten when the person's account is erased.
        api_key_id: The API key that was used, if it was one.
    """

    id: AuditId
    at: datetime
    actor: str
    action: str
    subject: str
    subject_id: str
    event_id: EventId | None
    origin: str | None
    api_key_id: ApiKeyId | None


# Types of different nouns name each other.
from .id import ApiKeyId, AuditId, EventId  # noqa: E402
