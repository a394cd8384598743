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
    its own, enums are their words, money is two columns."""
    return [_flat(entry) for entry in entries]


def as_arrow(entries: Iterable[object]) -> pyarrow.Table:
    """The same as an Arrow table; needs ``pyarrow``."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("an Arrow table needs pyarrow: pip install 'eventify[arrow]'") from error
    return pyarrow.Table.from_pylist(as_dicts(entries))


def _flat(entry: object) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if not is_dataclass(entry) or isinstance(entry, type):
        return {"value": entry}
    for field in fields(entry):
        if field.name in ("version", "replayed"):
            continue
        value = getattr(entry, field.name)
        if isinstance(value, Money):
            out[f"{field.name}_minor"] = value.amount_minor
            out[f"{field.name}_currency"] = value.currency
        elif is_dataclass(value) and not isinstance(value, type):
            out.update({f"{field.name}_{name}": of for name, of in _flat(value).items()})
        else:
            out[field.name] = _plain(value)
    return out


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | frozenset):
        return [_plain(of) for of in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _flat(value)
    return value
