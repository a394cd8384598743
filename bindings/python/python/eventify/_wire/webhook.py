# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.notification import FactName
from .._types.webhook import DisabledWhy, WebhookAttempt, WebhookDeliveryStatus, WebhookDeliveryView, WebhookSecret, WebhookStatus, WebhookView
from .._values import instant


def webhook_attempt(v: Any) -> WebhookAttempt:
    return WebhookAttempt(
        at=instant(v["at"]),
        status=v["status"],
        duration_ms=v["duration_ms"],
        error=v["error"],
    )


def webhook_delivery_view(v: Any, replayed: bool = False) -> WebhookDeliveryView:
    return WebhookDeliveryView(
        id=v["id"],
        webhook_id=v["webhook_id"],
        fact_id=v["fact_id"],
        fact=FactName(v["fact"]),
        event_id=v["event_id"],
        status=WebhookDeliveryStatus(v["status"]),
        attempts=v["attempts"],
        newest_attempts=tuple([webhook_attempt(x0) for x0 in v["newest_attempts"]]),
        created_at=instant(v["created_at"]),
        ended_at=None if v["ended_at"] is None else instant(v["ended_at"]),
        replayed=replayed,
    )


def webhook_secret(v: Any, replayed: bool = False) -> WebhookSecret:
    return WebhookSecret(
        secret=v["secret"],
        webhook=webhook_view(v),
        replayed=replayed,
    )


def webhook_view(v: Any, version: int | None = None) -> WebhookView:
    return WebhookView(
        id=v["id"],
        organizer_id=v["organizer_id"],
        url=v["url"],
        facts=None if v["facts"] is None else frozenset([FactName(x1) for x1 in v["facts"]]),
        status=WebhookStatus(v["status"]),
        disabled_why=None if v["disabled_why"] is None else DisabledWhy(v["disabled_why"]),
        disabled_at=None if v["disabled_at"] is None else instant(v["disabled_at"]),
        failing_since=None if v["failing_since"] is None else instant(v["failing_since"]),
        previous_secret_until=None if v["previous_secret_until"] is None else instant(v["previous_secret_until"]),
        created_at=instant(v["created_at"]),
        updated_at=instant(v["updated_at"]),
        version=version,
    )
