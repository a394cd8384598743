"""Mappings that do not change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Frozen(Mapping[K, V]):
    """What an answer has by name. ``dict(of)`` is one that changes."""

    __slots__ = ("_of",)

    def __init__(self, of: Mapping[K, V]) -> None:
        self._of = dict(of)

    def __getitem__(self, name: K) -> V:
        return self._of[name]

    def __iter__(self) -> Iterator[K]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def __hash__(self) -> int:
        return hash(frozenset(self._of.items()))

    def __repr__(self) -> str:
        return repr(self._of)
