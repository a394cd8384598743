"""Values on their way in and out: JSON, with the names of the engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from ._frozen import Frozen
from ._money import Money
from ._unset import UNSET

__all__ = ["Frozen"]

T = TypeVar("T")

loads: Callable[[Any], Any] = json.JSONDecoder().decode
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_PLAIN = frozenset({str, int, float, bool, type(None)})
_NULL = object()


def text(value: str) -> str:
    """An id, or another text."""
    if not isinstance(value, str):
        raise TypeError(f"a text or an id is expected, not {type(value).__name__}")
    return _dumps(value)


def value(value: object) -> str:
    """Whatever is not a request."""
    return _dumps(encoded(value))


def request(members: Mapping[str, object]) -> str:
    """A request, without what was not said."""
    return _dumps(_members(members))


def lines(*parts: str) -> str:
    """Several parameters: no JSON has a line break in it."""
    return "\n".join(parts)


def null(value: object) -> object:
    """``None`` that says something."""
    return _NULL if value is None else value


def flat(value: Mapping[Any, object] | None) -> dict[str, object]:
    """Members that stand among those of the request."""
    return {str(encoded(name)): of for name, of in (value or {}).items()}


def _members(members: Mapping[str, object]) -> dict[str, object]:
    out: dict[str, object] = {}
    for name, value in members.items():
        if type(value) in _PLAIN:
            if value is not None:
                out[name] = value
        elif value is _NULL:
            out[name] = None
        elif value is not UNSET:
            try:
                out[name] = encoded(value)
            except _NoInstant as error:
                raise ValueError(f"{name}: {error}") from None
    return out


class _NoInstant(ValueError):
    pass


def encoded(value: object) -> object:
    """JSON's value for a value of ours."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _NoInstant("an instant needs a time zone: datetime.now(UTC), not datetime.now()")
        try:
            return value.astimezone(UTC).isoformat()
        except OverflowError:
            raise _NoInstant("an instant lies in the years 1 to 9999, also in UTC") from None
    if isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
        if micros < 0:
            raise ValueError("a time span is not negative")
        return {"secs": micros // 1_000_000, "nanos": micros % 1_000_000 * 1_000}
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, Mapping):
        return {str(encoded(name)): encoded(of) for name, of in value.items()}
    if isinstance(value, Sequence | Collection):
        return [encoded(of) for of in value]
    wire = getattr(value, "_wire", None)
    if wire is None:
        raise TypeError(f"{type(value).__name__} is nothing that the engine takes")
    members = {}
    for name, called, null_counts in wire():
        of = getattr(value, name)
        members[called] = null(of) if null_counts else of
    return _members(members)


instant: Callable[[str], datetime] = datetime.fromisoformat


def span(v: Any) -> timedelta:
    """A duration."""
    return timedelta(seconds=v["secs"], microseconds=v["nanos"] // 1_000)


def money(v: Any) -> Money:
    """An amount."""
    return Money(v["amount_minor"], v["currency"])


def versioned(decode: Callable[[Any, int | None], T], answer: tuple[str, int]) -> T:
    """What was read, with its version."""
    return decode(loads(answer[0]), answer[1])


def replayed(decode: Callable[..., T], answer: tuple[str, bool]) -> T:
    """What was done, now or before."""
    return decode(loads(answer[0]), replayed=answer[1])
