"""Lists, feeds and exports, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .. import _eventify
from .._pages import Page
from .._table import as_arrow, as_dicts
from .._values import lines, loads, request

if TYPE_CHECKING:
    import pyarrow

    from ._engine import Engine

T = TypeVar("T")


class Pages(Generic[T]):
    """A list that is fetched page by page: ``async for`` gives every entry, :meth:`page` one page."""

    __slots__ = ("_actor", "_arguments", "_cursor", "_decode", "_engine", "_number", "_size")

    def __init__(
        self,
        engine: Engine,
        number: int,
        actor: _eventify.Actor | None,
        arguments: str,
        decode: Callable[[Any], T],
        size: int | None,
        cursor: str | None,
    ) -> None:
        self._engine = engine
        self._number = number
        self._actor = actor
        self._arguments = arguments
        self._decode = decode
        self._size = size
        self._cursor = cursor

    async def page(self, cursor: str | None = None) -> Page[T]:
        """The first page, or the one behind a cursor."""
        wanted = request({"limit": self._size, "cursor": cursor or self._cursor})
        arguments = lines(self._arguments, wanted) if self._arguments else wanted
        data, next_cursor = loads(await self._engine.ask(self._number, self._actor, None, arguments))
        decode = self._decode
        return Page(tuple([decode(v) for v in data]), next_cursor)

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Every page, one after another."""
        page = await self.page()
        yield page
        while page.next_cursor is not None:
            page = await self.page(page.next_cursor)
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for entry in page.data:
                yield entry

    async def to_dicts(self) -> list[dict[str, Any]]:
        """All entries as flat dicts, for ``pandas.DataFrame`` or ``polars.DataFrame``."""
        return as_dicts([entry async for entry in self], self._decode)

    async def to_arrow(self) -> pyarrow.Table:
        """All entries as an Arrow table; needs ``pyarrow``."""
        return as_arrow([entry async for entry in self], self._decode)


class Export(Generic[T]):
    """All of a list, read piece by piece, as it was when iterating began or later."""

    __slots__ = ("_actor", "_arguments", "_decode", "_engine", "_number")

    def __init__(
        self,
        engine: Engine,
        number: int,
        actor: _eventify.Actor | None,
        arguments: str,
        decode: Callable[[Any], T],
    ) -> None:
        self._engine = engine
        self._number = number
        self._actor = actor
        self._arguments = arguments
        self._decode = decode

    async def __aiter__(self) -> AsyncIterator[T]:
        stream: _eventify.Stream = await self._engine.ask(self._number, self._actor, None, self._arguments)
        while (piece := await self._engine.next(stream)) is not None:
            for v in loads(piece):
                yield self._decode(v)

    async def to_dicts(self) -> list[dict[str, Any]]:
        """All entries as flat dicts, for ``pandas.DataFrame`` or ``polars.DataFrame``."""
        return as_dicts([entry async for entry in self], self._decode)

    async def to_arrow(self) -> pyarrow.Table:
        """All entries as an Arrow table; needs ``pyarrow``."""
        return as_arrow([entry async for entry in self], self._decode)


class Feed(Generic[T]):
    """What comes one after another, as it happens: ``async for``. Close it, or leave its ``async with``, to stop.

    Whoever waits may be cancelled and wait again: nothing is lost between. Of several who wait each gets another one.
    """

    __slots__ = ("_decode", "_engine", "_stream", "_turn", "_waiting")

    def __init__(self, engine: Engine, stream: _eventify.Stream, decode: Callable[[Any], T]) -> None:
        self._engine = engine
        self._stream = stream
        self._decode = decode
        self._turn = asyncio.Lock()
        self._waiting: asyncio.Future[str | None] | None = None

    def __aiter__(self) -> Feed[T]:
        return self

    async def __anext__(self) -> T:
        async with self._turn:
            # What somebody waited for who was cancelled is the next one, also when it was there already.
            waiting = self._waiting = self._waiting or self._engine.next(self._stream)
            await asyncio.wait([waiting])
            self._waiting = None
            item = waiting.result()
        if item is None:
            raise StopAsyncIteration
        return self._decode(loads(item))

    async def close(self) -> None:
        """Stops it."""
        self._stream.close()

    async def __aenter__(self) -> Feed[T]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
