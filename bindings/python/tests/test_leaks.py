"""Thousands of calls leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from conftest import ADA, Sale, on_sale, on_sale_async, person

import eventify
from eventify import LineRequest, aio

CALLS = 4_000
# A purchase's answer, its future and its JSON have some 20 kB: kept of every call, 80 MB.
GROWN_KB_MAX = 12_000
OBJECTS_MAX = 200


def _held() -> tuple[int, int]:
    """What the interpreter knows of, and what the process has, in kB."""
    for _ in range(3):
        gc.collect()
    status = Path("/proc/self/status").read_text().splitlines()
    resident = next(line for line in status if line.startswith("VmRSS:"))
    return len(gc.get_objects()), int(resident.split()[1])


def _grown(work: Callable[[], None]) -> tuple[int, int]:
    work()  # what is made once is made
    objects, resident = _held()
    work()
    after = _held()
    return after[0] - objects, after[1] - resident


async def _grown_async(work: Callable[[], Awaitable[None]]) -> tuple[int, int]:
    await work()
    objects, resident = _held()
    await work()
    after = _held()
    return after[0] - objects, after[1] - resident


def _require_little(grown: tuple[int, int]) -> None:
    assert grown[0] <= OBJECTS_MAX, f"{grown[0]} objects"
    assert grown[1] <= GROWN_KB_MAX, f"{grown[1]} kB"


linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process has")


@linux
def test_calls_and_refusals_leave_nothing_behind() -> None:
    with eventify.open("memory:") as box:
        sale = on_sale(box, 10)
        lines = [LineRequest(ticket_type_id=sale.seats, quantity=11)]

        def work() -> None:
            for number in range(CALLS):
                box.ticket_types.get(ADA, sale.event, sale.seats)
                with pytest.raises(eventify.RuleError):
                    box.bookings.hold(person(number % 10), event_id=sale.event, lines=lines)
                if number % 10 == 0:
                    box.notifications.listen(person(1)).close()

        _require_little(_grown(work))


@linux
def test_what_is_awaited_or_given_up_leaves_nothing_behind() -> None:
    async def main() -> None:
        async with aio.open("memory:") as box:
            sale = await on_sale_async(box, 10)

            async def work() -> None:
                for _ in range(CALLS // 100):
                    await _give_up_half(box, sale)

            _require_little(await _grown_async(work))

    asyncio.run(main())


async def _give_up_half(box: aio.Eventify, sale: Sale) -> None:
    tasks = [asyncio.ensure_future(box.ticket_types.get(ADA, sale.event, sale.seats)) for _ in range(100)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(end, asyncio.CancelledError) for end in ended) == 50


def test_the_measure_sees_what_is_kept() -> None:
    kept: list[list[object]] = []

    def work() -> None:
        kept.extend([object()] for _ in range(CALLS))

    assert _grown(work)[0] >= CALLS


@linux
def test_engines_that_are_closed_are_gone(tmp_path: Path) -> None:
    url = f"redb:{tmp_path}/box.redb"

    def work() -> None:
        for _ in range(10):
            with eventify.open(url) as box:
                box.ping()

    threads = len(list(Path("/proc/self/task").iterdir()))
    _require_little(_grown(work))
    assert len(list(Path("/proc/self/task").iterdir())) <= threads


def test_a_file_is_free_whatever_is_held_of_its_engine(tmp_path: Path) -> None:
    url = f"redb:{tmp_path}/box.redb"
    box = eventify.open(url)
    sale = on_sale(box, 5)
    bookings, feed = box.bookings, box.notifications.listen(person(1))
    rows = iter(box.exports.attendees(ADA, sale.event))
    box.close()
    with eventify.open(url) as again:
        assert again.ticket_types.get(ADA, sale.event, sale.seats).quantity == 5
        for late in (lambda: bookings.mine(person(1)).page(), lambda: next(feed), lambda: next(rows)):
            with pytest.raises(eventify.ClosedError):
                late()
