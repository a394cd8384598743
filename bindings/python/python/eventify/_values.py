"""Values on their way in and out. Requests are JSON with the names of the engine; in answers, which are longer, a record is the list of its
fields' values, in their order."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from json.encoder import encode_basestring as _string
from typing import Any, TypeVar

from ._frozen import Frozen
from ._money import Money
from ._unset import UNSET

__all__ = ["Frozen"]

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

_decode = json.JSONDecoder().raw_decode
_number = json.JSONEncoder(allow_nan=False).encode
_NULL = object()


def loads(answer: str) -> Any:
    """What the engine wrote: one value, and nothing behind it."""
    return _decode(answer)[0]


def text(value: str) -> str:
    """An id, or another text."""
    if not isinstance(value, str):
        raise TypeError(f"a text or an id is expected, not {type(value).__name__}")
    return _string(value)


def request(members: Mapping[str, object]) -> str:
    """A request, without what was not said. Its members' names need no escapes."""
    written = []
    for name, of in members.items():
        if of is None or of is UNSET:
            continue
        if type(of) is str:
            written.append(f'"{name}":{_string(of)}')
            continue
        try:
            written.append(f'"{name}":{value(of)}')
        except _NoInstant as error:
            raise ValueError(f"{name}: {error}") from None
    return "{" + ",".join(written) + "}"


class _NoInstant(ValueError):
    pass


def value(value: object) -> str:
    """Whatever is not a request. What is usual comes first."""
    kind = type(value)
    if kind is str:
        return _string(value)  # type: ignore[arg-type]
    if kind is int:
        return str(value)
    if kind is list or kind is tuple:
        return _list(value)  # type: ignore[arg-type]
    wire: Callable[[], Mapping[str, object]] | None = getattr(value, "_wire", None)
    if wire is not None:
        return request(wire())
    if value is None or value is _NULL:
        return "null"
    return _number(value) if kind is bool or kind is float else _other(value)


def _list(of: Iterable[object]) -> str:
    return "[" + ",".join([value(each) for each in of]) + "]"


def _other(of: object) -> str:
    if isinstance(of, Enum):
        return value(of.value)
    if isinstance(of, str):
        return _string(of)
    if isinstance(of, datetime):
        if of.tzinfo is None:
            raise _NoInstant("an instant needs a time zone: datetime.now(UTC), not datetime.now()")
        try:
            return f'"{of.astimezone(UTC).isoformat()}"'
        except OverflowError:
            raise _NoInstant("an instant lies in the years 1 to 9999, also in UTC") from None
    if isinstance(of, timedelta):
        micros = of // timedelta(microseconds=1)
        if micros < 0:
            raise ValueError("a time span is not negative")
        return f'{{"secs":{micros // 1_000_000},"nanos":{micros % 1_000_000 * 1_000}}}'
    if isinstance(of, Mapping):
        return "{" + ",".join([f"{_string(_name(name))}:{value(each)}" for name, each in of.items()]) + "}"
    if isinstance(of, Collection):
        return _list(of)
    raise TypeError(f"{type(of).__name__} is nothing that the engine takes")


def _name(of: object) -> str:
    return str(of.value if isinstance(of, Enum) else of)


def flat(members: Mapping[Any, object] | None) -> dict[str, object]:
    """Members that stand among those of the request. Their names may be anybody's."""
    return {_string(_name(name))[1:-1]: of for name, of in (members or {}).items()}


def null(value: object) -> object:
    """``None`` that says something."""
    return _NULL if value is None else value


def lines(*parts: str) -> str:
    """Several parameters: no JSON has a line break in it."""
    return "\n".join(parts)


def blank(of: type) -> Callable[[], Any]:
    """Makes a value of a class before it has its fields. An answer's types are the engine's, so nothing has to be checked, and a
    frozen class sets its fields the slow way: the one that is made here has the same slots and is not frozen, and becomes the
    other (``__class__``) when its fields are there."""
    return type(of.__name__, (), {"__slots__": of.__dict__["__slots__"], "__module__": of.__module__})


class Words(dict[str, E]):
    """The members of an enum by their words."""

    def __init__(self, of: type[E]) -> None:
        super().__init__({member.value: member for member in of})
        self._of = of

    def __missing__(self, word: str) -> E:
        # Says what is wrong with it.
        return self._of(word)


instant: Callable[[str], datetime] = datetime.fromisoformat


def span(v: Any) -> timedelta:
    """A duration."""
    secs, nanos = v
    return timedelta(seconds=secs, microseconds=nanos // 1_000)


_money = blank(Money)


def money(v: Any) -> Money:
    """An amount."""
    o = _money()
    o.amount_minor, o.currency = v
    o.__class__ = Money
    made: Money = o
    return made


def versioned(decode: Callable[[Any, int | None], T], answer: tuple[str, int]) -> T:
    """What was read, with its version."""
    return decode(loads(answer[0]), answer[1])


def replayed(decode: Callable[..., T], answer: tuple[str, bool]) -> T:
    """What was done, now or before."""
    return decode(loads(answer[0]), replayed=answer[1])
