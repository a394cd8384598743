"""Opening an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from . import _eventify
from ._hosts import Notifier, NotifierHost, PaymentProvider, ProviderHost
from ._types import Settings
from ._values import value
from ._version import FINGERPRINT


Reach: TypeAlias = Literal["public", "anywhere"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What a host chooses besides the store."""

    settings: Settings | None
    migrate: bool
    notifier: Notifier | None
    payment_providers: Sequence[PaymentProvider]
    webhooks: Reach | None
    without_worker: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Given:
    """The same as the engine takes it."""

    settings: str
    migrate: bool
    notifier: tuple[list[str], Callable[[str, str], tuple[str, str]]] | None
    providers: list[ProviderHost]
    webhooks: str | None
    without_worker: bool


def opened(url: str, options: Options, loop: asyncio.AbstractEventLoop | None) -> _eventify.Engine:
    """An engine over the store of a URL."""
    if _eventify.FINGERPRINT != FINGERPRINT:
        raise ImportError("eventify's Python files and its library are of different versions: install it anew")
    notifier = options.notifier
    given = _Given(
        settings="{}" if options.settings is None else value(options.settings),
        migrate=options.migrate,
        notifier=None if notifier is None else ([str(of) for of in notifier.channels], NotifierHost(notifier, loop)),
        providers=[ProviderHost(of, loop) for of in options.payment_providers],
        webhooks=options.webhooks,
        without_worker=options.without_worker,
    )
    return _eventify.open(url, given)
