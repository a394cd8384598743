"""Answers are made field by field, as their classes say."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from conftest import tomorrow

import eventify
from eventify import Actor, Money, _values, _wire

# Another record's fields stand among theirs, so they come by name.
BY_NAME = {"created_api_key", "preferences_view", "user_with_tokens", "webhook_secret"}


def decoders() -> Iterator[tuple[str, Callable[..., Any], type]]:
    for module in pkgutil.iter_modules(_wire.__path__):
        functions = vars(importlib.import_module(f"{_wire.__name__}.{module.name}"))
        for name, function in functions.items():
            if inspect.isfunction(function) and function.__module__.endswith(f"._wire.{module.name}"):
                yield name, function, get_type_hints(function)["return"]


class Samples:
    """Values as they come and as they are then, no two alike."""

    def __init__(self) -> None:
        self._next = count(1)

    def of(self, kind: Any) -> tuple[object, object]:
        nth = next(self._next)
        kind = getattr(kind, "__supertype__", kind)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self.record(kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            members = list(kind)
            member = members[nth % len(members)]
            return member.value, member
        plain = {str: f"text {nth}", int: nth, float: nth / 2, bool: nth % 2 == 0, Any: {"of a host": nth}}
        if kind in plain:
            return plain[kind], plain[kind]
        if kind is bytes:
            return [nth % 256], bytes([nth % 256])
        if kind is datetime:
            at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=nth)
            return at.isoformat(), at
        if kind is timedelta:
            return [nth, 5_000], timedelta(seconds=nth, microseconds=5)
        return self.several(kind)

    def several(self, kind: Any) -> tuple[object, object]:
        args = [of for of in get_args(kind) if of not in (NoneType, Ellipsis)]
        if get_origin(kind) is Mapping:
            (name, key), (value, member) = self.of(args[0]), self.of(args[1])
            return {name: value}, _values.Frozen({key: member})
        samples = [self.of(of) for of in args]
        values, members = [value for value, _ in samples], [member for _, member in samples]
        if get_origin(kind) is tuple:
            return values, tuple(members)
        if get_origin(kind) is frozenset:
            return values, frozenset(members)
        assert len(args) == 1 and NoneType in get_args(kind), kind
        return samples[0]

    def record(self, kind: type) -> tuple[object, object]:
        hints = get_type_hints(kind)
        names = [of.name for of in dataclasses.fields(kind) if of.name not in ("version", "replayed")]
        samples = {name: self.of(hints[name]) for name in names}
        return [value for value, _ in samples.values()], kind(**{name: of for name, (_, of) in samples.items()})


def test_what_is_made_is_what_its_class_would_make() -> None:
    found = list(decoders())
    assert len(found) > 80
    for name, decode, kind in found:
        if name in BY_NAME:
            continue
        for _ in range(3):
            value, expected = Samples().record(kind)
            made = decode(value)
            assert type(made) is kind and made == expected and repr(made) == repr(expected), name
            assert all(hasattr(made, of.name) for of in dataclasses.fields(kind)), name
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(made, dataclasses.fields(kind)[0].name, None)
        with pytest.raises(ValueError, match="values to unpack"):
            decode([*value, "one more"])  # type: ignore[misc]


def test_what_comes_by_name_is_known() -> None:
    assert {name for name, *_ in decoders()} >= BY_NAME
    for name, decode, kind in decoders():
        if name in BY_NAME:
            with pytest.raises((AttributeError, TypeError)):
                decode(Samples().record(kind)[0])


def test_what_is_left_out_and_what_stands_among_others() -> None:
    with eventify.open("memory:", webhooks="anywhere") as box:
        user = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
        bob = Actor.user(user.id, eventify.Role.ATTENDEE)
        assert box.accounts.become_organizer(bob).tokens is None
        pair = box.accounts.login(Actor.anonymous(), email="bob@example.org", password="bob secret one")
        with_session = box.accounts.become_organizer(box.accounts.authenticate(pair.access_token))
        assert with_session.user.role is eventify.Role.ORGANIZER and with_session.tokens is not None
        assert with_session.tokens.token_type == pair.token_type and len(with_session.tokens.access_token) > 100
        organizer = Actor.user(user.id, eventify.Role.ORGANIZER)
        secret = box.webhooks.create(organizer, url="http://127.0.0.1:9/told")
        assert secret.secret.startswith("whsec_") and secret.webhook == box.webhooks.get(organizer, secret.webhook.id)
        key = box.accounts.create_api_key(organizer, name="till", scopes=[eventify.Scope.EVENTS_READ], current_password="bob secret one")
        assert key.key.startswith("evk_") and key.api_key in list(box.accounts.api_keys(organizer))
        start = tomorrow()
        event = box.events.create(organizer, title="Fado", starts_at=start, ends_at=start + timedelta(hours=1))
        assert event.cancel_reason is None and event.updated_at == event.created_at
        box.events.publish(organizer, event.id)
        cancelled = box.events.cancel(organizer, event.id, reason="no singer")
        assert cancelled.cancel_reason == "no singer" and cancelled.updated_at >= cancelled.created_at


def test_what_may_be_empty_may_be_none() -> None:
    for name, decode, kind in decoders():
        if name in BY_NAME:
            continue
        hints = get_type_hints(kind)
        names = [of.name for of in dataclasses.fields(kind) if of.name not in ("version", "replayed")]
        values: Any = Samples().record(kind)[0]
        empty = [None if NoneType in get_args(hints[of]) else value for of, value in zip(names, values, strict=True)]
        made = decode(empty)
        assert all(getattr(made, of) is None for of in names if NoneType in get_args(hints[of])), name


def test_the_version_and_the_repeat_are_told() -> None:
    for name, decode, kind in decoders():
        if name in BY_NAME:
            continue
        value, _ = Samples().record(kind)
        extra = [of.name for of in dataclasses.fields(kind) if of.name in ("version", "replayed")]
        assert list(inspect.signature(decode).parameters)[1:] == extra, name
        given = {"version": 7, "replayed": True}
        made = decode(value, **{of: given[of] for of in extra})
        assert all(getattr(made, of) == given[of] for of in extra)


def test_an_amount_is_made_as_all_are() -> None:
    made = _values.money([5, "EUR"])
    assert made == Money(5, "EUR") and type(made) is Money and hash(made) == hash(Money(5, "EUR"))


def test_a_word_that_nobody_knows_is_named() -> None:
    from eventify._wire.booking import booking_status

    assert booking_status["held"].value == "held"
    with pytest.raises(ValueError, match="'bartered' is not a valid BookingStatus"):
        booking_status["bartered"]
