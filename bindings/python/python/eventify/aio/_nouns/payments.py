# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..._eventify import Actor
from ..._money import Money
from ..._types import BookingId, CallbackAnswer, Currency, EventId, LedgerEntryView, MissingProvider, PaymentId, PaymentMethod, PaymentReport, PaymentStanding, PaymentView, RefundId, StrayDispute
from ..._values import lines as _lines, loads as _loads, replayed as _replayed, request as _request, text as _text, value as _value, versioned as _versioned
from ..._wire import payment as _payment
from .._engine import Engine
from .._pages import Pages


class Payments:
    """Payments: start, callbacks, refunds, the ledger."""

    __slots__ = ("_ask", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ask = engine.ask

    async def settle_by_hand(
        self,
        actor: Actor,
        id: PaymentId,
        *,
        refund_id: RefundId | None = None,
        idempotency_key: str | None = None,
    ) -> PaymentView:
        """Says that the money of a payment by hand is there, which issues the tickets; or that a
        refund was paid out by hand: one of such a payment, or one that the provider did not make.
        Those who manage the event may say the first, its organizer and admins also the second.
        Saying it twice is saying it once. Money for a hold that is over takes its seats anew if
        they are still there; otherwise it is to be paid out (`Attention.PayOut`).

        Args:
            refund_id: The refund that was paid out; when absent, that the payment's money is there.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `payment_not_found`,
                `not_event_owner`, `payment_not_by_hand`, `event_cancelled`, `event_not_published`,
                `booking_not_held` of one that is cancelled, or sold another way,
                `refund_not_found`, `refund_under_way` while the provider is about it – until thirty
                days after it accepted it, or once the payment is listed as `provider_missing` –,
                `refund_not_failed` where the provider made it, the payer's bank took the money or
                another refund took its place, `idempotency_key_reused`.
        """
        return _replayed(_payment.payment_view, await self._ask(124, actor, idempotency_key, _lines(_text(id), _request({
            "refund_id": refund_id,
        }))))

    async def callback(
        self,
        provider: str,
        *,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> CallbackAnswer:
        """Takes in a provider's callback, as it arrived, and gives the answer in the provider's own
        format. One that is not genuine, or about a payment that is not there or another provider's,
        is refused in that format too. When the answer asks for a repetition nothing was lost, and a
        repetition changes nothing. One that is not genuine is no success to a provider either:
        after a secret was replaced on one side only, it says everything again, and its own pages
        show that nobody listens.

        Args:
            path: The path that was called, such as `/api/payments/webhooks/stripe`: some signatures
                cover it.
            query: The query, without the question mark.
            headers: The header fields, names in lower case.
            body: The body, byte for byte: signatures are over bytes.

        Raises:
            EventifyError: `not_found` when no provider of this name is attached.
        """
        return _payment.callback_answer(_loads(await self._ask(125, None, None, _lines(_text(provider), _request({
            "path": path,
            "query": query,
            "headers": headers,
            "body": body,
        })))))

    async def missing_providers(self, actor: Actor) -> tuple[MissingProvider, ...]:
        """The providers that open payments wait for and that are not attached: whoever pays there now
        pays unseen. For admins. An engine's worker warns of them in its log when it starts, and
        each such payment is listed by `Payments.attention` once it was looked after.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `not_allowed`,
                `store_unavailable`.
        """
        v = _loads(await self._ask(126, actor, None, ""))
        return tuple([_payment.missing_provider(x0) for x0 in v])

    async def methods(self, *, currency: Currency | None = None) -> tuple[PaymentMethod, ...]:
        """The ways to pay in a currency, the first one being what is taken when nobody chooses;
        without a currency all of them.
        """
        v = _loads(await self._ask(127, None, None, _value(currency)))
        return tuple([_payment.payment_method(x0) for x0 in v])

    async def get(self, actor: Actor, id: PaymentId) -> PaymentView:
        """A payment: the caller's own, or one of an event that they manage.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `payment_not_found`.
        """
        return _versioned(_payment.payment_view, await self._ask(128, actor, None, _text(id)))

    async def of_booking(self, actor: Actor, id: BookingId) -> tuple[PaymentView, ...]:
        """The payments of a booking, oldest first: for whoever booked, and those who manage the event.
        There are few.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `booking_not_found`.
        """
        v = _loads(await self._ask(129, actor, None, _text(id)))
        return tuple([_payment.payment_view(x0) for x0 in v])

    def of_event(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[PaymentView]:
        """The payments of an event, newest first: for its organizer, those who manage it, and admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `event_not_found`,
                `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 130, actor, _text(event_id), _payment.payment_view, page_size, cursor)

    def attention_of_event(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[PaymentView]:
        """The payments of an event that somebody has to look at, longest waiting first: for its
        organizer, those who manage it, and admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: As `Payments.of_event`.
        """
        return Pages(self._engine, 131, actor, _text(event_id), _payment.payment_view, page_size, cursor)

    def attention(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[PaymentView]:
        """All payments that somebody has to look at, longest waiting first: for admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `not_allowed`, `invalid_value`
                (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 132, actor, "", _payment.payment_view, page_size, cursor)

    async def refund(
        self,
        actor: Actor,
        id: PaymentId,
        *,
        amount: Money | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> PaymentView:
        """Gives a part of a payment back, or all that is left. The booking stays as it is: cancel it
        to take its tickets back. For the event's organizer and admins. The provider is told by a
        job; `PaymentView.refunds` shows what becomes of it.

        Args:
            amount: How much, of the currency that came; all that is left when absent.
            reason: Why, for the payer; at most 200 characters.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `payment_not_found`,
                `not_event_owner`, `payment_not_succeeded`, `refund_too_large` with what is `left`,
                `refund_under_way`, `partial_refund_not_supported`, `too_many_refunds`,
                `invalid_value`, `idempotency_key_reused`.
        """
        return _replayed(_payment.payment_view, await self._ask(133, actor, idempotency_key, _lines(_text(id), _request({
            "amount": amount,
            "reason": reason,
        }))))

    async def retry_refund(self, actor: Actor, id: PaymentId, refund_id: RefundId) -> PaymentView:
        """Has the provider try a refund again that failed: it is the same refund, so it happens once –
        unless the provider said that it accepted the last one and could not make it: then it is
        another. For the event's organizer and admins.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `payment_not_found`,
                `not_event_owner`, `refund_not_found`, `refund_not_failed`,
                `partial_refund_not_supported`, `too_many_refunds`.
        """
        return _payment.payment_view(_loads(await self._ask(134, actor, None, _lines(_text(id), _text(refund_id)))))

    async def dismiss(
        self,
        actor: Actor,
        id: PaymentId,
        *,
        if_match: int | None = None,
    ) -> PaymentView:
        """Says that what a payment needed attention for was seen to: whatever it is but money that is
        owed. For the event's organizer and admins. With the version that was read, nothing is taken
        away that came since.

        Args:
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `payment_not_found`,
                `not_event_owner`, `precondition_failed` when it was changed since,
                `refund_under_way` while a refund has to be tried again or paid out.
        """
        return _versioned(_payment.payment_view, await self._ask(135, actor, None, _lines(_text(id), _value(if_match))))

    def ledger(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[LedgerEntryView]:
        """Every movement of an event's money in a period, newest first. For its organizer and admins.

        Args:
            from_: From this instant on; from the beginning when absent.
            to: Before this instant; without an end when absent.
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `event_not_found`,
                `not_event_owner`, `invalid_value` (`to`, `limit`), `malformed` (cursor).
        """
        return Pages(self._engine, 136, actor, _lines(_text(event_id), _request({
            "from": from_,
            "to": to,
        })), _payment.ledger_entry_view, page_size, cursor)

    async def report(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> PaymentReport:
        """What came and went for an event in a period, by currency and provider. For its organizer and
        admins. Reads the period's entries piece by piece, 200,000 at most: what is written
        meanwhile may be in it or not. The sums of two periods that follow each other are those of
        both.

        Args:
            from_: From this instant on; from the beginning when absent.
            to: Before this instant; without an end when absent.

        Raises:
            EventifyError: As `Payments.ledger`; also `invalid_value` (`to`) for a period with more
                entries.
        """
        return _payment.payment_report(_loads(await self._ask(137, actor, None, _lines(_text(event_id), _request({
            "from": from_,
            "to": to,
        })))))

    async def standing(self, id: PaymentId) -> PaymentStanding:
        """How a payment stands, for whoever knows its id: the payer's browser, which comes back from
        the provider without a login. It says neither who pays, nor how much, nor for what.

        Raises:
            EventifyError: `payment_not_found`.
        """
        return _payment.payment_standing(_loads(await self._ask(138, None, None, _text(id))))

    async def start(
        self,
        actor: Actor,
        *,
        booking_id: BookingId,
        payment_method: str | None = None,
        return_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> PaymentView:
        """Begins to pay for a hold of the caller's, and says where the payer has to go. The hold lasts
        at least as long as the payment does (`Settings.payment_for`, by hand
        `Settings.payment_by_hand_for`, but not for what a waitlist offered). A payment of the
        booking with the same provider that is still open is the answer to a second start: however
        often and from wherever it is asked for, there is one charge.

        When the provider cannot be reached the payment stays begun, and asking again goes on with
        it.

        Args:
            booking_id: What is paid for: a hold of the caller's.
            payment_method: The name of one of `Payments.methods`; the first one when absent.
            return_url: Where the payer's browser goes afterwards: an `https` or `http` address of
                at most 2,048 characters.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `booking_not_found` also for
                somebody else's, `booking_expired`, `booking_not_held`, `event_cancelled`,
                `event_not_published`, `payment_not_needed`, `payment_method_unknown`,
                `currency_not_supported`, `too_many_payments`, `payment_refused`,
                `payment_provider_unavailable`, `overloaded` while too many begin to pay this way,
                `invalid_value` (`return_url`), `idempotency_key_reused`.
        """
        return _replayed(_payment.payment_view, await self._ask(139, actor, idempotency_key, _request({
            "booking_id": booking_id,
            "payment_method": payment_method,
            "return_url": return_url,
        })))

    def stray_disputes(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[StrayDispute]:
        """The disputes of money that no payment is known by, though it was looked for, longest waiting
        first: for admins. The provider's account may have other uses. A page may have fewer than it
        could, or a few more where one movement of money is disputed more than once, and others
        behind it all the same.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `insufficient_scope`, `not_allowed`, `invalid_value`
                (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 140, actor, "", _payment.stray_dispute, page_size, cursor)
