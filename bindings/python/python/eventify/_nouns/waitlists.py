# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import EventId, TicketTypeId, WaitlistView
from .._values import lines as _lines, loads as _loads, request as _request, text as _text
from .._wire import waitlist as _waitlist
from .._engine import Engine


class Waitlists:
    """Waitlists."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def join(
        self,
        actor: Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
        *,
        quantity: int,
    ) -> WaitlistView:
        """Gets in line for tickets of a type that are not to be had now. What comes back is offered in
        order: as a held booking, for a day or, near the start, a quarter of what is left until
        then.

        Args:
            quantity: 1 to 50, and no more than one person can ever be offered together; all of them
                are.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value`, `event_not_found`,
                `event_not_published`, `event_cancelled`, `ticket_type_not_found`,
                `sales_not_started`, `sales_ended`, `per_person_limit`, `waitlist_not_needed` (with
                `available`), `already_waiting`, `waitlist_full` beyond as many people as
                `Settings.waitlist_people_max`.

        >>> last = box.ticket_types.create(ada, event.id, name="Box", quantity=1)
        >>> bought = box.bookings.buy(bob, event_id=event.id, lines=[LineRequest(ticket_type_id=last.id, quantity=1)])
        >>> eve = Actor.user("01978c5e-0000-7000-8000-0000000000e5", Role.ATTENDEE)
        >>> box.waitlists.join(eve, event.id, last.id, quantity=1).quantity
        1
        """
        return _waitlist.waitlist_view(_loads(self._call(65, actor, None, _lines(_text(event_id), _text(ticket_type_id), _request({
            "quantity": quantity,
        })))))

    def leave(self, actor: Actor, event_id: EventId, ticket_type_id: TicketTypeId) -> None:
        """Gives one's place on the waitlist of a ticket type up.

        Raises:
            EventifyError: `not_authenticated`, `not_waiting`.
        """
        self._call(66, actor, None, _lines(_text(event_id), _text(ticket_type_id)))

    def mine(self, actor: Actor, event_id: EventId, ticket_type_id: TicketTypeId) -> WaitlistView:
        """One's own place on the waitlist of a ticket type.

        Raises:
            EventifyError: `not_authenticated`, `not_waiting`.
        """
        return _waitlist.waitlist_view(_loads(self._call(67, actor, None, _lines(_text(event_id), _text(ticket_type_id)))))
