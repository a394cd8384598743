"""Lists as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from ._money import Money

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the way to its value, and the value's type."""

    name: str
    way: tuple[str, ...]
    kind: Any

    def value(self, entry: object) -> object:
        """What an entry has there; ``None`` for a part that it lacks."""
        for name in self.way:
            entry = getattr(entry, name, None)
        return _plain(entry)


def as_dicts(entries: Iterable[object], decode: Callable[..., object]) -> list[dict[str, Any]]:
    """Each entry as a flat dict, for ``pandas.DataFrame`` or ``polars.DataFrame``: what is in a part has the part's name before
    its own, enums are their words, money is two columns. All have the same keys, which follow from the type of what is listed."""
    columns = _columns(_answers(decode))
    return [{column.name: column.value(entry) for column in columns} for entry in entries]


def as_arrow(entries: Iterable[object], decode: Callable[..., object]) -> pyarrow.Table:
    """The same as an Arrow table, whose columns have their types also when there is no entry; needs ``pyarrow``."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("an Arrow table needs pyarrow: pip install pyarrow") from error
    columns = _columns(_answers(decode))
    rows = as_dicts(entries, decode)
    arrays = [pyarrow.array([row[of.name] for row in rows], type=_arrow(of.kind, pyarrow)) for of in columns]
    return pyarrow.Table.from_arrays(arrays, names=[of.name for of in columns])


@cache
def _answers(decode: Callable[..., object]) -> Any:
    return get_type_hints(decode)["return"]


@cache
def _columns(kind: Any) -> tuple[Column, ...]:
    return tuple(_found(kind, ()))


def _found(kind: Any, way: tuple[str, ...]) -> Iterator[Column]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        if field.name in ("version", "replayed"):
            continue
        here, of = (*way, field.name), _present(hints[field.name])
        if of is Money:
            yield Column("_".join((*here, "minor")), (*here, "amount_minor"), int)
            yield Column("_".join((*here, "currency")), (*here, "currency"), str)
        elif isinstance(of, type) and is_dataclass(of):
            yield from _found(of, here)
        else:
            yield Column("_".join(here), here, of)


def _present(kind: Any) -> Any:
    """``X`` of ``X | None``."""
    others = [of for of in get_args(kind) if of is not NoneType]
    is_option = NoneType in get_args(kind) and len(others) == 1
    return others[0] if is_option else kind


_ARROW = {bool: "bool_", int: "int64", float: "float64", str: "string", bytes: "binary"}


def _arrow(kind: Any, pyarrow: Any) -> Any:
    """Arrow's type; ``None`` for what Arrow finds out by looking at the values."""
    kind = _present(kind)
    kind = getattr(kind, "__supertype__", kind)
    if get_origin(kind) in (tuple, frozenset):
        inner = _arrow(get_args(kind)[0], pyarrow)
        return None if inner is None else pyarrow.list_(inner)
    if kind is datetime:
        return pyarrow.timestamp("us", tz="UTC")
    if kind is timedelta:
        return pyarrow.duration("us")
    if not isinstance(kind, type):
        return None
    if issubclass(kind, Enum):
        return pyarrow.string()
    if is_dataclass(kind):
        parts = [(of.name, _arrow(of.kind, pyarrow)) for of in _columns(kind)]
        return None if any(of is None for _, of in parts) else pyarrow.struct(parts)
    return getattr(pyarrow, _ARROW[kind])() if kind in _ARROW else None


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | bytes):
        return value
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(of) for name, of in value.items()}
    if isinstance(value, Sequence | frozenset):
        return [_plain(of) for of in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {column.name: column.value(value) for column in _columns(type(value))}
    return value
