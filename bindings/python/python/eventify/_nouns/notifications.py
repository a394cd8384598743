# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Mapping

from .._eventify import Actor
from .._types import Channel, DailyDigest, EventId, FcmSubscription, Language, NoticeKind, NotificationId, NotificationView, Phone, PreferencesView, PushSubscriptionId, PushSubscriptionView, QuietHours, Unsubscription, UserId, WebPushSubscription
from .._unset import UNSET, Unset
from .._values import flat as _flat, loads as _loads, null as _null, replayed as _replayed, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import notification as _notification
from .._engine import Engine
from .._pages import Feed, Pages


class Notifications:
    """What people were told, and what they want to be told."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def preferences(self, actor: Actor) -> PreferencesView:
        """What the caller wants to be told, and how.

        Raises:
            EventifyError: `not_authenticated`.
        """
        return _notification.preferences_view(_loads(self._call(141, actor, None, "")))

    def set_preferences(
        self,
        actor: Actor,
        *,
        kinds: Mapping[NoticeKind, Mapping[Channel, bool]] | None = None,
        quiet_hours: QuietHours | None | Unset = UNSET,
        language: Language | None | Unset = UNSET,
        phone: Phone | None | Unset = UNSET,
        digest: DailyDigest | None | Unset = UNSET,
    ) -> PreferencesView:
        """Changes what the caller wants to be told; kinds and channels that are not named stay as they
        are. Quiet hours hold back what is sent from then on.

        Args:
            kinds: Kind to channel to yes or no.
            quiet_hours: When nothing that can wait leaves the house; ``None`` for never. Absent
                from a change that leaves them as they are.
            language: In which language the person is told things; ``None`` for English.
            phone: Where text messages go; ``None`` for nowhere.
            digest: When mails that can wait come together, once a day; ``None`` for one by one.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` for switching security off, and for
                quiet hours that never end.
        """
        return _notification.preferences_view(_loads(self._call(142, actor, None, _request({
            **_flat(kinds),
            "quiet_hours": _null(quiet_hours),
            "language": _null(language),
            "phone": _null(phone),
            "digest": _null(digest),
        }))))

    def listen(
        self,
        actor: Actor,
        *,
        after: NotificationId | None = None,
    ) -> Feed[NotificationView]:
        """What the caller is told from now on, or behind a notification that they have seen: whichever
        process over the same store tells it, each once, in the order of the history. Nothing is
        lost or held up by a reader who is slow: the feed holds 100 notifications and gets the rest
        from the store. Whoever loses their session, or whose password or role changes, gets nothing
        more.

        Behind `after` comes what the history lists behind it, and up to a minute before it:
        something may have been told earlier, by a slow commit or a clock that lags, that was not
        there yet when `after` was given. Whoever goes on drops what they have by its id. The id of
        zeros stands before everything.

        Raises:
            EventifyError: `not_authenticated`, `notification_not_found` (`after`), `too_far_behind`
                (more than 1,000 behind `after`), `overloaded` (64 feeds of one person),
                `shutting_down`; within the feed also `session_revoked`, and `invalid_token` and
                `token_expired` of an API key.
        """
        return Feed(self._engine, self._call(143, actor, None, _value(after)), _notification.notification_view)

    def add_push_subscription(
        self,
        actor: Actor,
        *,
        web: WebPushSubscription | None = None,
        fcm: FcmSubscription | None = None,
    ) -> PushSubscriptionView:
        """Has a browser or phone take the caller's push messages, and nobody else's any more. The
        eleventh takes the place of the oldest. One that is there already stays as it is.

        Args:
            web: A browser.
            fcm: An app.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_value`.
        """
        return _notification.push_subscription_view(_loads(self._call(144, actor, None, _request({
            "web": web,
            "fcm": fcm,
        }))))

    def remove_push_subscription(self, actor: Actor, id: PushSubscriptionId) -> None:
        """Has one of the caller's browsers or phones take no more of their push messages.

        Raises:
            EventifyError: `not_authenticated`, `push_subscription_not_found`.
        """
        self._call(145, actor, None, _text(id))

    def push_subscriptions(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[PushSubscriptionView]:
        """The browsers and phones that take the caller's push messages, oldest first.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 146, actor, "", _notification.push_subscription_view, page_size, cursor)

    def list(
        self,
        actor: Actor,
        *,
        unread: bool = False,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[NotificationView]:
        """The caller's history, newest first; only what is not read yet when `unread`.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 147, actor, _value(unread), _notification.notification_view, page_size, cursor)

    def get(self, actor: Actor, id: NotificationId) -> NotificationView:
        """One of the caller's notifications.

        Raises:
            EventifyError: `not_authenticated`, `notification_not_found`.
        """
        return _versioned(_notification.notification_view, self._call(148, actor, None, _text(id)))

    def mark_read(self, actor: Actor, id: NotificationId) -> NotificationView:
        """Marks one as read; once read it stays so.

        Raises:
            EventifyError: `not_authenticated`, `notification_not_found`.
        """
        return _notification.notification_view(_loads(self._call(149, actor, None, _text(id))))

    def mark_all_read(self, actor: Actor) -> int:
        """Marks everything as read that is there now, and says how many were not.

        Raises:
            EventifyError: `not_authenticated`.
        """
        v: int = _loads(self._call(150, actor, None, ""))
        return v

    def send(
        self,
        actor: Actor,
        *,
        user_id: UserId,
        title: str,
        body: str | None = None,
        event_id: EventId | None = None,
        idempotency_key: str | None = None,
    ) -> NotificationView:
        """Sends a person a message by every channel that they allow. For admins.

        Args:
            user_id: To whom.
            title: One line; 1 to 200 characters.
            body: At most 2,000 characters.
            event_id: The event that it is about.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `invalid_value`, `user_not_found`,
                `idempotency_key_reused`.

        >>> told = box.notifications.send(Actor.system(), user_id=bob.user_id, title="Doors open", body="At six.")
        >>> told.title in [of.title for of in box.notifications.list(bob, unread=True)]
        True
        """
        return _replayed(_notification.notification_view, self._call(151, actor, idempotency_key, _request({
            "user_id": user_id,
            "title": title,
            "body": body,
            "event_id": event_id,
        })))

    def unsubscription(self, token: str) -> Unsubscription:
        """What the token of a message's link would end; changes nothing. For whoever has it.

        Raises:
            EventifyError: `invalid_token`.
        """
        return _notification.unsubscription(_loads(self._call(152, None, None, _text(token))))

    def unsubscribe(self, actor: Actor, token: str) -> Unsubscription:
        """Ends messages of a kind by a channel, for whoever has the token of such a message's link.
        Doing so again changes nothing. The person turns them on again in their preferences.

        Raises:
            EventifyError: `invalid_token`.
        """
        return _notification.unsubscription(_loads(self._call(153, actor, None, _text(token))))
