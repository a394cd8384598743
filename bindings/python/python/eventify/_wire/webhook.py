# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.webhook import DisabledWhy, WebhookAttempt, WebhookDeliveryStatus, WebhookDeliveryView, WebhookSecret, WebhookStatus, WebhookView
from .._values import Words, blank, instant
from . import notification as _notification

disabled_why = Words(DisabledWhy)
webhook_delivery_status = Words(WebhookDeliveryStatus)
webhook_status = Words(WebhookStatus)
_WebhookAttempt = blank(WebhookAttempt)
_WebhookDeliveryView = blank(WebhookDeliveryView)
_WebhookSecret = blank(WebhookSecret)
_WebhookView = blank(WebhookView)


def webhook_attempt(v: Any) -> WebhookAttempt:
    o = _WebhookAttempt()
    at_, o.status, o.duration_ms, o.error = v
    o.at = instant(at_)
    o.__class__ = WebhookAttempt
    made: WebhookAttempt = o
    return made


def webhook_delivery_view(v: Any, replayed: bool = False) -> WebhookDeliveryView:
    o = _WebhookDeliveryView()
    o.id, o.webhook_id, o.fact_id, fact_, o.event_id, status_, o.attempts, newest_attempts_, created_at_, ended_at_ = v
    o.fact = _notification.fact_name[fact_]
    o.status = webhook_delivery_status[status_]
    o.newest_attempts = tuple([webhook_attempt(x0) for x0 in newest_attempts_])
    o.created_at = instant(created_at_)
    o.ended_at = None if ended_at_ is None else instant(ended_at_)
    o.replayed = replayed
    o.__class__ = WebhookDeliveryView
    made: WebhookDeliveryView = o
    return made


def webhook_secret(v: Any, replayed: bool = False) -> WebhookSecret:
    o = _WebhookSecret()
    o.secret = v["secret"]
    o.webhook = webhook_view([v["id"], v["organizer_id"], v["url"], v["facts"], v["status"], v["disabled_why"], v["disabled_at"], v["failing_since"], v["previous_secret_until"], v["created_at"], v["updated_at"]])
    o.replayed = replayed
    o.__class__ = WebhookSecret
    made: WebhookSecret = o
    return made


def webhook_view(v: Any, version: int | None = None) -> WebhookView:
    o = _WebhookView()
    (
        o.id,
        o.organizer_id,
        o.url,
        facts_,
        status_,
        disabled_why_,
        disabled_at_,
        failing_since_,
        previous_secret_until_,
        created_at_,
        updated_at_,
    ) = v
    o.facts = None if facts_ is None else frozenset([_notification.fact_name[x1] for x1 in facts_])
    o.status = webhook_status[status_]
    o.disabled_why = None if disabled_why_ is None else disabled_why[disabled_why_]
    o.disabled_at = None if disabled_at_ is None else instant(disabled_at_)
    o.failing_since = None if failing_since_ is None else instant(failing_since_)
    o.previous_secret_until = None if previous_secret_until_ is None else instant(previous_secret_until_)
    o.created_at = instant(created_at_)
    o.updated_at = instant(updated_at_)
    o.version = version
    o.__class__ = WebhookView
    made: WebhookView = o
    return made
