"""Values, errors, and what is refused before the engine is asked."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import inspect
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pandas
import pyarrow
import pytest
from conftest import ADA, on_sale, person, tomorrow

import eventify
from eventify import Actor, LineRequest, Money, _eventify, _kinds, _nouns, _table, _values, aio
from eventify.aio import _nouns as aio_nouns


def test_every_category_has_its_class() -> None:
    assert set(_kinds.KINDS) == {
        "Malformed", "Invalid", "Unauthenticated", "Forbidden", "NotFound", "Rule", "Stale", "Throttled", "Unavailable",
        "Internal",
    }
    for kind in _kinds.KINDS.values():
        assert issubclass(kind, eventify.EventifyError) and inspect.getdoc(kind)


def test_an_error_says_what_a_program_needs() -> None:
    with eventify.open("memory:") as box:
        with pytest.raises(eventify.InvalidError) as invalid:
            box.events.create(ADA, title="x" * 201, starts_at=tomorrow(), ends_at=tomorrow() + timedelta(hours=1))
        error = invalid.value
        assert (error.code, error.retryable, error.retry_after) == ("invalid_value", False, None)
        assert error.fields[0].field == "title" and "200" in error.fields[0].message
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is eventify.InvalidError and again.fields == error.fields and str(again) == str(error)
        sale = on_sale(box, 1)
        with pytest.raises(eventify.RuleError) as left:
            box.bookings.buy(person(1), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=2)])
        assert left.value.code == "not_enough_left" and left.value.details["available"] == 1


@pytest.mark.parametrize("url", ["", "redb:", "mysql://h/d", "box.redb", "memory:x"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(eventify.InvalidError) as invalid:
        eventify.open(url)
    assert invalid.value.fields[0].field == "url"


def test_a_password_in_a_url_is_never_shown() -> None:
    with pytest.raises(eventify.EventifyError) as failed:
        eventify.open("postgres://ada:s3cret@127.0.0.1:1/tickets")
    assert failed.value.code == "store_unavailable" and failed.value.retryable
    assert "s3cret" not in str(failed.value) + repr(failed.value)
    with pytest.raises(eventify.InvalidError) as invalid:
        eventify.open("postgers://ada:s3cret@db/tickets")
    assert "s3cret" not in str(invalid.value) + repr(invalid.value)


def test_instants_have_a_zone_and_come_back_in_utc() -> None:
    with eventify.open("memory:") as box:
        with pytest.raises(ValueError, match="starts_at: an instant needs a time zone"):
            box.events.create(ADA, title="Fado", starts_at=datetime(2030, 1, 1, 10, 0))
        for beyond in (datetime.min.replace(tzinfo=timezone(timedelta(hours=5))), datetime.max.replace(tzinfo=timezone(-timedelta(hours=5)))):
            with pytest.raises(ValueError, match="starts_at: an instant lies in the years 1 to 9999"):
                box.events.create(ADA, title="Fado", starts_at=beyond)
        almaty = datetime(2030, 1, 1, 19, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
        event = box.events.create(ADA, title="Fado", starts_at=almaty, ends_at=almaty + timedelta(hours=1))
        assert event.starts_at == almaty and event.starts_at.tzinfo is UTC


def test_absent_and_none_are_told_apart() -> None:
    with eventify.open("memory:") as box:
        start = tomorrow()
        event = box.events.create(ADA, title="Fado", starts_at=start, ends_at=start + timedelta(hours=1), venue="Hall", city="Almaty")
        same = box.events.update(ADA, event.id, venue=eventify.UNSET)
        assert (same.venue, same.city) == ("Hall", "Almaty")
        cleared = box.events.update(ADA, event.id, venue=None)
        assert (cleared.venue, cleared.city) == (None, "Almaty")


def test_preferences_name_only_what_changes() -> None:
    with eventify.open("memory:") as box:
        user = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
        bob = Actor.user(user.id, eventify.Role.ATTENDEE)
        kind, channel = eventify.NoticeKind.REMINDER, eventify.Channel.EMAIL
        before = box.notifications.preferences(bob)
        after = box.notifications.set_preferences(bob, kinds={kind: {channel: False}}, language="kk")
        assert (before.kinds[kind][channel], after.kinds[kind][channel], after.language) == (True, False, "kk")
        assert box.notifications.set_preferences(bob, language=None).language in (None, "en")


def test_wrong_types_are_refused_before_anything_happens() -> None:
    with eventify.open("memory:") as box:
        with pytest.raises(TypeError, match="a text or an id"):
            box.events.get(ADA, 7)  # type: ignore[arg-type]
        with pytest.raises(eventify.InvalidError):
            box.events.get(ADA, eventify.EventId("not a UUID"))
        with pytest.raises(TypeError):
            box.events.get("ada", eventify.EventId("x"))  # type: ignore[arg-type]
        with pytest.raises(eventify.InvalidError):
            Actor.user("not a UUID", "attendee")
        with pytest.raises(eventify.InvalidError):
            Actor.user("01978c5e-0000-7000-8000-000000000001", "emperor")


def test_what_is_asked_is_json_whatever_is_in_it() -> None:
    asked = {
        'a "quoted" name\n': ["Ünï\t\"\n", 1, -2.5, True, None, {"x": ()}],
        eventify.Role.ADMIN: frozenset({7}),
        "bytes": b"\x01\x02",
        "span": timedelta(seconds=1, microseconds=5),
        "price": Money(5, "EUR"),
        "word": eventify.Role.ADMIN,
    }
    text = _values.value(asked)
    assert "\n" not in text, "each parameter is a line"
    assert json.loads(text) == {
        'a "quoted" name\n': ["Ünï\t\"\n", 1, -2.5, True, None, {"x": []}],
        "admin": [7],
        "bytes": [1, 2],
        "span": {"secs": 1, "nanos": 5_000},
        "price": {"amount_minor": 5, "currency": "EUR"},
        "word": "admin",
    }
    members = {"said": False, "unsaid": None, "unset": eventify.UNSET, "cleared": _values.null(None), **_values.flat({'x":1,"y': 2})}
    assert json.loads(_values.request(members)) == {"said": False, "cleared": None, 'x":1,"y': 2}
    with pytest.raises(ValueError, match="at: an instant needs a time zone"):
        _values.request({"at": [datetime(2030, 1, 1)]})
    for wrong in (float("nan"), [float("inf")], timedelta(seconds=-1)):
        with pytest.raises(ValueError):
            _values.value(wrong)
    with pytest.raises(TypeError, match="object is nothing that the engine takes"):
        _values.value([object()])


def test_a_closed_engine_says_so() -> None:
    box = eventify.open("memory:")
    box.close()
    box.close()
    with pytest.raises(eventify.ClosedError) as closed:
        box.events.list(ADA).page()
    assert closed.value.code == "closed" and box.closed


def test_a_client_belongs_to_its_event_loop() -> None:
    box = asyncio.run(_opened())
    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(_ask(box))
    box._engine.native.close()


async def _opened() -> aio.Eventify:
    return await aio.open("memory:")


async def _ask(box: aio.Eventify) -> None:
    await box.events.get(ADA, eventify.EventId("01978c5e-0000-7000-8000-000000000001"))


def test_money_is_whole_and_of_one_currency() -> None:
    assert Money(5, "EUR") - Money(7, "EUR") == Money(-2, "EUR")
    assert not Money(0, "EUR") and Money(1, "EUR")
    with pytest.raises(ValueError, match="EUR and KZT"):
        Money(1, "EUR") + Money(1, "KZT")


def test_both_clients_have_the_same_shape() -> None:
    for name in _nouns.__all__:
        waiting, awaiting = getattr(_nouns, name), getattr(aio_nouns, name)
        for method, function in inspect.getmembers(waiting, inspect.isfunction):
            if not method.startswith("_"):
                other = getattr(awaiting, method)
                assert inspect.signature(function).parameters == inspect.signature(other).parameters, (name, method)
                assert inspect.getdoc(function)


def test_every_operation_has_its_number() -> None:
    assert len(_eventify.OPERATIONS) == len(set(_eventify.OPERATIONS)) > 150
    with pytest.raises(eventify.InternalError), eventify.open("memory:") as box:
        box._engine.call(100_000, None, None, "")


def test_lists_become_tables() -> None:
    with eventify.open("memory:") as box:
        sale = on_sale(box, 5, Money(500, "KZT"))
        held = box.bookings.hold(person(1), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=3)])
        box.bookings.confirm(ADA, held.id)
        row = box.bookings.mine(person(1)).to_dicts()[0]
        assert (row["total_minor"], row["total_currency"], row["status"]) == (1_500, "KZT", "confirmed")
        assert len(box.exports.attendees(ADA, sale.event).to_dicts()) == 3
        attendees = box.exports.attendees(ADA, sale.event)
        assert attendees.to_dicts() == attendees.to_dicts(), "each iteration begins anew"
        table = attendees.to_arrow()
        assert isinstance(table, pyarrow.Table) and table.num_rows == 3
        assert table.column_names == list(attendees.to_dicts()[0]) and table.to_pylist() == attendees.to_dicts()
        assert table.schema.field("purchased_at").type == pyarrow.timestamp("us", tz="UTC")
        frame = pandas.DataFrame(attendees.to_dicts())
        assert list(frame.columns) == table.column_names and len(frame) == 3
        assert str(frame["purchased_at"].dt.tz) == "UTC" and set(frame["status"]) == {"active"}


def test_a_table_without_entries_has_its_columns_and_their_types() -> None:
    with eventify.open("memory:") as box:
        sale = on_sale(box, 5, Money(500, "KZT"))
        empty = [
            export.to_arrow() for export in (
                box.exports.attendees(ADA, sale.event), box.exports.bookings(ADA, sale.event), box.exports.ledger(ADA, sale.event)
            )
        ]
        held = box.bookings.hold(person(1), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=2)])
        box.bookings.confirm(ADA, held.id)
        full = [
            export.to_arrow() for export in (
                box.exports.attendees(ADA, sale.event), box.exports.bookings(ADA, sale.event), box.exports.ledger(ADA, sale.event)
            )
        ]
        for before, after in zip(empty, full, strict=True):
            assert before.num_rows == 0 and before.schema == after.schema and len(before.schema) > 5
            assert pyarrow.null() not in before.schema.types
        assert (full[0].num_rows, full[1].num_rows) == (2, 1)
        assert box.bookings.mine(person(2)).to_dicts() == []
        seats = {"seat_section", "seat_row", "seat_seat"} & set(empty[0].column_names)
        assert seats or any(name.startswith("seat_") for name in empty[0].column_names)


def test_every_list_has_a_schema() -> None:
    kinds = [kind for kind in map(eventify.__dict__.get, eventify.__all__) if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert len(kinds) > 100
    for kind in kinds:
        columns = _table._columns(kind)
        assert len({column.name for column in columns}) == len(columns), kind
        pyarrow.schema([(column.name, _table._arrow(column.kind, pyarrow) or pyarrow.null()) for column in columns])


def test_answers_do_not_change() -> None:
    kinds = [kind for kind in map(eventify.__dict__.get, eventify.__all__) if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    for kind in kinds:
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]
    with eventify.open("memory:") as box:
        sale = on_sale(box, 5, Money(500, "KZT"))
        held = box.bookings.hold(person(1), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=3)])
        user = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
        wishes = box.notifications.preferences(Actor.user(user.id, eventify.Role.ATTENDEE))
        for answer in (held, user, wishes, box.events.get(ADA, sale.event)):
            field = dataclasses.fields(answer)[0].name
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(answer, field, None)
            assert pickle.loads(pickle.dumps(answer)) == answer == copy.deepcopy(answer)
            # Also what it consists of: otherwise it had no hash.
            assert len({answer, answer}) == 1
        assert isinstance(held.lines, tuple)
        kinds_before = repr(wishes.kinds)
        with pytest.raises(TypeError):
            wishes.kinds[eventify.NoticeKind.REMINDER] = {}  # type: ignore[index]
        with pytest.raises(TypeError):
            wishes.kinds[eventify.NoticeKind.REMINDER][eventify.Channel.EMAIL] = False  # type: ignore[index]
        assert repr(wishes.kinds) == kinds_before


def test_a_part_that_the_first_entry_lacks_is_in_the_table() -> None:
    with eventify.open("memory:") as box:
        sale = on_sale(box, 5, Money(500, "KZT"))
        wanted = [LineRequest(ticket_type_id=sale.seats, quantity=1)]
        box.bookings.hold(person(1), event_id=sale.event, lines=wanted)
        held = box.bookings.hold(person(2), event_id=sale.event, lines=wanted)
        box.bookings.confirm(ADA, held.id)
        box.bookings.cancel(ADA, held.id)
        bookings = box.exports.bookings(ADA, sale.event)
        rows = bookings.to_dicts()
        assert [row["refund_minor"] for row in rows] == [None, 500]
        assert [row["refund_currency"] for row in rows] == [None, "KZT"]
        assert len({tuple(row) for row in rows}) == 1 and "refund" not in rows[0]
        table = bookings.to_arrow()
        assert isinstance(table, pyarrow.Table) and table.column("refund_minor").to_pylist() == [None, 500]


def test_what_is_shown_once_is_never_printed() -> None:
    with eventify.open("memory:") as box:
        sale = on_sale(box, 5, Money(500, "KZT"))
        device = box.staff(sale.event).add_device(ADA, name="North gate")
        assert device.key is not None and device.key not in repr(device) and "evd_" not in repr(device)
        told = box.notifications.set_preferences(person(1), phone="+77011234567")
        assert told.phone == "+77011234567" and "7701" not in repr(told)
    # Whoever knows where a browser listens can send to it.
    browser = eventify.PushTarget(id=eventify.PushSubscriptionId("b"), address={"Web": {"endpoint": "https://push.example/secret"}})
    assert "push.example" not in repr(browser)


def test_help_reads_well() -> None:
    import pydoc

    shown = pydoc.plain(pydoc.render_doc(_nouns.Bookings))
    assert "Reserves seats for a while" in shown and "idempotency_key" in shown and "Raises:" in shown
    for module in (_nouns, aio_nouns):
        for noun in (getattr(module, name) for name in module.__all__):
            shown = pydoc.plain(pydoc.render_doc(noun))
            for name, method in inspect.getmembers(noun, inspect.isfunction):
                if name.startswith("_"):
                    continue
                docs = inspect.getdoc(method) or ""
                assert docs.splitlines()[0] in shown, name
                # Nobody has to know Rust, or a wide terminal.
                assert "::" not in docs and "[`" not in docs and "Option<" not in docs, name
                prose = [line for line in docs.splitlines() if not line.startswith((">>>", "..."))]
                assert max(map(len, prose)) <= 110, name
