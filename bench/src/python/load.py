"""The side of the measurement that is in Python: calls one after another, or a crowd in asyncio.

`load.py calls N` prints µs per read and per purchase, `load.py crowd BOOKINGS BUYERS FILE` purchases per second.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

import eventify
from eventify import Actor, LineRequest, Role, aio


def account_ids(count: int) -> list[str]:
    """As the engine makes them: UUIDs of version 7, in the order of time. Random ones would lie apart in the file, and each purchase
    would change pages of its own."""
    millis = time.time_ns() // 1_000_000

    def one() -> int:
        return millis << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)

    return [str(uuid.UUID(int=id)) for id in sorted(one() for _ in range(count))]


ORGANIZER = Actor.user(*account_ids(1), Role.ORGANIZER)
TYPE = {"name": "Standing", "quantity": 1_000_000, "per_person_max": 10}


def event() -> dict[str, object]:
    start = datetime.now(UTC) + timedelta(days=1)
    return {"title": "The hot event", "starts_at": start, "ends_at": start + timedelta(hours=1)}


def calls(count: int) -> None:
    with eventify.open("memory:") as box:
        sold = box.events.create(ORGANIZER, **event())
        of = box.ticket_types.create(ORGANIZER, sold.id, **TYPE)
        box.events.publish(ORGANIZER, sold.id)
        lines = [LineRequest(ticket_type_id=of.id, quantity=1)]
        buyers = [Actor.user(id, Role.ATTENDEE) for id in account_ids(count)]
        get, buy = box.ticket_types.get, box.bookings.buy
        begun = time.perf_counter()
        for _ in range(count):
            get(ORGANIZER, sold.id, of.id)
        read = time.perf_counter()
        for buyer in buyers:
            buy(buyer, event_id=sold.id, lines=lines)
        bought = time.perf_counter()
        print((read - begun) / count * 1e6, (bought - read) / count * 1e6)


async def crowd(bookings: int, buyers: int, file: str) -> None:
    async with aio.open(f"redb:{file}") as box:
        sold = await box.events.create(ORGANIZER, **event())
        of = await box.ticket_types.create(ORGANIZER, sold.id, **TYPE)
        await box.events.publish(ORGANIZER, sold.id)
        lines = [LineRequest(ticket_type_id=of.id, quantity=1)]
        people = [Actor.user(id, Role.ATTENDEE) for id in reversed(account_ids(bookings))]

        async def one() -> None:
            while people:
                bought = await box.bookings.buy(people.pop(), event_id=sold.id, lines=lines)
                assert len(bought.tickets) == 1

        begun = time.perf_counter()
        await asyncio.gather(*[one() for _ in range(buyers)])
        print(bookings / (time.perf_counter() - begun))


if sys.argv[1] == "calls":
    calls(int(sys.argv[2]))
else:
    asyncio.run(crowd(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
