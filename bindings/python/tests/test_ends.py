"""How engines, calls and feeds end: beside each other, by Ctrl-C, by being cancelled, while hosts' code hangs."""

from __future__ import annotations

import asyncio
import gc
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from conftest import ADA, on_sale, on_sale_async, person
from test_hosts import WAIT_S, Bank, Callers, bob_of

import eventify
from eventify import (
    Actor, CallbackNews, Channel, Charge, ChargeRequest, LineRequest, Message, Money, ProviderCallback, Recipient, Role, aio,
)

ENDED = {"closed", "shutting_down", "store_unavailable"}


def test_calls_beside_a_closing_end_by_name(url: str) -> None:
    box = eventify.open(url, migrate=True)
    sale = on_sale(box, 10_000)
    one = [LineRequest(ticket_type_id=sale.seats, quantity=1)]
    all_are_at_it = threading.Barrier(9)
    ends: queue.Queue[str] = queue.Queue()

    def buy(thread: int) -> None:
        number = thread * 10_000
        try:
            while True:
                box.bookings.buy(person(number), event_id=sale.event, lines=one)
                box.ticket_types.get(ADA, sale.event, sale.seats)
                number += 1
                if number % 10_000 == 5:
                    all_are_at_it.wait(WAIT_S)
        except eventify.EventifyError as error:
            ends.put(error.code)
        except BaseException as error:  # a panic is no Exception
            ends.put(repr(error))

    threads = [threading.Thread(target=buy, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    all_are_at_it.wait(WAIT_S)
    box.close()
    for thread in threads:
        thread.join(WAIT_S)
    assert {ends.get(timeout=WAIT_S) for _ in threads} <= ENDED


class Slow(Bank):
    """Says that it is asked, and answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.may_answer = threading.Event()

    def create(self, request: ChargeRequest) -> Charge:
        self.asked.set()
        assert self.may_answer.wait(WAIT_S)
        return super().create(request)


def _held(box: eventify.Eventify) -> tuple[Actor, eventify.BookingView]:
    sale = on_sale(box, 5, Money(500, "KZT"))
    bob = bob_of(box)
    return bob, box.bookings.hold(bob, event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=1)])


def test_closing_ends_a_call_that_waits_for_the_hosts_code() -> None:
    bank = Slow()
    box = eventify.open("memory:", payment_providers=[bank])
    bob, held = _held(box)
    ends: queue.Queue[object] = queue.Queue()

    def pay() -> None:
        try:
            box.payments.start(bob, booking_id=held.id)
        except BaseException as error:  # a panic is no Exception
            ends.put(error)
        finally:
            bank.may_answer.set()  # closing waits for the host's code, a while

    paying = threading.Thread(target=pay)
    paying.start()
    assert bank.asked.wait(WAIT_S)
    box.close()
    paying.join(WAIT_S)
    assert isinstance(ends.get(timeout=WAIT_S), eventify.ClosedError)


def test_ctrl_c_ends_the_waiting_and_not_the_work() -> None:
    class Interrupting(Slow):
        def create(self, request: ChargeRequest) -> Charge:
            os.kill(os.getpid(), signal.SIGINT)
            return super().create(request)

    bank = Interrupting()
    with eventify.open("memory:", payment_providers=[bank]) as box:
        bob, held = _held(box)
        feed = box.notifications.listen(bob)
        # A shell that starts the tests in the background has Ctrl-C ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                box.payments.start(bob, booking_id=held.id)
        finally:
            signal.signal(signal.SIGINT, before)
        bank.may_answer.set()
        told = next(of for of in feed if of.kind is eventify.FactName.TICKET_PURCHASED)
        assert told.title and len(box.bookings.get(bob, held.id).tickets) == 1


def test_ctrl_c_leaves_the_next_one_of_a_feed_to_whoever_asks_again() -> None:
    with eventify.open("memory:") as box:
        bob = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
        feed = box.notifications.listen(Actor.user(bob.id, Role.ATTENDEE))
        interrupted = threading.Event()

        def heard(_: int, frame: FrameType | None) -> None:
            # Only while the feed is waited for: elsewhere it would end the test.
            if frame is not None and frame.f_code is eventify.Feed.__next__.__code__ and not interrupted.is_set():
                interrupted.set()
                raise KeyboardInterrupt

        def interrupt() -> None:
            while not interrupted.wait(0.01):
                os.kill(os.getpid(), signal.SIGINT)

        before = signal.signal(signal.SIGINT, heard)
        interrupting = threading.Thread(target=interrupt)
        try:
            # The first one may be heard before the waiting begins.
            for _ in range(3):
                interrupted.clear()
                interrupting = threading.Thread(target=interrupt)
                interrupting.start()
                with pytest.raises(KeyboardInterrupt):
                    next(feed)
                interrupting.join(WAIT_S)
        finally:
            interrupted.set()
            interrupting.join(WAIT_S)
            signal.signal(signal.SIGINT, before)
        for title in ("One", "Two", "Three", "Four"):
            box.notifications.send(Actor.system(), user_id=bob.id, title=title, body="!")
        assert next(feed).title == "One"


def test_an_answer_that_came_with_the_cancelling_is_the_next_one() -> None:
    async def main() -> None:
        async with aio.open("memory:") as box:
            bob = await box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
            async with await box.notifications.listen(Actor.user(bob.id, Role.ATTENDEE)) as feed:
                waiting = asyncio.ensure_future(feed.__anext__())
                await asyncio.sleep(0)
                # Heard when the answer is there, and before whoever waits takes it.
                assert feed._waiting is not None
                feed._waiting.add_done_callback(lambda _: waiting.cancel())
                for title in ("One", "Two"):
                    await box.notifications.send(Actor.system(), user_id=bob.id, title=title, body="!")
                with pytest.raises(asyncio.CancelledError):
                    await asyncio.wait_for(waiting, WAIT_S)
                assert (await asyncio.wait_for(feed.__anext__(), WAIT_S)).title == "One"
                assert (await asyncio.wait_for(feed.__anext__(), WAIT_S)).title == "Two"

    asyncio.run(main())


def test_a_client_whose_loop_has_ended_is_closed_in_another(tmp_path: Path) -> None:
    url = f"redb:{tmp_path}/box.redb"

    async def left_open() -> aio.Eventify:
        return await aio.open(url)

    box = asyncio.run(left_open())

    async def close() -> None:
        with pytest.raises(RuntimeError, match="another event loop"):
            await box.ping()
        await box.close()
        assert box.closed
        await box.close()

    asyncio.run(close())
    eventify.open(url).close()


def test_closing_goes_on_when_whoever_awaits_it_is_cancelled() -> None:
    async def main() -> None:
        box = await aio.open("memory:")
        sale = await on_sale_async(box, 100)
        one = [LineRequest(ticket_type_id=sale.seats, quantity=1)]
        orders = [box.bookings.buy(person(number), event_id=sale.event, lines=one) for number in range(200)]
        buying = [asyncio.ensure_future(order) for order in orders]
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(box.close())
        await asyncio.sleep(0)
        closing.cancel()
        ends = await asyncio.wait_for(asyncio.gather(*buying, return_exceptions=True), WAIT_S)
        assert closing.cancelled()
        refused = {end.code for end in ends if isinstance(end, eventify.EventifyError)}
        assert refused <= ENDED | {"sold_out"}
        bought = [end for end in ends if isinstance(end, eventify.Purchase)]
        assert bought and len(bought) + sum(isinstance(end, eventify.EventifyError) for end in ends) == 200
        await box.close()
        assert box.closed

    asyncio.run(main())


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_feed_that_was_waited_for_is_let_go(by_hand: bool) -> None:
    async def main() -> None:
        async with aio.open("memory:") as box:
            # A person has 64 feeds at most.
            for _ in range(100):
                feed = await box.notifications.listen(person(1))
                waiting = asyncio.ensure_future(feed.__anext__())
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
                if by_hand:
                    await feed.close()
                    with pytest.raises(StopAsyncIteration):
                        await asyncio.wait_for(feed.__anext__(), WAIT_S)
                else:
                    del feed, waiting
                    gc.collect()

    asyncio.run(main())


def test_closing_a_feed_ends_the_waiting_of_another_thread() -> None:
    with eventify.open("memory:") as box:
        feed = box.notifications.listen(person(1))
        heard: queue.Queue[list[str]] = queue.Queue()
        threading.Thread(target=lambda: heard.put([told.title for told in feed])).start()
        feed.close()
        assert heard.get(timeout=WAIT_S) == []


def test_two_who_wait_for_one_feed_get_one_each() -> None:
    async def main() -> None:
        async with aio.open("memory:") as box:
            bob = await box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
            async with await box.notifications.listen(Actor.user(bob.id, Role.ATTENDEE)) as feed:
                waiting = [asyncio.ensure_future(feed.__anext__()) for _ in range(2)]
                for title in ("One", "Two"):
                    await box.notifications.send(Actor.system(), user_id=bob.id, title=title, body="!")
                told = await asyncio.wait_for(asyncio.gather(*waiting), WAIT_S)
                assert [of.title for of in told] == ["One", "Two"]

    asyncio.run(main())


def test_a_begun_export_keeps_no_file(tmp_path: Path) -> None:
    url = f"redb:{tmp_path}/box.redb"
    box = eventify.open(url)
    sale = on_sale(box, 5)
    box.bookings.buy(person(1), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=2)])
    rows = iter(box.exports.attendees(ADA, sale.event))
    assert next(rows).ticket_type_id == sale.seats
    box.close()
    with eventify.open(url) as again:
        assert again.ticket_types.get(ADA, sale.event, sale.seats).sold == 2
        next(rows)  # of the piece that was read
        with pytest.raises(eventify.ClosedError):
            next(rows)


class Hanging(eventify.Notifier):
    """Hands nothing over until it may."""

    def __init__(self) -> None:
        self.hanging = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.most = self.now = 0
        self.counting = threading.Lock()

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self.counting:
            self.now += 1
            self.most = max(self.most, self.now)
        self.hanging.release()
        assert self.may_end.wait(WAIT_S)
        yield
        with self.counting:
            self.now -= 1

    def deliver(self, channel: Channel, to: Recipient, message: Message) -> None:
        with self.counted():
            pass


async def _login(box: aio.Eventify) -> None:
    tokens = box.accounts.login(Actor.anonymous(), email="p1@example.org", password="a long secret")
    assert (await asyncio.wait_for(tokens, WAIT_S)).access_token


async def _crowd(box: aio.Eventify, people: int) -> None:
    for number in range(people):
        await box.accounts.register(
            Actor.anonymous(), name="Somebody", email=f"p{number}@example.org", password="a long secret"
        )


def test_a_notifier_that_hangs_keeps_nobody_from_logging_in() -> None:
    async def main() -> None:
        hanging = Hanging()
        async with aio.open("memory:", notifier=hanging) as box:
            try:
                await _crowd(box, 40)
                for _ in range(16):
                    assert await asyncio.to_thread(hanging.hanging.acquire, timeout=WAIT_S)
                await _login(box)
            finally:
                hanging.may_end.set()
        assert hanging.most == 16

    asyncio.run(main())


class Deaf(Callers):
    """Reads no callback until it may."""

    def __init__(self, hanging: Hanging) -> None:
        super().__init__()
        self.hanging = hanging

    def parse_callback(self, callback: ProviderCallback, now: object) -> CallbackNews:
        with self.hanging.counted():
            return None


def test_callbacks_that_hang_keep_nobody_from_logging_in() -> None:
    async def main() -> None:
        hanging = Hanging()
        async with aio.open("memory:", payment_providers=[Deaf(hanging)]) as box:
            await _crowd(box, 2)
            ask = box.payments.callback
            asked = [asyncio.ensure_future(ask("bank", path="/", query="", headers={}, body=b"?")) for _ in range(40)]
            try:
                for _ in range(16):
                    assert await asyncio.to_thread(hanging.hanging.acquire, timeout=WAIT_S)
                await _login(box)
            finally:
                hanging.may_end.set()
            answers = await asyncio.wait_for(asyncio.gather(*asked), WAIT_S)
            assert {answer.status for answer in answers} == {200}
        assert hanging.most == 16

    asyncio.run(main())


def test_what_ends_programs_ends_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    said: queue.Queue[Any] = queue.Queue()
    monkeypatch.setattr(sys, "unraisablehook", lambda shown: said.put(shown.exc_value))

    class Leaving(eventify.Notifier):
        def deliver(self, channel: Channel, to: Recipient, message: Message) -> None:
            raise SystemExit(3)

    with eventify.open("memory:", notifier=Leaving()) as box:
        bob_of(box)
        assert isinstance(said.get(timeout=WAIT_S), SystemExit)
        box.ping()
