"""Opening an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from . import _eventify
from ._hosts import Notifier, NotifierHost, PaymentProvider, ProviderHost
from ._types import Settings
from ._values import value
from ._version import FINGERPRINT


def opened(
    url: str,
    settings: Settings | None,
    migrate: bool,
    notifier: Notifier | None,
    payment_providers: Sequence[PaymentProvider],
    loop: asyncio.AbstractEventLoop | None,
) -> _eventify.Engine:
    """An engine over the store of a URL."""
    if _eventify.FINGERPRINT != FINGERPRINT:
        raise ImportError("eventify's Python files and its library are of different versions: install it anew")
    chosen = "{}" if settings is None else value(settings)
    heard = None if notifier is None else ([str(of) for of in notifier.channels], NotifierHost(notifier, loop))
    return _eventify.open(url, chosen, migrate, heard, [ProviderHost(of, loop) for of in payment_providers])
