# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.notification import Channel, DailyDigest, Envelope, FactName, Message, NoticeKind, NotificationView, PreferencesView, PushSubscriptionView, PushTarget, QuietHours, Recipient, Unsubscription
from .._values import Frozen, Words, blank, instant

channel = Words(Channel)
fact_name = Words(FactName)
notice_kind = Words(NoticeKind)
_DailyDigest = blank(DailyDigest)
_Envelope = blank(Envelope)
_Message = blank(Message)
_NotificationView = blank(NotificationView)
_PreferencesView = blank(PreferencesView)
_PushSubscriptionView = blank(PushSubscriptionView)
_PushTarget = blank(PushTarget)
_QuietHours = blank(QuietHours)
_Recipient = blank(Recipient)
_Unsubscription = blank(Unsubscription)


def daily_digest(v: Any) -> DailyDigest:
    o = _DailyDigest()
    o.at, o.time_zone = v
    o.__class__ = DailyDigest
    made: DailyDigest = o
    return made


def envelope(v: Any) -> Envelope:
    o = _Envelope()
    o.id, event_, timestamp_, o.data = v
    o.event = fact_name[event_]
    o.timestamp = instant(timestamp_)
    o.__class__ = Envelope
    made: Envelope = o
    return made


def message(v: Any) -> Message:
    o = _Message()
    o.dedupe_key, fact_, o.event_id, o.title, o.body = v
    o.fact = fact_name[fact_]
    o.__class__ = Message
    made: Message = o
    return made


def notification_view(v: Any, version: int | None = None, replayed: bool = False) -> NotificationView:
    o = _NotificationView()
    o.id, kind_, o.title, o.body, o.event_id, o.read, created_at_ = v
    o.kind = fact_name[kind_]
    o.created_at = instant(created_at_)
    o.version = version
    o.replayed = replayed
    o.__class__ = NotificationView
    made: NotificationView = o
    return made


def preferences_view(v: Any) -> PreferencesView:
    o = _PreferencesView()
    o.kinds = Frozen({notice_kind[k0]: Frozen({channel[k1]: x1 for k1, x1 in x0.items()}) for k0, x0 in {k: x for k, x in v.items() if k not in ("quiet_hours", "language", "phone", "digest",)}.items()})
    o.quiet_hours = None if v.get("quiet_hours") is None else quiet_hours(v.get("quiet_hours"))
    o.language = v.get("language")
    o.phone = v.get("phone")
    o.digest = None if v.get("digest") is None else daily_digest(v.get("digest"))
    o.__class__ = PreferencesView
    made: PreferencesView = o
    return made


def push_subscription_view(v: Any) -> PushSubscriptionView:
    o = _PushSubscriptionView()
    o.id, o.kind, o.service, created_at_ = v
    o.created_at = instant(created_at_)
    o.__class__ = PushSubscriptionView
    made: PushSubscriptionView = o
    return made


def push_target(v: Any) -> PushTarget:
    o = _PushTarget()
    o.id, o.address = v
    o.__class__ = PushTarget
    made: PushTarget = o
    return made


def quiet_hours(v: Any) -> QuietHours:
    o = _QuietHours()
    o.from_, o.to, o.time_zone = v
    o.__class__ = QuietHours
    made: QuietHours = o
    return made


def recipient(v: Any) -> Recipient:
    o = _Recipient()
    o.user_id, o.name, o.email, o.phone, o.language, push_ = v
    o.push = tuple([push_target(x0) for x0 in push_])
    o.__class__ = Recipient
    made: Recipient = o
    return made


def unsubscription(v: Any) -> Unsubscription:
    o = _Unsubscription()
    kinds_, channel_, o.language, o.title, o.body, o.button = v
    o.kinds = tuple([notice_kind[x0] for x0 in kinds_])
    o.channel = channel[channel_]
    o.__class__ = Unsubscription
    made: Unsubscription = o
    return made
