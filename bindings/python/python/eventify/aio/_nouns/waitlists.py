# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from ..._eventify import Actor
from ..._types import EventId, TicketTypeId, WaitlistView
from ..._values import lines as _lines, loads as _loads, request as _request, text as _text
from ..._wire import waitlist as _waitlist
from .._engine import Engine


class Waitlists:
    """Waitlists."""

    __slots__ = ("_ask", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ask = engine.ask

    async def join(
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
        """
        return _waitlist.waitlist_view(_loads(await self._ask(65, actor, None, _lines(_text(event_id), _text(ticket_type_id), _request({
            "quantity": quantity,
        })))))

    async def leave(self, actor: Actor, event_id: EventId, ticket_type_id: TicketTypeId) -> None:
        """Gives one's place on the waitlist of a ticket type up.

        Raises:
            EventifyError: `not_authenticated`, `not_waiting`.
        """
        await self._ask(66, actor, None, _lines(_text(event_id), _text(ticket_type_id)))

    async def mine(
        self,
        actor: Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
    ) -> WaitlistView:
        """One's own place on the waitlist of a ticket type.

        Raises:
            EventifyError: `not_authenticated`, `not_waiting`.
        """
        return _waitlist.waitlist_view(_loads(await self._ask(67, actor, None, _lines(_text(event_id), _text(ticket_type_id)))))
