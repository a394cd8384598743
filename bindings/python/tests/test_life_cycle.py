"""From registration to the review, over every store, waiting and awaiting."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from conftest import tomorrow

import eventify
from eventify import Actor, BookingStatus, LineRequest, Money, Role, TicketStatus, aio


def test_the_whole_life_cycle(url: str) -> None:
    with eventify.open(url, migrate=True) as box:
        ada = box.accounts.register(Actor.anonymous(), name="Ada", email="ada@example.org", password="ada secret one")
        tokens = box.accounts.login(Actor.anonymous(), email="ada@example.org", password="ada secret one")
        assert tokens.access_token not in repr(tokens) and tokens.refresh_token not in repr(tokens)
        promoted = box.accounts.become_organizer(box.accounts.authenticate(tokens.access_token))
        assert promoted.tokens is not None
        organizer = box.accounts.authenticate(promoted.tokens.access_token)
        assert organizer.user_id == ada.id

        start = tomorrow()
        draft = box.events.create(organizer, title="Fado", starts_at=start, ends_at=start + timedelta(hours=2), city="Almaty")
        assert draft.starts_at == start and draft.version is not None
        changed = box.events.update(organizer, draft.id, city=None, title="Fado night", if_match=draft.version)
        assert (changed.city, changed.title) == (None, "Fado night")
        with pytest.raises(eventify.StaleError) as stale:
            box.events.update(organizer, draft.id, title="Late", if_match=draft.version)
        assert stale.value.code == eventify.Reason.PRECONDITION_FAILED
        stalls = box.ticket_types.create(organizer, draft.id, name="Stalls", quantity=3, price=Money(150_000, "KZT"))
        free = box.ticket_types.create(organizer, draft.id, name="Standing", quantity=10)
        box.events.publish(organizer, draft.id)

        bob = Actor.user(
            box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one").id,
            Role.ATTENDEE,
        )
        wanted = [LineRequest(ticket_type_id=stalls.id, quantity=2)]
        held = box.bookings.hold(bob, event_id=draft.id, lines=wanted, idempotency_key="order-1")
        again = box.bookings.hold(bob, event_id=draft.id, lines=wanted, idempotency_key="order-1")
        assert held == again and again.replayed and not held.replayed
        assert held.status is BookingStatus.HELD and held.total == Money(300_000, "KZT")
        sold = box.bookings.confirm(organizer, held.id)
        assert len(sold.tickets) == 2
        assert box.ticket_types.get(bob, draft.id, stalls.id).available == 1

        code = sold.tickets[0].code
        assert box.tickets.validate(organizer, code).valid
        assert box.tickets.check_in(organizer, code, gate="North").status is TicketStatus.USED
        with pytest.raises(eventify.RuleError) as twice:
            box.tickets.check_in(organizer, code)
        assert twice.value.code == "already_used" and twice.value.details["gate"] == "North"
        assert box.tickets.qr_png(bob, code).startswith(b"\x89PNG")
        assert "<svg" in box.tickets.qr_svg(bob, code)

        bought = box.bookings.buy(bob, event_id=draft.id, lines=[LineRequest(ticket_type_id=free.id, quantity=1)])
        cancelled = box.bookings.cancel(bob, bought.booking.id)
        assert cancelled.status is BookingStatus.CANCELLED
        names = {attendee["name"] for attendee in box.tickets.attendees(organizer, draft.id).to_dicts()}
        assert names == {"Bob"}
        told = [notification.kind for notification in box.notifications.list(bob)]
        assert eventify.FactName.TICKET_PURCHASED in told
        assert box.stats.of_event(organizer, draft.id, bucket=eventify.Bucket.DAY).sold == 2


def test_the_same_awaited(url: str) -> None:
    async def main() -> None:
        async with aio.open(url, migrate=True) as box:
            anybody = Actor.anonymous()
            ada = await box.accounts.register(anybody, name="Ada", email="ada@example.org", password="ada secret one")
            organizer = Actor.user(ada.id, Role.ORGANIZER)
            start = tomorrow()
            event = await box.events.create(organizer, title="Fado", starts_at=start, ends_at=start + timedelta(hours=2))
            seats = await box.ticket_types.create(organizer, event.id, name="Seat", quantity=30)
            await box.events.publish(organizer, event.id)
            bob = await box.accounts.register(anybody, name="Bob", email="bob@example.org", password="bob secret one")
            buyer = Actor.user(bob.id, Role.ATTENDEE)
            bought = await box.bookings.buy(
                buyer, event_id=event.id, lines=[LineRequest(ticket_type_id=seats.id, quantity=25)]
            )
            listed = [ticket.id async for ticket in box.tickets.mine(buyer, page_size=10)]
            assert sorted(listed) == sorted(ticket.id for ticket in bought.tickets)
            pages = [len(page.data) async for page in box.tickets.mine(buyer, page_size=10).pages()]
            assert pages == [10, 10, 5]
            assert len([row async for row in box.exports.attendees(organizer, event.id)]) == 25
            seen = await box.tickets.check_in(organizer, bought.tickets[0].code)
            assert seen.status is TicketStatus.USED
            with pytest.raises(eventify.NotFoundError):
                await box.bookings.get(buyer, eventify.BookingId("01978c5e-0000-7000-8000-00000000ffff"))

    asyncio.run(main())


def test_what_was_sold_is_there_when_the_file_is_opened_again(tmp_path: object) -> None:
    url = f"redb:{tmp_path}/box.redb"
    with eventify.open(url) as box:
        box.accounts.register(Actor.anonymous(), name="Ada", email="ada@example.org", password="ada secret one")
    with eventify.open(url) as box, pytest.raises(eventify.RuleError) as taken:
        box.accounts.register(Actor.anonymous(), name="Eve", email="ada@example.org", password="eve secret one")
    assert taken.value.code == "email_taken"
