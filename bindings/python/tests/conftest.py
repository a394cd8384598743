"""Stores to test over, and a sale to begin with."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import eventify
from eventify import Actor, EventId, Role, TicketTypeId, aio


@dataclass(frozen=True)
class Postgres:
    """A server of the tests' own, on a socket in a directory of its own."""

    socket: Path

    def database(self) -> str:
        """The URL of a new database."""
        name = f"t{uuid.uuid4().hex}"
        subprocess.run(
            [str(_program("createdb")), "-h", str(self.socket), "-U", "eventify", name], check=True, capture_output=True
        )
        return f"postgres://eventify@localhost/{name}?host={self.socket}"


def _program(name: str) -> Path:
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found, f"PostgreSQL's {name} is missing: scripts/need-postgres installs it"
    return found[-1]


def _as_somebody() -> list[str]:
    """PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam("postgres" if any(of.pw_name == "postgres" for of in pwd.getpwall()) else "nobody")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    place = Path(tempfile.mkdtemp(prefix="eventify-py-"))
    data = place / "data"
    data.mkdir()
    prefix = _as_somebody()
    if prefix:
        uid, gid = (int(part.split("=")[1]) for part in prefix[1:3])
        os.chown(place, uid, gid)
        os.chown(data, uid, gid)

    def run(*words: object) -> None:
        subprocess.run([*prefix, *map(str, words)], check=True, capture_output=True, cwd=place)

    try:
        run(_program("initdb"), "-D", data, "-U", "eventify", "-A", "trust", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{place}' -c fsync=off -c max_connections=100"
        run(_program("pg_ctl"), "-D", data, "-w", "-l", place / "log", "-o", options, "start")
        try:
            yield Postgres(place)
        finally:
            run(_program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(params=["memory", "redb", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of each kind."""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        return server.database()
    return "memory:" if request.param == "memory" else f"redb:{tmp_path}/box.redb"


ADA = Actor.user("01978c5e-0000-7000-8000-000000000001", Role.ORGANIZER)


def person(number: int) -> Actor:
    """Somebody whom the app has authenticated."""
    return Actor.user(str(uuid.UUID(int=(0x01978C5E_0000_7000_8000 << 48) + 0x1000 + number)), Role.ATTENDEE)


@dataclass(frozen=True)
class Sale:
    """A published event with one ticket type."""

    event: EventId
    seats: TicketTypeId


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def on_sale(box: eventify.Eventify, seats: int, price: eventify.Money | None = None) -> Sale:
    start = tomorrow()
    event = box.events.create(ADA, title="Concert", starts_at=start, ends_at=start + timedelta(hours=2))
    sold = box.ticket_types.create(ADA, event.id, name="Seat", quantity=seats, price=price)
    box.events.publish(ADA, event.id)
    return Sale(event.id, sold.id)


async def on_sale_async(box: aio.Eventify, seats: int, price: eventify.Money | None = None) -> Sale:
    start = tomorrow()
    event = await box.events.create(ADA, title="Concert", starts_at=start, ends_at=start + timedelta(hours=2))
    sold = await box.ticket_types.create(ADA, event.id, name="Seat", quantity=seats, price=price)
    await box.events.publish(ADA, event.id)
    return Sale(event.id, sold.id)
