# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.audit import AuditEntry
from .._values import blank, instant

_AuditEntry = blank(AuditEntry)


def audit_entry(v: Any) -> AuditEntry:
    o = _AuditEntry()
    o.id, at_, o.actor, o.action, o.subject, o.subject_id, o.event_id, o.origin, o.api_key_id = v
    o.at = instant(at_)
    o.__class__ = AuditEntry
    made: AuditEntry = o
    return made
