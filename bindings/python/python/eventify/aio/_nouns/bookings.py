# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Sequence

from ..._eventify import Actor
from ..._types import BookingId, BookingView, EventId, LineRequest, Purchase, SeatId
from ..._values import loads as _loads, replayed as _replayed, request as _request, text as _text, versioned as _versioned
from ..._wire import booking as _booking
from .._engine import Engine
from .._pages import Pages


class Bookings:
    """Bookings: hold, confirm, cancel, buy at once."""

    __slots__ = ("_ask", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ask = engine.ask

    async def cancel(self, actor: Actor, id: BookingId) -> BookingView:
        """Cancels a booking: its seats come back and its tickets are void, whosever they are by now.
        The person may until the time that the event's `CancellationPolicy` says while all of them
        are theirs, and gets back what it says; the event's organizer and admins may at any time,
        and everything comes back; others who manage the event may where nothing is to be given
        back, for money is the organizer's; nobody may once a ticket was used.

        Raises:
            EventifyError: `not_authenticated`, `booking_not_found`, `not_event_owner`,
                `booking_not_held` when it is over, `cancellation_closed`, `ticket_already_used`,
                `ticket_transferred`, `event_cancelled`.
        """
        return _booking.booking_view(_loads(await self._ask(68, actor, None, _text(id))))

    async def confirm(
        self,
        actor: Actor,
        id: BookingId,
        *,
        idempotency_key: str | None = None,
    ) -> BookingView:
        """Turns a hold into tickets. The person themselves may when nothing is to be paid; for a paid
        booking the event's organizer or an admin does, and thereby marks it paid.

        A hold whose deadline has passed takes its seats anew, if they are still there.

        Args:
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `booking_not_found`, `booking_not_held`,
                `payment_required`, `booking_expired`, `offer_expired`, `sales_ended` for an expired
                one, `event_cancelled`, `event_not_published`, `idempotency_key_reused`.
        """
        return _replayed(_booking.booking_view, await self._ask(69, actor, idempotency_key, _text(id)))

    async def hold(
        self,
        actor: Actor,
        *,
        event_id: EventId,
        lines: Sequence[LineRequest] | None = None,
        seats: int | None = None,
        seat_ids: Sequence[SeatId] | None = None,
        promo_code: str | None = None,
        idempotency_key: str | None = None,
    ) -> BookingView:
        """Reserves seats for a while: all of the lines or none. Confirm before `expires_at`.

        Args:
            event_id: The event.
            lines: What to reserve: 1 to 20 lines, together at most 1,000 seats. May be absent for
                an event with one ticket type, with `seats` instead.
            seats: So many of an event's only ticket type.
            seat_ids: The very seats, instead of lines, of an event with a seat map; at most 1,000.
                Lines of ticket types that are sold by seat get the best seats, together for each
                line.
            promo_code: A promo code of the event, for a discount or for hidden ticket types.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `empty_booking`, `too_many_lines`, `invalid_value`,
                `event_not_found`, `event_not_published`, `event_cancelled`,
                `ticket_type_not_found`, `sales_not_started`, `sales_ended`, `per_person_limit`,
                `sold_out`, `not_enough_left`, `promo_unknown`, `promo_expired`, `promo_used_up`,
                `promo_not_applicable`, `too_many_attempts` after ten promo codes that are none,
                `seat_unknown`, `seat_taken`, `seats_not_together`, `leaves_single_seat`,
                `idempotency_key_reused`.
        """
        return _replayed(_booking.booking_view, await self._ask(70, actor, idempotency_key, _request({
            "event_id": event_id,
            "lines": lines,
            "seats": seats,
            "seat_ids": seat_ids,
            "promo_code": promo_code,
        })))

    async def buy(
        self,
        actor: Actor,
        *,
        event_id: EventId,
        lines: Sequence[LineRequest] | None = None,
        seats: int | None = None,
        seat_ids: Sequence[SeatId] | None = None,
        promo_code: str | None = None,
        idempotency_key: str | None = None,
    ) -> Purchase:
        """Buys tickets: when nothing is to be paid they are issued at once, otherwise the seats are
        held.

        Args:
            event_id: The event.
            lines: What to reserve: 1 to 20 lines, together at most 1,000 seats. May be absent for
                an event with one ticket type, with `seats` instead.
            seats: So many of an event's only ticket type.
            seat_ids: The very seats, instead of lines, of an event with a seat map; at most 1,000.
                Lines of ticket types that are sold by seat get the best seats, together for each
                line.
            promo_code: A promo code of the event, for a discount or for hidden ticket types.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: As `Bookings.hold`.
        """
        return _replayed(_booking.purchase, await self._ask(71, actor, idempotency_key, _request({
            "event_id": event_id,
            "lines": lines,
            "seats": seats,
            "seat_ids": seat_ids,
            "promo_code": promo_code,
        })))

    async def get(self, actor: Actor, id: BookingId) -> BookingView:
        """A booking: the person's own, or one of an event that the actor manages.

        Raises:
            EventifyError: `not_authenticated`, `booking_not_found`.
        """
        return _versioned(_booking.booking_view, await self._ask(72, actor, None, _text(id)))

    def mine(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[BookingView]:
        """The caller's bookings, newest first.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 73, actor, "", _booking.booking_view, page_size, cursor)
