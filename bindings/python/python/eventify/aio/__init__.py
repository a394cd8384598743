"""Eventify for asyncio: the same as :mod:`eventify`, awaited.

>>> import asyncio
>>> from eventify import Actor, aio
>>> async def main() -> None:
...     async with aio.open("memory:") as box:
...         ada = await box.accounts.register(
...             Actor.anonymous(), name="Ada", email="ada@example.org", password="ada secret")
...         print(ada.name)
...         async for event in box.events.list(Actor.anonymous()):
...             print(event.title)
>>> asyncio.run(main())
Ada

Whoever awaits an answer may be cancelled at any moment: what was asked for is done all the same, wholly or not at all. Ask again
with the same ``idempotency_key`` to learn what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence

from .. import _types
from .._hosts import Notifier, PaymentProvider
from .._open import Options as _Options
from .._open import Reach as _Reach
from .._open import opened as _opened
from ._engine import Engine as _Engine
from ._nouns import Nouns
from ._pages import Export, Feed, Pages

__all__ = ["Eventify", "Export", "Feed", "Opening", "Pages", "open"]


class Eventify(Nouns):
    """A running engine for one event loop: one accessor for each noun.

    Made by :func:`open`. Close it, or use it in an ``async with``.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine

    async def close(self) -> None:
        """Accepts nothing more, finishes what was accepted, and lets go of the store."""
        await self._engine.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._engine.native.closed

    async def __aenter__(self) -> Eventify:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<eventify.aio.Eventify, {'closed' if self.closed else 'open'}>"


class Opening:
    """An engine that is being opened: await it, or use it in an ``async with``."""

    __slots__ = ("_box", "_given")

    def __init__(self, url: str, options: _Options) -> None:
        self._given = (url, options)
        self._box: Eventify | None = None

    async def _open(self) -> Eventify:
        loop = asyncio.get_running_loop()
        native = await loop.run_in_executor(None, lambda: _opened(*self._given, loop))
        self._box = Eventify(_Engine(native, loop))
        return self._box

    def __await__(self) -> Generator[object, None, Eventify]:
        return self._open().__await__()

    async def __aenter__(self) -> Eventify:
        return await self._open()

    async def __aexit__(self, *_: object) -> None:
        if self._box is not None:
            await self._box.close()


def open(
    url: str,
    *,
    settings: _types.Settings | None = None,
    migrate: bool = False,
    notifier: Notifier | None = None,
    payment_providers: Sequence[PaymentProvider] = (),
    webhooks: _Reach | None = None,
    without_worker: bool = False,
) -> Opening:
    """Opens a store and starts an engine over it, for the running event loop: ``async with aio.open(…) as box``, or
    ``box = await aio.open(…)``.

    Args:
        url: ``redb:PATH`` for one file, which is made if it is missing; ``postgres://USER@HOST/DATABASE``; ``memory:``.
        settings: The numbers that an operator may choose.
        migrate: Whether a Postgres database is brought to this version's schema first.
        notifier: Who brings messages to people outside of the app.
        payment_providers: Who moves money; the first is taken when nobody chooses.
        webhooks: Lets organizers name addresses that are told of facts: ``"public"`` for those of the internet, by https; with ``"anywhere"``
            they lead into your network, too.
        without_worker: Leaves jobs (hold expiry, deliveries …) to calls of ``jobs.run_due`` instead of a worker in the background.

    Raises:
        EventifyError: ``store_unavailable`` when the store cannot be opened, ``invalid_value`` for a URL of another kind.
    """
    options = _Options(
        settings=settings, migrate=migrate, notifier=notifier, payment_providers=payment_providers, webhooks=webhooks,
        without_worker=without_worker,
    )
    return Opening(url, options)
