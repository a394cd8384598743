"""Why something was refused or failed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a request.

    Attributes:
        field: The field's path, such as ``lines[0].quantity``.
        message: A sentence that names the limit.
    """

    field: str
    message: str


class EventifyError(Exception):
    """A refusal or a failure. Nothing secret is ever in it, so it may be shown and logged.

    >>> import eventify
    >>> with eventify.open("memory:") as box:
    ...     try:
    ...         box.events.get(eventify.Actor.anonymous(), "01978c5e-0000-7000-8000-000000000001")
    ...     except eventify.NotFoundError as error:
    ...         print(error.code, error.retryable)
    event_not_found False

    Attributes:
        code: The stable code: the same in Rust, HTTP, Python, Swift and Kotlin.
        message: A sentence for people.
        retryable: Whether the very same request may succeed later without anybody changing anything.
        retry_after: How many seconds to wait before, when it is retryable.
        fields: The fields that are wrong, if any.
        details: Facts for programs, by name, such as how many seats are left.
    """

    code: str
    message: str
    retryable: bool
    retry_after: float | None
    fields: tuple[FieldProblem, ...]
    details: dict[str, Any]

    def __init__(
        self,
        code: str,
        message: str,
        retryable: bool = False,
        retry_after: float | None = None,
        fields: tuple[FieldProblem, ...] = (),
        details: dict[str, Any] | None = None,
    ) -> None:
        # All of them, so that the exception can be pickled.
        super().__init__(code, message, retryable, retry_after, fields, details)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.fields = fields
        self.details = details or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class ClosedError(EventifyError):
    """The engine was closed (``closed``)."""


class ForkedError(EventifyError):
    """The engine was opened before this process was forked (``forked``): threads and files are the
    parent's. Open it in each process, after the fork."""


def made(
    kind: str, code: str, message: str, retryable: bool, retry_after: float | None, fields: str, details: str
) -> EventifyError:
    """The exception of a refusal."""
    from ._kinds import KINDS

    problems = tuple(FieldProblem(of["field"], of["message"]) for of in json.loads(fields))
    return KINDS.get(kind, EventifyError)(code, message, retryable, retry_after, problems, json.loads(details))


def own(which: str) -> EventifyError:
    """The exceptions that the engine knows nothing of."""
    if which == "forked":
        return ForkedError(which, "The engine was opened before this process was forked; open it after the fork.")
    return ClosedError(which, "The engine is closed.")
