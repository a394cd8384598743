"""Notifiers and payment providers that are written in Python, and their exceptions."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import queue
import threading
import time
from datetime import datetime, timedelta

import pytest
from conftest import on_sale

import eventify
from eventify import (
    Actor, CallbackAnswer, CallbackNews, Channel, Charge, ChargeCheck, ChargeKey, ChargeMoved, ChargeNews, ChargeRequest, ChargeStatus, LineRequest,
    Message, Money, MoneyMoved, PaymentId, ProviderCallback, ProviderRefused, ReceiptStatus, Recipient, RefundNews, RefundReceipt, RefundRequest, Role,
    Verdict, aio,
)
from eventify._hosts import Host

WAIT_S = 60


class Postbox(eventify.Notifier):
    """Remembers what it was given; fails first if told to."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.tried: queue.Queue[str] = queue.Queue()
        self.got: queue.Queue[tuple[Channel, str, str]] = queue.Queue()

    def deliver(self, channel: Channel, to: Recipient, message: Message) -> None:
        self.tried.put(message.dedupe_key)
        if self.failures:
            raise self.failures.pop(0)
        self.got.put((channel, to.email, message.title))


def bob_of(box: eventify.Eventify) -> Actor:
    bob = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
    return Actor.user(bob.id, Role.ATTENDEE)


def test_a_loop_that_ends_before_the_hosts_coroutine_has_its_turn_keeps_nobody_waiting() -> None:
    class Ending(asyncio.SelectorEventLoop):
        """Runs when it is asked, and never again."""

        asked = True

        def is_running(self) -> bool:
            return not self.asked

        def call_soon_threadsafe(self, *_: object, **__: object) -> asyncio.Handle:
            self.asked = True
            return asyncio.Handle(print, (), self)

    async def never() -> None:
        raise AssertionError("it has no turn")

    said: queue.Queue[tuple[str, str]] = queue.Queue()
    loop = Ending()
    loop.asked = False
    host, coroutine = Host(loop), never()
    waiting = threading.Thread(target=lambda: said.put(host.said(lambda: str(host._wait(coroutine)))), daemon=True)
    waiting.start()
    assert said.get(timeout=WAIT_S) == ("transient", "RuntimeError")
    coroutine.close()
    loop.close()


def test_a_notifier_is_told_of_a_purchase() -> None:
    postbox = Postbox()
    with eventify.open("memory:", notifier=postbox) as box:
        sale = on_sale(box, 5)
        box.bookings.buy(bob_of(box), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=1)])
        titles: set[str] = set()
        while not any("icket" in title for title in titles):
            channel, email, title = postbox.got.get(timeout=WAIT_S)
            assert (channel, email) == (Channel.EMAIL, "bob@example.org")
            titles.add(title)


def test_what_a_host_raises_becomes_another_attempt(caplog: pytest.LogCaptureFixture) -> None:
    postbox = Postbox(RuntimeError("a secret of the host"))
    settings = eventify.Settings(job_attempts_max=1)
    with caplog.at_level(logging.CRITICAL, "eventify"), eventify.open("memory:", notifier=postbox, settings=settings) as box:
        bob_of(box)
        postbox.tried.get(timeout=WAIT_S)
        dead = _dead(box)
        assert "secret" not in str(dead) and "RuntimeError" in str(dead)


def test_a_permanent_failure_is_not_repeated() -> None:
    postbox = Postbox(eventify.DeliveryError("no such mailbox", permanent=True))
    with eventify.open("memory:", notifier=postbox) as box:
        bob_of(box)
        postbox.tried.get(timeout=WAIT_S)
        assert "no such mailbox" in str(_dead(box))


def _dead(box: eventify.Eventify) -> tuple[eventify.JobView, ...]:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if dead := box.jobs.dead(Actor.system()).page().data:
            return dead
        time.sleep(0.01)
    raise AssertionError("nothing was given up")


def test_a_notifier_may_be_a_coroutine_in_the_clients_loop() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        got: asyncio.Queue[str] = asyncio.Queue()

        class Letters(eventify.Notifier):
            async def deliver(self, channel: Channel, to: Recipient, message: Message) -> None:
                assert asyncio.get_running_loop() is loop
                await got.put(to.email)

        async with aio.open("memory:", notifier=Letters()) as box:
            await box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
            assert await asyncio.wait_for(got.get(), WAIT_S) == "bob@example.org"

    asyncio.run(main())


class Bank(eventify.PaymentProvider):
    """Takes all money at once, when it can be reached."""

    name = "bank"
    currencies = ("KZT",)
    return_url = "https://box.example/{payment_id}"

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.charges: dict[str, Charge] = {}

    def create(self, request: ChargeRequest) -> Charge:
        if self.failures:
            raise self.failures.pop(0)
        assert request.expires_at.tzinfo is not None
        assert request.return_url == f"https://box.example/{request.payment_id}"
        nothing = Money(0, request.amount.currency)
        charge = Charge(
            reference=f"c-{request.payment_id}", status=ChargeStatus.SUCCEEDED, amount=request.amount, refunded=nothing
        )
        return self.charges.setdefault(request.payment_id, charge)

    async def status(self, charge: ChargeKey) -> Charge:
        if charge.payment_id not in self.charges:
            raise eventify.ChargeUnknown
        return self.charges[charge.payment_id]

    def refund(self, request: RefundRequest) -> RefundReceipt:
        return RefundReceipt(reference=None)


def test_a_payment_provider_takes_money_and_tickets_come() -> None:
    with eventify.open("memory:", payment_providers=[Bank()]) as box:
        sale = on_sale(box, 5, Money(500_000, "KZT"))
        bob = bob_of(box)
        held = box.bookings.hold(bob, event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=2)])
        assert [method.name for method in box.payments.methods()] == ["bank"]
        payment = box.payments.start(bob, booking_id=held.id)
        assert payment.amount == Money(1_000_000, "KZT")
        assert payment.status is eventify.PaymentStatus.SUCCEEDED
        assert len(box.bookings.get(bob, held.id).tickets) == 2


@pytest.mark.parametrize(
    ("failure", "code"),
    [(eventify.ProviderRefused("No."), "payment_refused"), (OSError("down"), "payment_provider_unavailable")],
)
def test_what_a_provider_raises_is_a_refusal(failure: BaseException, code: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "eventify")
    with eventify.open("memory:", payment_providers=[Bank(failure)]) as box:
        sale = on_sale(box, 5, Money(500_000, "KZT"))
        bob = bob_of(box)
        held = box.bookings.hold(bob, event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=1)])
        with pytest.raises(eventify.EventifyError) as refused:
            box.payments.start(bob, booking_id=held.id)
        assert refused.value.code == code
        assert refused.value.retryable is (code == "payment_provider_unavailable")


class Callers(Bank):
    """A bank that calls back, with a word that only it and the host know."""

    callbacks = True
    secret = "between us"

    def create(self, request: ChargeRequest) -> Charge:
        pending = super().create(request)
        self.charges[request.payment_id] = dataclasses.replace(
            pending, status=ChargeStatus.PENDING, transaction=f"money of {request.payment_id}"
        )
        return self.charges[request.payment_id]

    def parse_callback(self, callback: ProviderCallback, now: datetime) -> CallbackNews:
        assert now.tzinfo is not None
        if callback.headers.get("x-secret") != self.secret:
            raise eventify.NotGenuine
        word, _, payment = callback.body.partition(b" ")
        payment_id = PaymentId(payment.decode())
        if word == b"broken":
            raise ValueError("a secret of the host")
        if word == b"strange":
            raise ProviderRefused("nobody knows this word")
        charge = self.charges[payment_id]
        if word == b"paid":
            self.charges[payment_id] = charge = dataclasses.replace(charge, status=ChargeStatus.SUCCEEDED)
            return ChargeNews(payment_id, charge)
        if word in (b"look", b"moved"):
            self.charges[payment_id] = dataclasses.replace(charge, status=ChargeStatus.SUCCEEDED)
            return ChargeMoved(payment_id) if word == b"look" else MoneyMoved(f"money of {payment_id}")
        return ChargeCheck(payment_id, charge.amount) if word == b"may" else None

    def answer_callback(self, callback: ProviderCallback, verdict: Verdict, reason: str | None) -> CallbackAnswer:
        if callback.body.startswith(b"mute"):
            raise OSError("no words")
        body = json.dumps({"said": verdict, "why": reason}).encode()
        status = 200 if verdict is Verdict.ACCEPTED else 400
        return CallbackAnswer(status=status, content_type="application/vnd.bank+json", body=body)


def _owed(box: eventify.Eventify) -> tuple[Actor, eventify.BookingView, PaymentId]:
    sale = on_sale(box, 5, Money(500_000, "KZT"))
    bob = bob_of(box)
    held = box.bookings.hold(bob, event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=1)])
    return bob, held, box.payments.start(bob, booking_id=held.id).id


@pytest.mark.parametrize("word", ["paid", "look", "moved"])
def test_a_callback_is_given_to_the_engine_and_answered_in_the_providers_words(word: str) -> None:
    with eventify.open("memory:", payment_providers=[Callers()]) as box:
        bob, held, payment = _owed(box)
        assert box.payments.get(bob, payment).status is eventify.PaymentStatus.PENDING

        def called(said: str, secret: str = "between us") -> tuple[int, dict[str, str | None]]:
            answer = box.payments.callback(
                "bank", path="/callbacks/bank", query="", headers={"x-secret": secret}, body=f"{said} {payment}".encode()
            )
            assert answer.content_type == "application/vnd.bank+json"
            return answer.status, json.loads(answer.body)

        assert called("may") == (200, {"said": "accepted", "why": None})
        assert called("nothing") == (200, {"said": "accepted", "why": None})
        assert called(word, "a guess") == (400, {"said": "not_genuine", "why": None})
        assert box.bookings.get(bob, held.id).tickets == ()
        for _ in range(2):
            assert called(word) == (200, {"said": "accepted", "why": None})
        assert len(box.bookings.get(bob, held.id).tickets) == 1
        assert called("may")[1]["said"] == "refused"
        status, refused = called("strange")
        assert (status, refused["said"]) == (400, "refused") and "nobody knows" in str(refused["why"])


def test_a_callback_that_the_host_fails_at_has_to_come_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "eventify")

    async def main() -> None:
        async with aio.open("memory:", payment_providers=[Callers()]) as box:
            headers = {"x-secret": "between us"}
            broken = await box.payments.callback("bank", path="/", query="", headers=headers, body=b"broken 1")
            assert json.loads(broken.body)["said"] == "try_again" and b"secret" not in broken.body
            mute = await box.payments.callback("bank", path="/", query="", headers=headers, body=b"mute")
            assert (mute.status, mute.body) == (500, b"")
            with pytest.raises(eventify.NotFoundError):
                await box.payments.callback("nobody", path="/", query="", headers={}, body=b"")

    asyncio.run(main())


def test_a_provider_without_callbacks_believes_none() -> None:
    with eventify.open("memory:", payment_providers=[Bank()]) as box:
        answer = box.payments.callback("bank", path="/", query="", headers={}, body=b"paid")
        assert answer.status == 403


class Slowly(Callers):
    """A bank whose refunds are accepted first, and made when it says so."""

    partial_refunds = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: queue.Queue[RefundRequest] = queue.Queue()

    def refund(self, request: RefundRequest) -> RefundReceipt:
        self.asked.put(request)
        return RefundReceipt(reference="back-1", status=ReceiptStatus.PENDING)

    def parse_callback(self, callback: ProviderCallback, now: datetime) -> CallbackNews:
        word, _, rest = callback.body.partition(b" ")
        if word != b"back":
            return super().parse_callback(callback, now)
        payment, key = rest.decode().split()
        return RefundNews(PaymentId(payment), key, RefundReceipt(reference="back-1", status=ReceiptStatus.DONE))


def test_a_refund_may_be_accepted_first_and_made_later() -> None:
    bank = Slowly()
    with eventify.open("memory:", payment_providers=[bank], without_worker=True) as box:
        _, _, payment = _owed(box)

        def called(said: str) -> None:
            answer = box.payments.callback("bank", path="/", query="", headers={"x-secret": "between us"}, body=said.encode())
            assert answer.status == 200

        def refund() -> eventify.RefundView:
            return box.payments.get(Actor.system(), payment).refunds[0]

        called(f"paid {payment}")
        box.payments.refund(Actor.system(), payment, amount=Money(100_000, "KZT"))
        assert refund().status is eventify.RefundStatus.DUE and bank.asked.empty()
        while box.jobs.run_due():
            pass
        asked = bank.asked.get_nowait()
        assert (asked.amount, asked.failed_before) == (Money(100_000, "KZT"), 0)
        assert refund().status is eventify.RefundStatus.SENT
        called(f"back {payment} {asked.idempotency_key}")
        assert refund().status is eventify.RefundStatus.DONE


def test_everything_that_the_port_can_say_is_passed_on() -> None:
    class Counter(Bank):
        name = "counter"
        by_hand = True

    assert Bank().refund_status(RefundRequest(
        idempotency_key="k", charge=ChargeKey(payment_id=PaymentId("p"), reference=None), charged=Money(2, "KZT"), amount=Money(1, "KZT"),
        refunded_before=Money(0, "KZT"), failed_before=0, others=(), asked_before=True, reference=None, description="",
    )) == RefundReceipt(reference=None)
    with eventify.open("memory:", payment_providers=[Bank(), Counter()]) as box:
        assert [(method.name, method.by_hand) for method in box.payments.methods()] == [("bank", False), ("counter", True)]


def test_a_notifier_that_is_busy_has_used_up_no_attempt() -> None:
    postbox = Postbox(*[eventify.DeliveryError("thirty letters lie here", busy=True)] * 3)
    settings = eventify.Settings(job_attempts_max=1)
    with eventify.open("memory:", notifier=postbox, settings=settings) as box:
        bob_of(box)
        assert postbox.got.get(timeout=WAIT_S)[1] == "bob@example.org"
        assert postbox.tried.qsize() == 4


def test_what_a_notifier_may_say_of_a_failure_is_told_apart() -> None:
    def verdict(**why: bool) -> str:
        def fail() -> str:
            raise eventify.DeliveryError("no", **why)

        return Host(None).said(fail)[0]

    assert [verdict(), verdict(busy=True), verdict(away=True), verdict(permanent=True)] == ["transient", "busy", "away", "permanent"]


def test_a_host_may_call_the_engine_from_its_callback() -> None:
    found: queue.Queue[str] = queue.Queue()

    class Curious(eventify.Notifier):
        def deliver(self, channel: Channel, to: Recipient, message: Message) -> None:
            found.put(box.accounts.profile(Actor.system(), to.user_id).name)

    with eventify.open("memory:", notifier=Curious()) as box:
        bob_of(box)
        assert found.get(timeout=WAIT_S) == "Bob"


def test_a_feed_tells_and_goes_on_where_a_cancelled_wait_left_it() -> None:
    async def main() -> None:
        async with aio.open("memory:") as box:
            anybody, system = Actor.anonymous(), Actor.system()
            bob = await box.accounts.register(anybody, name="Bob", email="bob@example.org", password="bob secret one")
            async with await box.notifications.listen(Actor.user(bob.id, Role.ATTENDEE)) as feed:
                waiting = asyncio.ensure_future(feed.__anext__())
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
                for title in ("One", "Two"):
                    await box.notifications.send(system, user_id=bob.id, title=title, body="!")
                told = [(await asyncio.wait_for(feed.__anext__(), WAIT_S)).title for _ in range(2)]
                assert told == ["One", "Two"]

    asyncio.run(main())


def test_settings_are_taken() -> None:
    with eventify.open("memory:", settings=eventify.Settings(hold_for=timedelta(minutes=2))) as box:
        sale = on_sale(box, 5, Money(500, "KZT"))
        held = box.bookings.hold(bob_of(box), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=1)])
        assert held.expires_at == held.created_at + timedelta(minutes=2)
