"""Lists, feeds and exports, for code that waits by blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _eventify
from ._table import as_arrow, as_dicts
from ._values import lines, loads, request

if TYPE_CHECKING:
    import pyarrow

    from ._engine import Engine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        data: The entries.
        next_cursor: Where the next page begins; ``None`` on the last one. Only good for the same list.
    """

    data: tuple[T, ...]
    next_cursor: str | None


class Pages(Generic[T]):
    """A list that is fetched page by page: iterate over it for every entry, call :meth:`page` for one page.

    >>> import eventify
    >>> with eventify.open("memory:") as box:
    ...     print(len(list(box.events.list(eventify.Actor.anonymous(), page_size=50))))
    0
    """

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

    def page(self, cursor: str | None = None) -> Page[T]:
        """The first page, or the one behind a cursor."""
        wanted = request({"limit": self._size, "cursor": cursor or self._cursor})
        arguments = lines(self._arguments, wanted) if self._arguments else wanted
        data, next_cursor = loads(self._engine.call(self._number, self._actor, None, arguments))
        decode = self._decode
        return Page(tuple([decode(v) for v in data]), next_cursor)

    def pages(self) -> Iterator[Page[T]]:
        """Every page, one after another."""
        page = self.page()
        yield page
        while page.next_cursor is not None:
            page = self.page(page.next_cursor)
            yield page

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.data

    def to_dicts(self) -> list[dict[str, Any]]:
        """All entries as flat dicts, for ``pandas.DataFrame`` or ``polars.DataFrame``."""
        return as_dicts(self, self._decode)

    def to_arrow(self) -> pyarrow.Table:
        """All entries as an Arrow table; needs ``pyarrow``."""
        return as_arrow(self, self._decode)


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

    def __iter__(self) -> Iterator[T]:
        stream: _eventify.Stream = self._engine.call(self._number, self._actor, None, self._arguments)
        while (piece := stream.next(self._engine.native)) is not None:
            for v in loads(piece):
                yield self._decode(v)

    def to_dicts(self) -> list[dict[str, Any]]:
        """All entries as flat dicts, for ``pandas.DataFrame`` or ``polars.DataFrame``."""
        return as_dicts(self, self._decode)

    def to_arrow(self) -> pyarrow.Table:
        """All entries as an Arrow table; needs ``pyarrow``."""
        return as_arrow(self, self._decode)


class Feed(Generic[T]):
    """What comes one after another, as it happens: iterate over it. Close it, or leave its ``with``, to stop."""

    __slots__ = ("_decode", "_engine", "_stream")

    def __init__(self, engine: Engine, stream: _eventify.Stream, decode: Callable[[Any], T]) -> None:
        self._engine = engine
        self._stream = stream
        self._decode = decode

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        item = self._stream.next(self._engine.native)
        if item is None:
            raise StopIteration
        return self._decode(loads(item))

    def close(self) -> None:
        """Stops it."""
        self._stream.close()

    def __enter__(self) -> Feed[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
