# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Sequence

from .._eventify import Actor
from .._types import AttendeeView, DoorTicket, EventId, GateScanView, OfflineScan, TicketKey, TicketPaper, TicketView, Validation
from .._values import lines as _lines, loads as _loads, replayed as _replayed, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import ticket as _ticket
from .._engine import Engine
from .._pages import Pages


class Tickets:
    """Tickets: codes, validation, check-in."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def attendees(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[AttendeeView]:
        """Who has tickets of an event, by purchase. For its staff; of short codes, those at the door
        see the end only.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_staff`,
                `invalid_value` (limit), `malformed` (cursor).

        >>> bought = box.bookings.buy(bob, event_id=event.id, lines=[LineRequest(ticket_type_id=seats.id, quantity=2)])
        >>> [attendee.name for attendee in box.tickets.attendees(ada, event.id)]
        ['Bob', 'Bob']
        """
        return Pages(self._engine, 74, actor, _text(event_id), _ticket.attendee_view, page_size, cursor)

    def find_attendees(
        self,
        actor: Actor,
        event_id: EventId,
        search: str,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[AttendeeView]:
        """Those whose name has words that begin like these, whatever the case and the diacritics, or
        whose short code begins like this (four characters at least; at the door, only a whole
        code). For the event's staff. One page looks at 5,000 tickets at most, so that one with a
        `next_cursor` may have few entries, or none.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: As `Tickets.attendees`, and `invalid_value` for a search of no letter and
                no digit, or of more than 100 characters.
        """
        return Pages(self._engine, 75, actor, _lines(_text(event_id), _text(search)), _ticket.attendee_view, page_size, cursor)

    def door_list(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[DoorTicket]:
        """What a device at the door needs to know of the tickets to check them without network, with
        the event's `public_keys` and its ticket types. For the event's staff.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: As `Tickets.attendees`.
        """
        return Pages(self._engine, 76, actor, _text(event_id), _ticket.door_ticket, page_size, cursor)

    def check_in(
        self,
        actor: Actor,
        code: str,
        *,
        event_id: EventId | None = None,
        gate: str | None = None,
        device: str | None = None,
        scan_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> TicketView:
        """Lets a ticket's person in: once, or once after each check-out, as its type says. For the
        event's staff. The same scan again gets the first answer again.

        Args:
            event_id: The event whose door it is: tickets of another one are refused
                (`wrong_event`). A device's own if absent.
            gate: The gate; at most 100 characters.
            device: The device; at most 100 characters. One that shows its own key need not and
                cannot name another.
            scan_id: The scan's own id, made by the device: repeating it (after a lost answer) is no
                second entry. At most 100 characters.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`,
                `reissued`, `already_used` (with the last entry's `used_at`, `gate` and `device`),
                `cancelled`, `event_cancelled`, `wrong_event`, `not_yet_valid` (with `doors_at`),
                `expired`, `too_many_passages`, `event_not_found` (of the door), `invalid_value`.

        >>> bought = box.bookings.buy(bob, event_id=event.id, lines=[LineRequest(ticket_type_id=seats.id, quantity=1)])
        >>> seen = box.tickets.check_in(ada, bought.tickets[0].code, gate="North")
        >>> box.tickets.check_in(ada, bought.tickets[0].code)
        Traceback (most recent call last):
        eventify._kinds.RuleError: already_used: ...
        """
        return _replayed(_ticket.ticket_view, self._call(77, actor, idempotency_key, _lines(_text(code), _request({
            "event_id": event_id,
            "gate": gate,
            "device": device,
            "scan_id": scan_id,
        }))))

    def check_out(
        self,
        actor: Actor,
        code: str,
        *,
        event_id: EventId | None = None,
        gate: str | None = None,
        device: str | None = None,
        scan_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> TicketView:
        """Lets a ticket's person out, to come in again. For the event's staff.

        Args:
            event_id: The event whose door it is: tickets of another one are refused
                (`wrong_event`). A device's own if absent.
            gate: The gate; at most 100 characters.
            device: The device; at most 100 characters. One that shows its own key need not and
                cannot name another.
            scan_id: The scan's own id, made by the device: repeating it (after a lost answer) is no
                second entry. At most 100 characters.
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`,
                `reissued`, `not_checked_in`, `no_re_entry` when its type lets in once, `cancelled`,
                `wrong_event`, `too_many_passages`, `event_not_found` (of the door),
                `invalid_value`.
        """
        return _replayed(_ticket.ticket_view, self._call(78, actor, idempotency_key, _lines(_text(code), _request({
            "event_id": event_id,
            "gate": gate,
            "device": device,
            "scan_id": scan_id,
        }))))

    def mine(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[TicketView]:
        """The caller's tickets, newest first.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 79, actor, "", _ticket.ticket_view, page_size, cursor)

    def get(self, actor: Actor, code: str) -> TicketView:
        """The ticket of a code, signed or short: for its person, and for the event's staff.

        Raises:
            EventifyError: `not_authenticated`; `ticket_not_found` for strangers, and for a code
                that is none or was replaced.
        """
        return _versioned(_ticket.ticket_view, self._call(80, actor, None, _text(code)))

    def qr_svg(self, actor: Actor, code: str) -> str:
        """The code of a ticket as an SVG picture.

        Raises:
            EventifyError: As `Tickets.get`.
        """
        v: str = _loads(self._call(81, actor, None, _text(code)))
        return v

    def qr_png(self, actor: Actor, code: str) -> bytes:
        """The code of a ticket as a PNG picture.

        Raises:
            EventifyError: As `Tickets.get`.
        """
        answer: bytes = self._call(82, actor, None, _text(code))
        return answer

    def public_keys(self, actor: Actor, event_id: EventId) -> tuple[TicketKey, ...]:
        """The public keys that verify an event's codes without network: give them to door devices.

        Raises:
            EventifyError: `event_not_found`.
        """
        v = _loads(self._call(83, actor, None, _text(event_id)))
        return tuple([_ticket.ticket_key(x0) for x0 in v])

    def paper(self, actor: Actor, code: str) -> TicketPaper:
        """What a ticket says, for a calendar; also of one that is void. For whom `Tickets.get` shows
        it.

        Raises:
            EventifyError: As `Tickets.get`.
        """
        return _ticket.ticket_paper(_loads(self._call(84, actor, None, _text(code))))

    def printed(self, actor: Actor, code: str) -> TicketPaper:
        """What a ticket says, to be printed: a void one is refused, since paper cannot be called back.
        One that was used is printed as it was.

        Raises:
            EventifyError: As `Tickets.get`; `cancelled`, `event_cancelled`.
        """
        return _ticket.ticket_paper(_loads(self._call(85, actor, None, _text(code))))

    def reissue(
        self,
        actor: Actor,
        code: str,
        *,
        idempotency_key: str | None = None,
    ) -> TicketView:
        """Gives a ticket new codes; the old ones are refused from now on (`reissued`). For its person,
        and for those who manage the event; the person is told when it was somebody else.

        Args:
            idempotency_key: The same key with the same request happens once, and gets the first
                answer again.

        Raises:
            EventifyError: `not_authenticated`; `ticket_not_found` for strangers, and for a code
                that is none or was replaced; `event_cancelled`, `event_not_published` when it is
                over, `cancelled`, `too_many_issues`, `idempotency_key_reused`.
        """
        return _replayed(_ticket.ticket_view, self._call(86, actor, idempotency_key, _text(code)))

    def rotate_keys(self, actor: Actor) -> None:
        """Signs codes and access tokens with new keys from now on; what the old ones signed stays
        good. For admins. Other processes over the same store take the keys up when they hear of
        them, or meet something signed with one.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`.
        """
        self._call(87, actor, None, "")

    def undo_check_in(self, actor: Actor, code: str) -> TicketView:
        """Takes the last check-in or check-out back, as if it had not been. For the event's staff.

        Raises:
            EventifyError: `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`,
                `reissued`, `cancelled`, `event_cancelled`, `not_checked_in`.
        """
        return _ticket.ticket_view(_loads(self._call(88, actor, None, _text(code))))

    def upload_scans(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        scans: Sequence[OfflineScan],
    ) -> tuple[GateScanView, ...]:
        """Takes in what a device scanned without network. Every scan is kept: of several that let the
        same person in, the earliest counts, and the others are duplicates, whichever arrives first.
        For the event's staff.

        Args:
            scans: 1 to 200 scans, in any order.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_staff`,
                `invalid_value`.
        """
        v = _loads(self._call(89, actor, None, _lines(_text(event_id), _request({"scans": scans}))))
        return tuple([_ticket.gate_scan_view(x0) for x0 in v])

    def scans(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        conflicts: bool = False,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[GateScanView]:
        """The scans that were made without network at an event, by time; only those that somebody has
        to look at when `conflicts`. For the event's staff.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `not_event_staff`,
                `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 90, actor, _lines(_text(event_id), _value(conflicts)), _ticket.gate_scan_view, page_size, cursor)

    def validate(
        self,
        actor: Actor,
        code: str,
        *,
        event_id: EventId | None = None,
        gate: str | None = None,
        device: str | None = None,
        scan_id: str | None = None,
    ) -> Validation:
        """Whether a ticket would be let in now. Changes nothing. For everybody who is logged in; only
        its person and the event's staff see the ticket itself.

        Args:
            event_id: The event whose door it is: tickets of another one are refused
                (`wrong_event`). A device's own if absent.
            gate: The gate; at most 100 characters.
            device: The device; at most 100 characters. One that shows its own key need not and
                cannot name another.
            scan_id: The scan's own id, made by the device: repeating it (after a lost answer) is no
                second entry. At most 100 characters.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value`.

        >>> box.tickets.validate(ada, "nonsense").valid
        False
        """
        return _ticket.validation(_loads(self._call(91, actor, None, _lines(_text(code), _request({
            "event_id": event_id,
            "gate": gate,
            "device": device,
            "scan_id": scan_id,
        })))))
