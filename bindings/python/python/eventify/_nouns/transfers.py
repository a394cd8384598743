# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import TicketView, TransferId, TransferView
from .._values import lines as _lines, loads as _loads, replayed as _replayed, request as _request, text as _text
from .._wire import ticket as _ticket
from .._wire import transfer as _transfer
from .._engine import Engine
from .._pages import Pages


class Transfers:
    """Transfers: tickets offered to somebody else."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def accept(
        self,
        actor: Actor,
        id: TransferId,
        *,
        idempotency_key: str | None = None,
    ) -> TicketView:
        """Takes over a ticket that is offered to the address of the caller's account. It gets new
        codes; the old ones are refused from now on.

        Args:
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`; `transfer_not_found` for everybody else;
                `email_not_verified`; `transfer_closed`, `ticket_already_used`, `cancelled`,
                `event_cancelled`, `event_not_published` and `expired` when it is over,
                `already_reviewed` when its giver has reviewed the event meanwhile,
                `too_many_issues`, `idempotency_key_reused`.
        """
        return _replayed(_ticket.ticket_view, self._call(92, actor, idempotency_key, _text(id)))

    def withdraw(self, actor: Actor, id: TransferId) -> None:
        """Takes an offer back. For whoever made it.

        Raises:
            EventifyError: `not_authenticated`, `transfer_not_found` for everybody else,
                `transfer_closed`.
        """
        self._call(93, actor, None, _text(id))

    def mine(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[TransferView]:
        """What the caller offered to others, newest first.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 94, actor, "", _transfer.transfer_view, page_size, cursor)

    def to_me(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[TransferView]:
        """What is offered to the address of the caller's account, newest first.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: As `Transfers.mine`, and `email_not_verified`.
        """
        return Pages(self._engine, 95, actor, "", _transfer.transfer_view, page_size, cursor)

    def get(self, actor: Actor, id: TransferId) -> TransferView:
        """One transfer: for who offers and for whom it is offered to.

        Raises:
            EventifyError: `not_authenticated`, `transfer_not_found`, `email_not_verified`.
        """
        return _transfer.transfer_view(_loads(self._call(96, actor, None, _text(id))))

    def offer(
        self,
        actor: Actor,
        code: str,
        *,
        email: str,
        idempotency_key: str | None = None,
    ) -> TransferView:
        """Offers a ticket to the person of an e-mail address: they have three days, at most until the
        event ends, to accept. Until then it stays the caller's, who can use it. For the ticket's
        person. Whether somebody has an account of this address is not said.

        Args:
            email: The e-mail address of their account, which they may make later; at most 254
                characters.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`; `ticket_not_found` for a code that is none, is old,
                or is somebody else's; `invalid_value` (no address, or one's own),
                `ticket_already_used`, `cancelled`, `event_cancelled`, `event_not_published` and
                `expired` when it is over, `already_reviewed`, `transfer_pending`,
                `idempotency_key_reused`.

        >>> bought = box.bookings.buy(bob, event_id=event.id, lines=[LineRequest(ticket_type_id=seats.id, quantity=1)])
        >>> offered = box.transfers.offer(bob, bought.tickets[0].code, email="eve@example.org")
        >>> [of.id == offered.id for of in box.transfers.mine(bob)]
        [True]
        """
        return _replayed(_transfer.transfer_view, self._call(97, actor, idempotency_key, _lines(_text(code), _request({
            "email": email,
        }))))
