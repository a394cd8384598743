# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import DeviceId, DeviceView, EventId, StaffRight, StaffView, UserId
from .._values import lines as _lines, loads as _loads, request as _request, text as _text
from .._wire import staff as _staff
from .._engine import Engine
from .._pages import Pages


class StaffOf:
    """The staff of one event, and the devices at its door."""

    __slots__ = ("_call", "_engine", "_of")

    def __init__(self, engine: Engine, event_id: EventId) -> None:
        self._engine = engine
        self._call = engine.call
        self._of = _text(event_id)

    def add_device(self, actor: Actor, *, name: str) -> DeviceView:
        """Makes a key for a device, which acts as a scanner of this event with it. The key is in this
        answer and nowhere else. For the event's organizer.

        Args:
            name: What to call it; 1 to 100 characters.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `invalid_value` (the name; too
                many).
        """
        return _staff.device_view(_loads(self._call(98, actor, None, _lines(self._of, _request({"name": name})))))

    def revoke_device(self, actor: Actor, id: DeviceId) -> None:
        """Makes a device's key worthless from the next request on; again changes nothing. For the
        event's organizer.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `device_not_found`.
        """
        self._call(99, actor, None, _lines(self._of, _text(id)))

    def grant(
        self,
        actor: Actor,
        *,
        right: StaffRight,
        user_id: UserId | None = None,
        email: str | None = None,
    ) -> StaffView:
        """Takes a person onto the event's staff. For its organizer. Another right is a new grant: let
        them go first.

        Args:
            user_id: The person's id. A host with a login of its own may name people who have no
                account here.
            email: The e-mail address of the person's account, instead of the id.
            right: What they may do.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `invalid_value` (neither or both of
                id and address; too many), `user_not_found`, `too_many_attempts` after ten addresses
                of nobody, `grant_exists` (the organizer needs none).

        >>> granted = box.staff(event.id).grant(ada, right=StaffRight.SCANNER, user_id=bob.user_id)
        >>> [str(of.right) for of in box.staff(event.id).list(ada)]
        ['scanner']
        """
        return _staff.staff_view(_loads(self._call(100, actor, None, _lines(self._of, _request({
            "user_id": user_id,
            "email": email,
            "right": right,
        })))))

    def revoke(self, actor: Actor, user_id: UserId) -> None:
        """Lets a person go: from the next request on they may nothing that others may not. For the
        event's organizer.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `grant_not_found`.
        """
        self._call(101, actor, None, _lines(self._of, _text(user_id)))

    def list(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[StaffView]:
        """The people, by id. For the event's organizer.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `invalid_value` (limit),
                `malformed` (cursor).
        """
        return Pages(self._engine, 102, actor, self._of, _staff.staff_view, page_size, cursor)

    def get(self, actor: Actor, user_id: UserId) -> StaffView:
        """One of the people. For the event's organizer.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `grant_not_found`.
        """
        return _staff.staff_view(_loads(self._call(103, actor, None, _lines(self._of, _text(user_id)))))

    def devices(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[DeviceView]:
        """The devices, by id, the revoked ones among them. For the event's organizer.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `invalid_value` (limit),
                `malformed` (cursor).
        """
        return Pages(self._engine, 104, actor, self._of, _staff.device_view, page_size, cursor)

    def device(self, actor: Actor, id: DeviceId) -> DeviceView:
        """One of the devices. For the event's organizer.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `device_not_found`.
        """
        return _staff.device_view(_loads(self._call(105, actor, None, _lines(self._of, _text(id)))))
