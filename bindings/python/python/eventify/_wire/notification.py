# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.notification import Channel, DailyDigest, Envelope, FactName, Message, NoticeKind, NotificationView, PreferencesView, PushSubscriptionView, PushTarget, QuietHours, Recipient, Unsubscription
from .._values import Frozen, instant


def daily_digest(v: Any) -> DailyDigest:
    return DailyDigest(
        at=v["at"],
        time_zone=v["time_zone"],
    )


def envelope(v: Any) -> Envelope:
    return Envelope(
        id=v["id"],
        event=FactName(v["event"]),
        timestamp=instant(v["timestamp"]),
        data=v["data"],
    )


def message(v: Any) -> Message:
    return Message(
        dedupe_key=v["dedupe_key"],
        fact=FactName(v["fact"]),
        event_id=v["event_id"],
        title=v["title"],
        body=v["body"],
    )


def notification_view(v: Any, version: int | None = None, replayed: bool = False) -> NotificationView:
    return NotificationView(
        id=v["id"],
        kind=FactName(v["kind"]),
        title=v["title"],
        body=v["body"],
        event_id=v["event_id"],
        read=v["read"],
        created_at=instant(v["created_at"]),
        version=version,
        replayed=replayed,
    )


def preferences_view(v: Any) -> PreferencesView:
    return PreferencesView(
        kinds=Frozen({NoticeKind(k0): Frozen({Channel(k1): x1 for k1, x1 in x0.items()}) for k0, x0 in {k: x for k, x in v.items() if k not in ("quiet_hours", "language", "phone", "digest",)}.items()}),
        quiet_hours=None if v.get("quiet_hours") is None else quiet_hours(v.get("quiet_hours")),
        language=v.get("language"),
        phone=v.get("phone"),
        digest=None if v.get("digest") is None else daily_digest(v.get("digest")),
    )


def push_subscription_view(v: Any) -> PushSubscriptionView:
    return PushSubscriptionView(
        id=v["id"],
        kind=v["kind"],
        service=v["service"],
        created_at=instant(v["created_at"]),
    )


def push_target(v: Any) -> PushTarget:
    return PushTarget(
        id=v["id"],
        address=v["address"],
    )


def quiet_hours(v: Any) -> QuietHours:
    return QuietHours(
        from_=v["from"],
        to=v["to"],
        time_zone=v["time_zone"],
    )


def recipient(v: Any) -> Recipient:
    return Recipient(
        user_id=v["user_id"],
        name=v["name"],
        email=v["email"],
        phone=v["phone"],
        language=v["language"],
        push=tuple([push_target(x0) for x0 in v["push"]]),
    )


def unsubscription(v: Any) -> Unsubscription:
    return Unsubscription(
        kinds=tuple([NoticeKind(x0) for x0 in v["kinds"]]),
        channel=Channel(v["channel"]),
        language=v["language"],
        title=v["title"],
        body=v["body"],
        button=v["button"],
    )
