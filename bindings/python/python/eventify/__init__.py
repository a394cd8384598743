"""Eventify: events, bookings, tickets and the door, inside of your process.

One file holds everything, or a Postgres database that many processes share. Never oversold, and every answer comes after its
commit is on disk.

>>> import eventify
>>> from datetime import UTC, datetime, timedelta
>>> from eventify import Actor, LineRequest, Role
>>> with eventify.open("memory:") as box:
...     user = box.accounts.register(Actor.anonymous(), name="Ada", email="ada@example.org", password="ada secret")
...     ada = Actor.user(user.id, Role.ORGANIZER)
...     start = datetime.now(UTC) + timedelta(days=1)
...     event = box.events.create(ada, title="An evening", starts_at=start, ends_at=start + timedelta(hours=2))
...     seats = box.ticket_types.create(ada, event.id, name="Free seat", quantity=100)
...     _ = box.events.publish(ada, event.id)
...     bob = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret")
...     lines = [LineRequest(ticket_type_id=seats.id, quantity=2)]
...     bought = box.bookings.buy(Actor.user(bob.id, Role.ATTENDEE), event_id=event.id, lines=lines)
...     seen = box.tickets.check_in(ada, bought.tickets[0].code)
...     len(bought.tickets), str(seen.status)
(2, 'used')

For asyncio there is the same in :mod:`eventify.aio`.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _kinds, _types, aio
from ._engine import Engine as _Engine
from ._error import ClosedError, EventifyError, FieldProblem, ForkedError
from ._eventify import Actor
from ._hosts import (
    CallbackNews, ChargeCheck, ChargeMoved, ChargeNews, ChargeUnknown, DeliveryError, DisputeNews, MoneyMoved, NotGenuine, Notifier, PaymentProvider, ProviderRefused,
    RefundNews, Verdict,
)
from ._kinds import *
from ._money import Money
from ._nouns import Nouns
from ._open import Options as _Options
from ._open import Reach as _Reach
from ._open import opened as _opened
from ._pages import Export, Feed, Page, Pages
from ._types import *
from ._unset import UNSET, Unset

__all__ = [
    "Actor",
    "CallbackNews",
    "ChargeCheck",
    "ChargeMoved",
    "ChargeNews",
    "ChargeUnknown",
    "ClosedError",
    "DeliveryError",
    "DisputeNews",
    "EventifyError",
    "Eventify",
    "Export",
    "Feed",
    "FieldProblem",
    "ForkedError",
    "Money",
    "MoneyMoved",
    "NotGenuine",
    "Notifier",
    "Page",
    "Pages",
    "PaymentProvider",
    "ProviderRefused",
    "RefundNews",
    "UNSET",
    "Unset",
    "Verdict",
    "aio",
    "open",
]
__all__ += _kinds.__all__
__all__ += _types.__all__

__version__ = "0.1.0"


class Eventify(Nouns):
    """A running engine: one accessor for each noun. Safe in threads; not to be taken over a fork.

    Made by :func:`open`. Close it, or use it in a ``with``.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Accepts nothing more, finishes what was accepted, and lets go of the store."""
        self._engine.native.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._engine.native.closed

    def __enter__(self) -> Eventify:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<eventify.Eventify, {'closed' if self.closed else 'open'}>"


def open(
    url: str,
    *,
    settings: _types.Settings | None = None,
    migrate: bool = False,
    notifier: Notifier | None = None,
    payment_providers: Sequence[PaymentProvider] = (),
    webhooks: _Reach | None = None,
    without_worker: bool = False,
) -> Eventify:
    """Opens a store and starts an engine over it.

    >>> with open("memory:") as box:
    ...     box
    <eventify.Eventify, open>

    Args:
        url: ``redb:PATH`` for one file, which is made if it is missing; ``postgres://USER@HOST/DATABASE``; ``memory:``.
        settings: The numbers that an operator may choose.
        migrate: Whether a Postgres database is brought to this version's schema first.
        notifier: Who brings messages to people outside of the app.
        payment_providers: Who moves money; the first is taken when nobody chooses.
        webhooks: Lets organizers name addresses that are told of facts: ``"public"`` for those of the internet, by https; with ``"anywhere"``
            they lead into your network, too.
        without_worker: Leaves jobs (hold expiry, deliveries …) to calls of ``jobs.run_due`` instead of a worker in the background.

    Raises:
        EventifyError: ``store_unavailable`` when the store cannot be opened, ``invalid_value`` for a URL of another kind.
    """
    options = _Options(
        settings=settings, migrate=migrate, notifier=notifier, payment_providers=payment_providers, webhooks=webhooks,
        without_worker=without_worker,
    )
    return Eventify(_Engine(_opened(url, options, None)))
