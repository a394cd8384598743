"""The link to the engine, for asyncio."""

from __future__ import annotations

import asyncio
from typing import Any

from .. import _eventify


class Engine:
    """An engine, and how it is called from one event loop."""

    __slots__ = ("_answers", "_loop", "native")

    def __init__(self, native: _eventify.Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.native = native
        self._loop = loop
        self._answers = _eventify.Answers()
        loop.add_reader(self._answers.fileno(), self._answers.deliver)

    def future(self) -> asyncio.Future[Any]:
        """A future of the loop that the client was opened in."""
        if asyncio.get_running_loop() is not self._loop:
            self.native.require_own_process()
            raise RuntimeError("the client belongs to another event loop: open one in each")
        return self._loop.create_future()

    def ask(
        self, number: int, actor: _eventify.Actor | None, key: str | None, arguments: str
    ) -> asyncio.Future[Any]:
        """Calls an operation. Whoever awaits the answer may be cancelled: the work goes on."""
        future = self.future()
        self.native.ask(self._answers, future, number, actor, key, arguments)
        return future

    def next(self, stream: _eventify.Stream) -> asyncio.Future[str | None]:
        """The next one of what comes one after another."""
        future = self.future()
        stream.ask(self.native, self._answers, future)
        return future

    async def close(self) -> None:
        """Finishes what was accepted, gives every answer out, and lets go of the store. Goes on when whoever awaits it is cancelled, and
        is the only thing that another loop than the client's may ask for."""
        self.native.require_own_process()
        # In whichever loop: the client's own may have ended before somebody closes it.
        closing = asyncio.get_running_loop().run_in_executor(None, self.native.close)
        closing.add_done_callback(self._closed)
        await asyncio.shield(closing)

    def _closed(self, _: asyncio.Future[None]) -> None:
        if asyncio.get_running_loop() is self._loop:
            self._let_go()
        elif not self._loop.is_closed():  # nobody awaits anything in one that is
            self._loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        self._answers.deliver()
        self._loop.remove_reader(self._answers.fileno())
