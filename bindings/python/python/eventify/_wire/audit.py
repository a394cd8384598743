# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.audit import AuditEntry
from .._values import instant


def audit_entry(v: Any) -> AuditEntry:
    return AuditEntry(
        id=v["id"],
        at=instant(v["at"]),
        actor=v["actor"],
        action=v["action"],
        subject=v["subject"],
        subject_id=v["subject_id"],
        event_id=v["event_id"],
        origin=v["origin"],
        api_key_id=v["api_key_id"],
    )
