"""What hosts do in Python: bring messages to people, move money."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from ._types import Channel, Charge, ChargeKey, ChargeRequest, Message, PushSubscriptionId, Recipient, RefundReceipt, RefundRequest
from ._values import loads, value
from ._wire import notification as _notification
from ._wire import payment as _payment

_log = logging.getLogger("eventify")


class DeliveryError(Exception):
    """A notifier could not deliver. It is asked again later, with growing pauses, unless ``permanent``.

    The text is stored and shown to operators: no secrets.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class ProviderRefused(Exception):
    """A payment provider said no, and will again. The text is for the payer: no secrets."""


class ChargeUnknown(Exception):
    """A payment provider has no such charge."""


class Notifier(ABC):
    """Brings messages to people. Called at least once per message; a repeat has the same ``dedupe_key``.

    Called on a thread of its own, or, when :meth:`deliver` is a coroutine function and the client is of
    :mod:`eventify.aio`, in the client's event loop.

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

    The engine asks how charges stand; providers of Python's do not call back. Methods may be coroutine functions. Any exception
    that is not one of those below counts as "nobody knows", and the same call is made again.

    Attributes:
        name: Its name in records, such as ``stripe``: lower-case letters, digits and hyphens; at most 32.
        partial_refunds: Whether it gives a part of a charge back.
        currencies: The currencies that it charges in; all when ``None``.
    """

    name: str
    partial_refunds: bool = False
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
        """Gives money back.

        Raises:
            ProviderRefused: When it never will.
            ChargeUnknown: When it has no such charge.
        """


class Host:
    """Calls a host's code, and says what came of it: a verdict and a text."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self._loop = loop

    def _wait(self, answer: Any) -> Any:
        if not inspect.isawaitable(answer):
            return answer

        async def awaited() -> Any:
            return await answer

        if self._loop is not None and self._loop.is_running():
            return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result()
        return asyncio.run(awaited())

    def said(self, work: Callable[[], str]) -> tuple[str, str]:
        """What came of it."""
        try:
            return "ok", work()
        except DeliveryError as error:
            return "permanent" if error.permanent else "transient", str(error)
        except ProviderRefused as error:
            return "refused", str(error)
        except ChargeUnknown:
            return "unknown", ""
        except BaseException as error:  # whatever hosts raise must not cross
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
            return json.dumps(list(self._wait(self._notifier.deliver(*args)) or ()))

        return self.said(deliver)


class ProviderHost(Host):
    """A payment provider, as the engine calls it."""

    def __init__(self, provider: PaymentProvider, loop: asyncio.AbstractEventLoop | None) -> None:
        super().__init__(loop)
        self._provider = provider
        self.name = provider.name
        self.partial_refunds = provider.partial_refunds
        self.currencies = None if provider.currencies is None else list(provider.currencies)
        self.function = self

    def __call__(self, what: str, text: str) -> tuple[str, str]:
        calls: dict[str, Callable[[Any], Any]] = {
            "create": lambda v: self._provider.create(_payment.charge_request(v)),
            "status": lambda v: self._provider.status(_payment.charge_key(v)),
            "refund": lambda v: self._provider.refund(_payment.refund_request(v)),
        }
        return self.said(lambda: value(self._wait(calls[what](loads(text)))))
