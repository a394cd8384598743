"""Lists as tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from ._money import Money

if TYPE_CHECKING:
    import pyarrow


def as_dicts(entries: Iterable[object]) -> list[dict[str, Any]]:
    """Each entry as a flat dict, for ``pandas.DataFrame`` or ``polars.DataFrame``: what is in a part has the part's name before
    its own, enums are their words, money is two columns. All have the same keys: a part that only some entries have is ``None``,
    column by column, in the others."""
    parts: dict[str, list[str]] = {}
    rows = [_flat(entry, parts) for entry in entries]
    columns: dict[str, None] = {}
    for row in rows:
        for name in row:
            columns.update(dict.fromkeys(_columns(name, parts)))
    return [{name: row.get(name) for name in columns} for row in rows]


def _columns(name: str, parts: dict[str, list[str]]) -> list[str]:
    """What a column is taken apart into, if any entry has that part."""
    return [column for part in parts[name] for column in _columns(part, parts)] if name in parts else [name]


def as_arrow(entries: Iterable[object]) -> pyarrow.Table:
    """The same as an Arrow table; needs ``pyarrow``."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("an Arrow table needs pyarrow: pip install 'eventify[arrow]'") from error
    return pyarrow.Table.from_pylist(as_dicts(entries))


def _flat(entry: object, parts: dict[str, list[str]], before: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    if not is_dataclass(entry) or isinstance(entry, type):
        return {"value": entry}
    for field in fields(entry):
        if field.name in ("version", "replayed"):
            continue
        name, value = before + field.name, getattr(entry, field.name)
        if isinstance(value, Money):
            within = {f"{name}_minor": value.amount_minor, f"{name}_currency": value.currency}
        elif is_dataclass(value) and not isinstance(value, type):
            within = _flat(value, parts, f"{name}_")
        else:
            out[name] = _plain(value)
            continue
        known = parts.setdefault(name, [])
        known.extend(column for column in within if column not in known)
        out.update(within)
    return out


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | frozenset):
        return [_plain(of) for of in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _flat(value, {})
    return value
