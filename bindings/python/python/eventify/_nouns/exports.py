# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import EventId, ExportedAttendee, ExportedBooking, LedgerEntryView
from .._values import text as _text
from .._wire import export as _export
from .._wire import payment as _payment
from .._engine import Engine
from .._pages import Export


class Exports:
    """Everything of an event's attendees and bookings, piece by piece."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def attendees(self, actor: Actor, event_id: EventId) -> Export[ExportedAttendee]:
        """Begins to take out an event's tickets with whose they are, by purchase, cancelled ones too.
        For its organizer, those who manage it, and admins; a manager sees no e-mail addresses. The
        right is asked for here, once.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `insufficient_scope`.

        >>> bought = box.bookings.buy(bob, event_id=event.id, lines=[LineRequest(ticket_type_id=seats.id, quantity=2)])
        >>> [(row["name"], row["status"]) for row in box.exports.attendees(ada, event.id).to_dicts()]
        [('Bob', 'active'), ('Bob', 'active')]
        """
        return Export(self._engine, 121, actor, _text(event_id), _export.exported_attendee)

    def bookings(self, actor: Actor, event_id: EventId) -> Export[ExportedBooking]:
        """Begins to take out an event's bookings, by creation, those that are over too. For its
        organizer, those who manage it, and admins; a manager sees no e-mail addresses. The right is
        asked for here, once.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `insufficient_scope`.
        """
        return Export(self._engine, 122, actor, _text(event_id), _export.exported_booking)

    def ledger(self, actor: Actor, event_id: EventId) -> Export[LedgerEntryView]:
        """Begins to take out every movement of an event's money, oldest first. For its organizer and
        admins. The right is asked for here, once.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_owner`,
                `insufficient_scope`.
        """
        return Export(self._engine, 123, actor, _text(event_id), _payment.ledger_entry_view)
