"""Other systems are told of facts, signed, over a real connection."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import ADA, on_sale, person
from test_hosts import WAIT_S

import eventify
from eventify import LineRequest

Told = tuple[dict[str, str], bytes]


class Shop:
    """Another system, on an address of its own."""

    def __init__(self) -> None:
        self.told: queue.Queue[Told] = queue.Queue()
        told = self.told

        class Hooks(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                told.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Hooks)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    serving = threading.Thread(target=shop.server.serve_forever)
    serving.start()
    yield shop
    shop.server.shutdown()
    serving.join(WAIT_S)
    shop.server.server_close()


def test_a_webhook_is_told_and_can_tell_who_told_it(shop: Shop) -> None:
    with eventify.open("memory:", webhooks="anywhere") as box:
        made = box.webhooks.create(ADA, url=shop.url)
        assert made.secret not in repr(made)
        sale = on_sale(box, 5)
        box.bookings.buy(person(1), event_id=sale.event, lines=[LineRequest(ticket_type_id=sale.seats, quantity=1)])
        facts = set()
        while "ticket.purchased" not in facts:
            headers, body = shop.told.get(timeout=WAIT_S)
            key = base64.b64decode(made.secret.removeprefix("whsec_"))
            signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
            expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
            assert f"v1,{expected}" in headers["webhook-signature"].split()
            facts.add(json.loads(body)["event"])


def test_webhooks_lead_into_nobodys_network_unless_they_may(shop: Shop) -> None:
    with eventify.open("memory:", webhooks="public") as box, pytest.raises(eventify.InvalidError) as refused:
        box.webhooks.create(ADA, url=shop.url)
    assert refused.value.fields[0].field == "url"
    with eventify.open("memory:") as box, pytest.raises(eventify.EventifyError) as off:
        box.webhooks.create(ADA, url=shop.url)
    assert off.value.code == "webhooks_off"
    with pytest.raises(eventify.InvalidError) as unknown:
        eventify.open("memory:", webhooks="everywhere")  # type: ignore[arg-type]
    assert unknown.value.fields[0].field == "webhooks"
