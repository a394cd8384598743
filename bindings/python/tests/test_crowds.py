"""Many buyers, few seats; buyers who give up; threads; forks."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from conftest import ADA, on_sale, on_sale_async, person

import eventify
from eventify import LineRequest, aio


def test_a_thousand_buyers_get_a_hundred_seats(url: str) -> None:
    async def main() -> None:
        async with aio.open(url, migrate=True) as box:
            sale = await on_sale_async(box, 100)
            one = [LineRequest(ticket_type_id=sale.seats, quantity=1)]

            async def buy(number: int) -> str:
                try:
                    bought = await box.bookings.buy(person(number), event_id=sale.event, lines=one)
                except eventify.EventifyError as error:
                    assert error.code == "sold_out", error
                    return ""
                return bought.tickets[0].id

            tickets = [ticket for ticket in await asyncio.gather(*map(buy, range(1_000))) if ticket]
            assert len(tickets) == len(set(tickets)) == 100
            left = await box.ticket_types.get(ADA, sale.event, sale.seats)
            assert (left.sold, left.available) == (100, 0)
            assert len([row async for row in box.tickets.attendees(ADA, sale.event, page_size=100)]) == 100

    asyncio.run(main())


def test_whoever_gives_up_loses_and_doubles_nothing(url: str) -> None:
    async def main() -> None:
        async with aio.open(url, migrate=True) as box:
            sale = await on_sale_async(box, 500)
            one = [LineRequest(ticket_type_id=sale.seats, quantity=1)]

            def buy(number: int) -> asyncio.Task[eventify.Purchase]:
                order = box.bookings.buy(person(number), event_id=sale.event, lines=one, idempotency_key="order")
                return asyncio.ensure_future(order)

            first = [buy(number) for number in range(200)]
            # Every one is on its way, and none has an answer.
            await asyncio.sleep(0)
            for task in first[::2]:
                task.cancel()
            ended = await asyncio.gather(*first, return_exceptions=True)
            given_up = [number for number, end in enumerate(ended) if isinstance(end, asyncio.CancelledError)]
            assert given_up == list(range(0, 200, 2))

            # Asking again tells what came of it: nobody has two tickets, and nobody's is lost.
            again = await asyncio.gather(*[buy(number) for number in range(200)])
            assert all(purchase.replayed for purchase in again)
            assert len({purchase.tickets[0].id for purchase in again}) == 200
            assert (await box.ticket_types.get(ADA, sale.event, sale.seats)).sold == 200

    asyncio.run(main())


def test_threads_share_an_engine(tmp_path: Path) -> None:
    with eventify.open(f"redb:{tmp_path}/box.redb") as box:
        sale = on_sale(box, 40)
        one = [LineRequest(ticket_type_id=sale.seats, quantity=1)]
        begin = threading.Barrier(16)

        def buy(thread: int) -> int:
            begin.wait()
            sold = 0
            for number in range(5):
                try:
                    box.bookings.buy(person(thread * 100 + number), event_id=sale.event, lines=one)
                    sold += 1
                except eventify.RuleError as error:
                    assert error.code == "sold_out"
            return sold

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(buy, range(16))) == 40


def test_other_threads_run_while_one_waits() -> None:
    with eventify.open("memory:") as box:
        feed = box.notifications.listen(person(1))
        heard: list[list[str]] = []

        def listen() -> None:
            try:
                heard.append([told.title for told in feed])
            except eventify.ClosedError:
                # On a machine that is busy it may only ask when all is over.
                heard.append([])

        waiting = threading.Thread(target=listen)
        waiting.start()
        # The thread waits inside of the engine; were the interpreter's lock not released, nothing would go on here.
        assert not list(box.events.list(person(1)))
        box.close()
        waiting.join(timeout=30)
        assert heard == [[]]


def _in_child(box: eventify.Eventify, feeds: list[eventify.Feed[Any]], said: "multiprocessing.connection.Connection") -> None:
    try:
        box.ping()
        said.send("served")
    except eventify.ForkedError as error:
        said.send(f"{error.code} {error.retryable}")
    try:
        box.close()
    except eventify.ForkedError:
        said.send("not closed")
    try:
        next(feeds[0])
    except eventify.ForkedError:
        said.send("not heard")
    # It is the parent's, and stays open there.
    feeds.pop().close()
    # What the interpreter tidies up at its end must not touch the parent's file either.
    del box


def test_a_fork_gets_a_clear_error_and_harms_nothing(tmp_path: Path) -> None:
    path = f"redb:{tmp_path}/box.redb"
    with eventify.open(path) as box:
        sale = on_sale(box, 10)
        feeds = [box.notifications.listen(person(1))]
        fork = multiprocessing.get_context("fork")
        heard, said = fork.Pipe(duplex=False)
        child = fork.Process(target=_in_child, args=(box, feeds, said))
        child.start()
        assert heard.poll(30) and heard.recv() == "forked False"
        assert heard.poll(30) and heard.recv() == "not closed"
        assert heard.poll(30) and heard.recv() == "not heard"
        child.join(30)
        assert child.exitcode == 0
        one = [LineRequest(ticket_type_id=sale.seats, quantity=1)]
        assert box.bookings.buy(person(1), event_id=sale.event, lines=one).tickets
        assert next(feeds[0]).kind is eventify.FactName.TICKET_PURCHASED
    with eventify.open(path) as box:
        assert box.ticket_types.get(ADA, sale.event, sale.seats).sold == 1


def test_a_fork_gets_the_same_error_in_asyncio(tmp_path: Path) -> None:
    async def main() -> None:
        async with aio.open(f"redb:{tmp_path}/box.redb") as box:
            feed = await box.notifications.listen(person(1))
            fork = multiprocessing.get_context("fork")
            heard, said = fork.Pipe(duplex=False)
            child = fork.Process(target=_awaiting_in_child, args=(box, feed, said))
            child.start()
            assert heard.poll(30) and heard.recv() == ["forked", "forked", "forked"]
            await asyncio.to_thread(child.join, 30)
            assert child.exitcode == 0
            await box.ping()

    asyncio.run(main())


def _awaiting_in_child(box: aio.Eventify, feed: aio.Feed[Any], said: "multiprocessing.connection.Connection") -> None:
    async def main() -> list[str]:
        codes = []
        for ask in (box.ping, feed.__anext__, box.close):
            try:
                await ask()
            except eventify.ForkedError as error:
                codes.append(error.code)
        return codes

    said.send(asyncio.run(main()))
