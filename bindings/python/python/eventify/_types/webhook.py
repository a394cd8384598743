# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import datetime


class DisabledWhy(StrEnum):
    """Why a webhook is told nothing any more.

    Words:
        ``failing``: Nothing arrived for days (`Settings.webhook_disable_after`).
        ``gone``: It answered 410 Gone.
    """

    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookAttempt:
    """One attempt to tell a webhook something.

    Attributes:
        at: When it ended.
        status: The HTTP status of the answer, if there was one.
        duration_ms: How long it took, in milliseconds.
        error: Why it failed, if it did.
    """

    at: datetime
    status: int | None
    duration_ms: int
    error: str | None


class WebhookDeliveryStatus(StrEnum):
    """Whether something arrived at a webhook.

    Words:
        ``waiting``: Not yet.
        ``delivered``: It did.
        ``failed``: It did not, and is not tried any more.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookDeliveryView:
    """One fact on its way to a webhook, and what came of it.

    Attributes:
        id: Its id.
        webhook_id: The webhook.
        fact_id: The fact's id: what is sent has it as `id` and `webhook-id`, however often it is
            sent.
        fact: The fact's name, such as `ticket.purchased`.
        event_id: The event that it is about.
        status: Whether it arrived.
        attempts: How often it was tried.
        newest_attempts: The newest attempts, oldest first; at most 20.
        created_at: When it was written.
        ended_at: When it arrived or was given up.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: WebhookDeliveryId
    webhook_id: WebhookId
    fact_id: FactId
    fact: FactName
    event_id: EventId | None
    status: WebhookDeliveryStatus
    attempts: int
    newest_attempts: tuple[WebhookAttempt, ...]
    created_at: datetime
    ended_at: datetime | None
    replayed: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookSecret:
    """A webhook with its new secret, which is shown here and never again.

    Attributes:
        secret: The secret: `whsec_` and the base 64 of 32 bytes.
        webhook: The webhook.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    secret: str = field(repr=False)
    webhook: WebhookView
    replayed: bool = field(default=False, compare=False, repr=False)


class WebhookStatus(StrEnum):
    """Whether a webhook is told anything.

    Words:
        ``active``: It is.
        ``disabled``: It is not, until it is enabled again.
    """

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookView:
    """A webhook as its owner sees it: everything but the secret.

    Attributes:
        id: Its id.
        organizer_id: The organizer of whose events it is told; ``None`` for the deployment's, which
            is told of all.
        url: The address.
        facts: The facts that are wanted; all when ``None``.
        status: Whether it is told anything.
        disabled_why: Why not, if it is disabled.
        disabled_at: Since when it is disabled.
        failing_since: Since when every attempt failed, if the last one did.
        previous_secret_until: Until when what is sent is signed with the secret before the present
            one too.
        created_at: When it was made.
        updated_at: When it was changed by somebody.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: WebhookId
    organizer_id: UserId | None
    url: str = field(repr=False)
    facts: frozenset[FactName] | None
    status: WebhookStatus
    disabled_why: DisabledWhy | None
    disabled_at: datetime | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)


# Types of different nouns name each other.
from .id import EventId, FactId, UserId, WebhookDeliveryId, WebhookId  # noqa: E402
from .notification import FactName  # noqa: E402
