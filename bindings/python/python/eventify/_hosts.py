"""What hosts do in Python: bring messages to people, move money."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from ._money import Money
from ._types import (
    CallbackAnswer, Channel, Charge, ChargeDispute, ChargeKey, ChargeRequest, Message, PaymentId, ProviderCallback, PushSubscriptionId, Recipient,
    RefundReceipt, RefundRequest,
)
from ._values import instant, loads, value
from ._wire import notification as _notification
from ._wire import payment as _payment

_log = logging.getLogger("eventify")

LOOK_EVERY_S = 1.0
"""How often whoever waits for a coroutine of the host's looks whether its event loop is still there."""


class DeliveryError(Exception):
    """A notifier could not deliver. It is asked again later, with growing pauses, unless ``permanent``; ``busy`` says that nothing was
    tried, which counts as no attempt; ``away`` that nothing was and that it is so for everything of this channel: one message asks again
    after ten seconds, and the others wait until it arrives.

    The text is stored and shown to operators: no secrets.
    """

    def __init__(self, message: str, *, permanent: bool = False, busy: bool = False, away: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.busy = busy
        self.away = away


class ProviderRefused(Exception):
    """A payment provider said no, and will again. The text is for the payer: no secrets."""


class ChargeUnknown(Exception):
    """A payment provider has no such charge."""


class NotGenuine(Exception):
    """A callback is not the provider's, or not for us."""


@dataclass(frozen=True, slots=True)
class ChargeNews:
    """A callback says how a charge stands."""

    payment_id: PaymentId
    charge: Charge


@dataclass(frozen=True, slots=True)
class ChargeCheck:
    """A callback asks, before the charge is made, whether it may be; answered by ``Verdict.ACCEPTED`` or ``Verdict.REFUSED``."""

    payment_id: PaymentId
    amount: Money


@dataclass(frozen=True, slots=True)
class ChargeMoved:
    """A callback says that something about a charge moved, and not enough: its :meth:`PaymentProvider.status` is asked for."""

    payment_id: PaymentId


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """The same of a charge that the callback names by its :attr:`Charge.transaction` alone, as what is done on the provider's own pages may do.

    What no payment is known by matters nothing here.
    """

    transaction: str


@dataclass(frozen=True, slots=True)
class DisputeNews:
    """A callback says how a dispute stands."""

    dispute: ChargeDispute


@dataclass(frozen=True, slots=True)
class RefundNews:
    """A callback says how a refund stands that was asked for, by its :attr:`RefundRequest.idempotency_key`."""

    payment_id: PaymentId
    idempotency_key: str
    receipt: RefundReceipt


CallbackNews: TypeAlias = ChargeNews | ChargeCheck | ChargeMoved | MoneyMoved | DisputeNews | RefundNews | None
"""What a genuine callback says; ``None`` when nothing in it matters here."""


class Verdict(StrEnum):
    """What became of a callback."""

    ACCEPTED = "accepted"
    """It was taken in, now or before."""
    REFUSED = "refused"
    """It cannot be acted on, and repeating it will not help."""
    NOT_GENUINE = "not_genuine"
    """It is not the provider's. Should it be, it has to come again: never answer with a success."""
    TRY_AGAIN = "try_again"
    """It could not be taken in now: the provider should say it again."""


class Notifier(ABC):
    """Brings messages to people. Called at least once per message; a repeat has the same ``dedupe_key``.

    Called on one of 16 threads for it, or, when :meth:`deliver` is a coroutine function and the client is of
    :mod:`eventify.aio`, in the client's event loop. While 16 messages are being handed over, others wait.

    Attributes:
        channels: The channels that it serves.
    """

    channels: Sequence[Channel] = (Channel.EMAIL,)

    @abstractmethod
    def deliver(
        self, channel: Channel, to: Recipient, message: Message
    ) -> Iterable[PushSubscriptionId] | None | Awaitable[Iterable[PushSubscriptionId] | None]:
        """Hands a message over; may answer which browsers and phones are gone for good.

        Raises:
            DeliveryError: When it could not. Any other exception counts as one that may pass.
        """


class PaymentProvider(ABC):
    """Moves money. Every call may be repeated: ``payment_id`` and ``idempotency_key`` make a repeat the same call.

    The engine asks how charges stand. A provider that also calls back overrides :meth:`parse_callback` and :meth:`answer_callback`; the
    host gives what its own server received to ``payments.callback``. The other methods may be coroutine functions. Any exception that is not
    one of those below counts as "nobody knows", and the same call is made again.

    Attributes:
        name: Its name in records, such as ``stripe``: lower-case letters, digits and hyphens; at most 32.
        partial_refunds: Whether it gives a part of a charge back.
        callbacks: Whether it calls back when a charge's status changes; otherwise it is only asked.
        by_hand: Whether it moves no money itself: somebody takes it and gives it back, and says so.
        tells_fees_later: Whether a charge's fee may be known only after the report that it was paid: then :meth:`status` is asked once more.
        tells_of_refunds: Whether it calls back when money is given back on its own pages. Otherwise a charge that was paid is looked at again,
            ever more rarely, for four months; what went back is asked before a refund is asked for, and two minutes pass before one that was not
            answered is asked for again: such a provider may know refunds by their sums alone.
        return_url: Where the payer goes afterwards when a payment names no place; ``{payment_id}`` in it is replaced. What a charge's request
            says was kept when the payment was begun.
        currencies: The currencies that it charges in; all when ``None``.
    """

    name: str
    partial_refunds: bool = False
    callbacks: bool = False
    by_hand: bool = False
    tells_fees_later: bool = False
    tells_of_refunds: bool = False
    return_url: str | None = None
    currencies: Sequence[str] | None = None

    @abstractmethod
    def create(self, request: ChargeRequest) -> Charge | Awaitable[Charge]:
        """Starts a charge.

        Raises:
            ProviderRefused: When it never will.
        """

    @abstractmethod
    def status(self, charge: ChargeKey) -> Charge | Awaitable[Charge]:
        """How a charge stands.

        Raises:
            ChargeUnknown: When it has none of this name.
        """

    @abstractmethod
    def refund(self, request: RefundRequest) -> RefundReceipt | Awaitable[RefundReceipt]:
        """Gives money back. One that is accepted and may still fail is ``ReceiptStatus.PENDING``: :meth:`refund_status` is asked until it
        is final.

        Raises:
            ProviderRefused: When it never will.
            ChargeUnknown: When it has no such charge.
        """

    def refund_status(self, request: RefundRequest) -> RefundReceipt | Awaitable[RefundReceipt]:
        """How a refund stands that was accepted. It is never made by this; without an own answer it is asked for again, which is the same
        call. Whatever it raises, it is asked again later."""
        return self.refund(request)

    def release(self, charge: ChargeKey) -> Awaitable[None] | None:
        """Lets go of what a charge holds of the payer's money and has not taken: nobody wants it any more.

        Not asked for before the charge's :attr:`ChargeRequest.expires_at`: until then whoever failed may try again on the provider's page.
        One that holds nothing, or took its money, is left as it is. Asked for again and again while money may be late; a provider that
        holds nothing need not know.
        """
        return None

    def parse_callback(self, callback: ProviderCallback, now: datetime) -> CallbackNews:
        """Reads a callback, once it is sure that it is genuine and not too old. Answers at once: no coroutine.

        Raises:
            NotGenuine: When it is not the provider's.
            ProviderRefused: When it is, and cannot be read.
        """
        raise NotGenuine

    def answer_callback(self, callback: ProviderCallback, verdict: Verdict, reason: str | None) -> CallbackAnswer:
        """The answer to a callback, in the provider's own format; ``reason`` says why it was refused. No coroutine."""
        status = {Verdict.ACCEPTED: 200, Verdict.REFUSED: 422, Verdict.NOT_GENUINE: 403, Verdict.TRY_AGAIN: 503}[verdict]
        return CallbackAnswer(status=status, content_type="text/plain; charset=utf-8", body=b"")


class Host:
    """Calls a host's code, and says what came of it: a verdict and a text."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self._loop = loop

    def _wait(self, answer: Any) -> Any:
        if not inspect.isawaitable(answer):
            return answer

        async def awaited() -> Any:
            return await answer

        if self._loop is None or not self._loop.is_running():
            return asyncio.run(awaited())
        answered = asyncio.run_coroutine_threadsafe(awaited(), self._loop)
        while not concurrent.futures.wait([answered], LOOK_EVERY_S).done:
            # It may have ended between the question and its turn: nobody would ever answer.
            if not self._loop.is_running():
                answered.cancel()
                raise RuntimeError("the event loop ended before it answered")
        return answered.result()

    def said(self, work: Callable[[], str]) -> tuple[str, str]:
        """What came of it."""
        try:
            return "ok", work()
        except DeliveryError as error:
            is_so = {"permanent": error.permanent, "away": error.away, "busy": error.busy}
            return next((verdict for verdict, holds in is_so.items() if holds), "transient"), str(error)
        except ProviderRefused as error:
            return "refused", str(error)
        except ChargeUnknown:
            return "unknown", ""
        except NotGenuine:
            return "not_genuine", ""
        except (Exception, asyncio.CancelledError) as error:  # what is no error, such as SystemExit, goes to sys.unraisablehook
            _log.exception("the host's code failed")
            # The text of a stranger's exception may hold anything; its name is what operators get to see.
            return "transient", type(error).__name__


class NotifierHost(Host):
    """A notifier, as the engine calls it."""

    def __init__(self, notifier: Notifier, loop: asyncio.AbstractEventLoop | None) -> None:
        super().__init__(loop)
        self._notifier = notifier

    def __call__(self, what: str, text: str) -> tuple[str, str]:
        def deliver() -> str:
            channel, to, message = (loads(line) for line in text.split("\n"))
            args = (Channel(channel), _notification.recipient(to), _notification.message(message))
            return value(list(self._wait(self._notifier.deliver(*args)) or ()))

        return self.said(deliver)


class ProviderHost(Host):
    """A payment provider, as the engine calls it."""

    def __init__(self, provider: PaymentProvider, loop: asyncio.AbstractEventLoop | None) -> None:
        super().__init__(loop)
        self._provider = provider
        self.name = provider.name
        self.partial_refunds = provider.partial_refunds
        self.callbacks = provider.callbacks
        self.by_hand = provider.by_hand
        self.tells_fees_later = provider.tells_fees_later
        self.tells_of_refunds = provider.tells_of_refunds
        self.return_url = provider.return_url
        self.currencies = None if provider.currencies is None else list(provider.currencies)
        self.function = self

    def __call__(self, what: str, text: str) -> tuple[str, str]:
        if what in ("parse_callback", "answer_callback"):
            callback, about = (loads(line) for line in text.split("\n"))
            given = _payment.provider_callback(callback)
            return self.said(lambda: self._parsed(given, about) if what == "parse_callback" else self._answered(given, about))
        calls: dict[str, Callable[[Any], Any]] = {
            "create": lambda v: self._provider.create(_payment.charge_request(v)),
            "status": lambda v: self._provider.status(_payment.charge_key(v)),
            "release": lambda v: self._provider.release(_payment.charge_key(v)),
            "refund": lambda v: self._provider.refund(_payment.refund_request(v)),
            "refund_status": lambda v: self._provider.refund_status(_payment.refund_request(v)),
        }
        return self.said(lambda: value(self._wait(calls[what](loads(text)))))

    def _parsed(self, callback: ProviderCallback, now: str) -> str:
        match self._provider.parse_callback(callback, instant(now)):
            case ChargeNews(payment_id, charge):
                news: object = {"charge": [payment_id, charge]}
            case ChargeCheck(payment_id, amount):
                news = {"check": [payment_id, amount]}
            case ChargeMoved(payment_id):
                news = {"look": payment_id}
            case MoneyMoved(transaction):
                news = {"moved": transaction}
            case DisputeNews(dispute):
                news = {"dispute": dispute}
            case RefundNews(payment_id, idempotency_key, receipt):
                news = {"refund": [payment_id, idempotency_key, receipt]}
            case None:
                news = "nothing"
            case other:
                raise TypeError(f"parse_callback answers no {type(other).__name__}")
        return value(news)

    def _answered(self, callback: ProviderCallback, verdict: Any) -> str:
        word, reason = next(iter(verdict.items())) if isinstance(verdict, dict) else (verdict, None)
        return value(self._provider.answer_callback(callback, Verdict(word), reason))
