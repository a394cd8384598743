"""The link to the engine, for code that waits by blocking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _eventify

Call = Callable[[int, "_eventify.Actor | None", "str | None", str], Any]


class Engine:
    """An engine, and how it is called."""

    __slots__ = ("call", "native")

    def __init__(self, native: _eventify.Engine) -> None:
        self.native = native
        self.call: Call = native.call
