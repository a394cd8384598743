# Written by eventify-python-codegen from eventify-core; do not edit.
"""The engine's nouns."""

from __future__ import annotations

from .accounts import Accounts
from .events import Events
from .categories import Categories
from .ticket_types import TicketTypes
from .promo_codes import PromoCodes
from .seat_maps import SeatMaps
from .waitlists import Waitlists
from .bookings import Bookings
from .tickets import Tickets
from .transfers import Transfers
from .staff import StaffOf
from .reviews import Reviews
from .stats import Stats
from .exports import Exports
from .payments import Payments
from .notifications import Notifications
from .announcements import Announcements
from .webhooks import Webhooks
from .audit import AuditTrail
from .jobs import Jobs
from ..._types import EventId
from .._engine import Engine

__all__ = [
    "Nouns",
    "Accounts",
    "Events",
    "Categories",
    "TicketTypes",
    "PromoCodes",
    "SeatMaps",
    "Waitlists",
    "Bookings",
    "Tickets",
    "Transfers",
    "StaffOf",
    "Reviews",
    "Stats",
    "Exports",
    "Payments",
    "Notifications",
    "Announcements",
    "Webhooks",
    "AuditTrail",
    "Jobs",
]


class Nouns:
    """What an engine can be asked, noun by noun.

    In the examples ``box`` is an engine, ``ada`` an organizer whose published ``event`` sells a hundred free ``seats``, and
    ``bob`` somebody with an account.
    """

    _engine: Engine

    @property
    def accounts(self) -> Accounts:
        """Accounts: register, login, profile, roles."""
        return Accounts(self._engine)

    @property
    def events(self) -> Events:
        """Events and their schedules."""
        return Events(self._engine)

    @property
    def categories(self) -> Categories:
        """Categories of events."""
        return Categories(self._engine)

    @property
    def ticket_types(self) -> TicketTypes:
        """Ticket types and what is left of them."""
        return TicketTypes(self._engine)

    @property
    def promo_codes(self) -> PromoCodes:
        """Promo codes."""
        return PromoCodes(self._engine)

    @property
    def seat_maps(self) -> SeatMaps:
        """Seat maps."""
        return SeatMaps(self._engine)

    @property
    def waitlists(self) -> Waitlists:
        """Waitlists."""
        return Waitlists(self._engine)

    @property
    def bookings(self) -> Bookings:
        """Bookings: hold, confirm, cancel, buy at once."""
        return Bookings(self._engine)

    @property
    def tickets(self) -> Tickets:
        """Tickets: codes, validation, check-in."""
        return Tickets(self._engine)

    @property
    def transfers(self) -> Transfers:
        """Transfers: tickets offered to somebody else."""
        return Transfers(self._engine)

    def staff(self, event_id: EventId) -> StaffOf:
        """The staff of one event, and the devices at its door."""
        return StaffOf(self._engine, event_id)

    @property
    def reviews(self) -> Reviews:
        """What those who were there think of events."""
        return Reviews(self._engine)

    @property
    def stats(self) -> Stats:
        """What came of events, in numbers."""
        return Stats(self._engine)

    @property
    def exports(self) -> Exports:
        """Everything of an event's attendees and bookings, piece by piece."""
        return Exports(self._engine)

    @property
    def payments(self) -> Payments:
        """Payments: start, callbacks, refunds, the ledger."""
        return Payments(self._engine)

    @property
    def notifications(self) -> Notifications:
        """What people were told, and what they want to be told."""
        return Notifications(self._engine)

    @property
    def announcements(self) -> Announcements:
        """What organizers tell those who have tickets."""
        return Announcements(self._engine)

    @property
    def webhooks(self) -> Webhooks:
        """Webhooks: addresses of other systems that are told of facts."""
        return Webhooks(self._engine)

    @property
    def audit(self) -> AuditTrail:
        """Who did what."""
        return AuditTrail(self._engine)

    @property
    def jobs(self) -> Jobs:
        """What happens later, and what was given up."""
        return Jobs(self._engine)

    async def ping(self) -> None:
        """Answers when the store can serve.

        Raises:
            EventifyError: `store_unavailable`.
        """
        await self._engine.ask(175, None, None, "")
