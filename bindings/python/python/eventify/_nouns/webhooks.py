# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Collection

from .._eventify import Actor
from .._types import FactName, WebhookDeliveryId, WebhookDeliveryView, WebhookId, WebhookSecret, WebhookView
from .._unset import UNSET, Unset
from .._values import lines as _lines, null as _null, replayed as _replayed, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import webhook as _webhook
from .._engine import Engine
from .._pages import Pages


class Webhooks:
    """Webhooks: addresses of other systems that are told of facts."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def create(
        self,
        actor: Actor,
        *,
        url: str,
        facts: Collection[FactName] | None = None,
        deployment: bool | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookSecret:
        """Makes a webhook, and the secret that everything sent to it is signed with. For organizers,
        who are told of their own events, and for admins, whose webhooks may be the deployment's.
        Closed to API keys: it would let one take out more than its scopes.

        Args:
            url: Where to: an `https://` address that the whole internet can reach, without user and
                password; at most 2,048 characters.
            facts: The facts that are wanted, at least one; all when absent, those that come with
                later versions too.
            deployment: Whether it is the deployment's, which is told of all events. For admins.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed` for an attendee, and for the
                deployment's by anybody but an admin, `user_not_found` for somebody whose account
                was erased, `invalid_value` (url, facts), `webhooks_off`, `too_many_webhooks` beyond
                ten, `idempotency_key_reused`.
        """
        return _replayed(_webhook.webhook_secret, self._call(157, actor, idempotency_key, _request({
            "url": url,
            "facts": facts,
            "deployment": deployment,
        })))

    def delete(self, actor: Actor, id: WebhookId) -> None:
        """Deletes a webhook: what waits for it is not sent any more. For its owner.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`.
        """
        self._call(158, actor, None, _text(id))

    def enable(self, actor: Actor, id: WebhookId) -> WebhookView:
        """Tells a webhook of facts again that was disabled, and forgets how long one failed. What
        happened while it was disabled is not told later; what it should have been told before is in
        its log, and can be sent again. For its owner.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`.
        """
        return _versioned(_webhook.webhook_view, self._call(159, actor, None, _text(id)))

    def list(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[WebhookView]:
        """The caller's webhooks, oldest first; for an admin everybody's, by id.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).

        >>> [hook.url for hook in box.webhooks.list(Actor.system())]
        []
        """
        return Pages(self._engine, 160, actor, "", _webhook.webhook_view, page_size, cursor)

    def get(self, actor: Actor, id: WebhookId) -> WebhookView:
        """One webhook. For its owner.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`.
        """
        return _versioned(_webhook.webhook_view, self._call(161, actor, None, _text(id)))

    def deliveries(
        self,
        actor: Actor,
        id: WebhookId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[WebhookDeliveryView]:
        """What a webhook was told lately, newest first, as long as `Settings.webhook_log_kept`. For
        its owner.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`, `invalid_value` (limit),
                `malformed` (cursor).
        """
        return Pages(self._engine, 162, actor, _text(id), _webhook.webhook_delivery_view, page_size, cursor)

    def redeliver(
        self,
        actor: Actor,
        id: WebhookId,
        delivery_id: WebhookDeliveryId,
        *,
        idempotency_key: str | None = None,
    ) -> WebhookDeliveryView:
        """Sends something again that arrived or was given up: the same text under the same
        `webhook-id`, newly signed. For the webhook's owner.

        Args:
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`, `webhook_delivery_not_found`,
                `webhooks_off`, `webhook_disabled` (enable it first; a test is sent all the same),
                `webhook_delivery_waiting` (also a test while another one waits),
                `idempotency_key_reused`.
        """
        return _replayed(_webhook.webhook_delivery_view, self._call(163, actor, idempotency_key, _lines(_text(id), _text(delivery_id))))

    def rotate_secret(
        self,
        actor: Actor,
        id: WebhookId,
        *,
        overlap_hours: int | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookSecret:
        """Makes another secret. For a while everything is signed with both, so that the other side can
        be changed without losing anything. Until that is over the same new secret is answered
        again, and nothing changes: the other side may have either. With 0 hours there is another
        one at once, and all before it end. For the webhook's owner.

        Args:
            overlap_hours: For how many hours everything is signed with the old secret too: 0 (it
                leaked) to 168; 24 when absent.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`, `invalid_value`
                (overlap_hours), `idempotency_key_reused`.
        """
        return _replayed(_webhook.webhook_secret, self._call(164, actor, idempotency_key, _lines(_text(id), _request({
            "overlap_hours": overlap_hours,
        }))))

    def test(
        self,
        actor: Actor,
        id: WebhookId,
        *,
        idempotency_key: str | None = None,
    ) -> WebhookDeliveryView:
        """Sends `webhook.test` to a webhook, disabled or not; tried once. What came of it is in the
        log, under the id that this answers with; while a test waits already, it is that one's. For
        the webhook's owner.

        Args:
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`, `webhooks_off`,
                `idempotency_key_reused`.
        """
        return _replayed(_webhook.webhook_delivery_view, self._call(165, actor, idempotency_key, _text(id)))

    def update(
        self,
        actor: Actor,
        id: WebhookId,
        *,
        url: str | None = None,
        facts: Collection[FactName] | None | Unset = UNSET,
        if_match: int | None = None,
    ) -> WebhookView:
        """Changes a webhook, for what happens from now on and for what waits: it goes to the new
        address. For its owner.

        Args:
            url: Where to, as in `CreateWebhook`.
            facts: The facts that are wanted; all when ``None``.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: `not_authenticated`, `webhook_not_found`, `invalid_value` (url, facts),
                `webhooks_off` for another address, `precondition_failed`.
        """
        return _versioned(_webhook.webhook_view, self._call(166, actor, None, _lines(_text(id), _request({
            "url": url,
            "facts": _null(facts),
        }), _value(if_match))))
