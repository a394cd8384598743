# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..._eventify import Actor
from ..._types import EventId, EventStatus, EventView, ImportReport, ImportedItem, LeadTime, PutCancellation, ReviewPolicy, ScheduleItemId, ScheduleItemView, TimeZoneName, UserId
from ..._unset import UNSET, Unset
from ..._values import lines as _lines, loads as _loads, null as _null, request as _request, text as _text, value as _value, versioned as _versioned
from ..._wire import event as _event
from .._engine import Engine
from .._pages import Pages


class Events:
    """Events and their schedules."""

    __slots__ = ("_ask", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ask = engine.ask

    async def cancel(self, actor: Actor, id: EventId, *, reason: str | None = None) -> EventView:
        """`published → cancelled`: every ticket is invalid from this moment on. Bookings are
        cancelled, seats given back and holders told by a job that goes on where it was interrupted.

        Args:
            reason: What the ticket holders are told; at most 1,000 characters.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_not_published`,
                `event_cancelled`, `invalid_value`.
        """
        return _versioned(_event.event_view, await self._ask(31, actor, None, _lines(_text(id), _request({
            "reason": reason,
        }))))

    async def create(
        self,
        actor: Actor,
        *,
        title: str | None = None,
        description: str | None = None,
        category: str | None = None,
        tags: Sequence[str] | None = None,
        venue: str | None = None,
        city: str | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        doors_at: datetime | None = None,
        time_zone: TimeZoneName | None = None,
        capacity: int | None = None,
        reminders: Sequence[LeadTime] | None = None,
        review_policy: ReviewPolicy | None = None,
        cancellation: PutCancellation | None = None,
    ) -> EventView:
        """Makes a draft that belongs to the caller.

        Args:
            title: At most 200 characters.
            description: At most 20,000 characters.
            category: The name of a category; made if there is none of this name.
            tags: At most 20 of at most 50 characters.
            venue: At most 200 characters.
            city: At most 100 characters.
            starts_at: When it starts.
            ends_at: When it ends; after the start.
            doors_at: When the doors open, for tickets of types that say nothing else; before the
                end. No limit when ``None``.
            time_zone: An IANA time zone; UTC when ``None``.
            capacity: Seats over all ticket types, 1 to 1,000,000; no limit of its own when
                ``None``.
            reminders: How long before the start its holders are reminded: at most 5 ISO 8601
                durations of days, hours and minutes, from `PT1M` to `P30D`. `["P1D", "PT1H"]` when
                ``None``; nobody is when it is empty.
            review_policy: When its reviews are shown; at once when ``None``.
            cancellation: Until when who booked may cancel, and what comes back; until the start and
                everything when ``None``.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed` for an attendee, `invalid_value`.
        """
        return _versioned(_event.event_view, await self._ask(32, actor, None, _request({
            "title": title,
            "description": description,
            "category": category,
            "tags": tags,
            "venue": venue,
            "city": city,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "doors_at": doors_at,
            "time_zone": time_zone,
            "capacity": capacity,
            "reminders": reminders,
            "review_policy": review_policy,
            "cancellation": cancellation,
        })))

    async def create_for(
        self,
        actor: Actor,
        organizer_id: UserId,
        *,
        title: str | None = None,
        description: str | None = None,
        category: str | None = None,
        tags: Sequence[str] | None = None,
        venue: str | None = None,
        city: str | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        doors_at: datetime | None = None,
        time_zone: TimeZoneName | None = None,
        capacity: int | None = None,
        reminders: Sequence[LeadTime] | None = None,
        review_policy: ReviewPolicy | None = None,
        cancellation: PutCancellation | None = None,
    ) -> EventView:
        """Makes a draft that belongs to somebody else. For admins and the system.

        Args:
            title: At most 200 characters.
            description: At most 20,000 characters.
            category: The name of a category; made if there is none of this name.
            tags: At most 20 of at most 50 characters.
            venue: At most 200 characters.
            city: At most 100 characters.
            starts_at: When it starts.
            ends_at: When it ends; after the start.
            doors_at: When the doors open, for tickets of types that say nothing else; before the
                end. No limit when ``None``.
            time_zone: An IANA time zone; UTC when ``None``.
            capacity: Seats over all ticket types, 1 to 1,000,000; no limit of its own when
                ``None``.
            reminders: How long before the start its holders are reminded: at most 5 ISO 8601
                durations of days, hours and minutes, from `PT1M` to `P30D`. `["P1D", "PT1H"]` when
                ``None``; nobody is when it is empty.
            review_policy: When its reviews are shown; at once when ``None``.
            cancellation: Until when who booked may cancel, and what comes back; until the start and
                everything when ``None``.

        Raises:
            EventifyError: As `Events.create`.
        """
        return _versioned(_event.event_view, await self._ask(33, actor, None, _lines(_text(organizer_id), _request({
            "title": title,
            "description": description,
            "category": category,
            "tags": tags,
            "venue": venue,
            "city": city,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "doors_at": doors_at,
            "time_zone": time_zone,
            "capacity": capacity,
            "reminders": reminders,
            "review_policy": review_policy,
            "cancellation": cancellation,
        }))))

    async def delete(self, actor: Actor, id: EventId) -> None:
        """Deletes a draft, with its schedule, ticket types, staff and, soon after, promo codes and
        seat map. Anything else is cancelled instead.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_not_draft`.
        """
        await self._ask(34, actor, None, _text(id))

    async def import_schedule(
        self,
        actor: Actor,
        event_id: EventId,
        items: Sequence[ImportedItem],
    ) -> ImportReport:
        """Makes the event's schedule that of the programme: adds, updates and removes imported
        entries, and leaves those alone that were added by hand. An entry that breaks a rule is left
        out and reported; the rest is taken.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_cancelled`,
                `event_not_published` (completed).
        """
        return _event.import_report(_loads(await self._ask(35, actor, None, _lines(_text(event_id), _value(items)))))

    async def publish(self, actor: Actor, id: EventId) -> EventView:
        """`draft → published`: the event is listed, and its ticket types are on sale.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_not_draft`,
                `event_cancelled`, `invalid_value` (what is missing), `event_already_started` when
                the start is not in the future.
        """
        return _versioned(_event.event_view, await self._ask(36, actor, None, _text(id)))

    async def get(self, actor: Actor, id: EventId) -> EventView:
        """One event.

        Raises:
            EventifyError: `event_not_found`, also for somebody else's draft.
        """
        return _versioned(_event.event_view, await self._ask(37, actor, None, _text(id)))

    async def announced(self, actor: Actor, id: EventId) -> EventView:
        """An event that was published, for calendars: also when it is over or was called off.

        Raises:
            EventifyError: `event_not_found`, also for somebody else's draft; `event_not_published`
                for a draft of one's own.
        """
        return _versioned(_event.event_view, await self._ask(38, actor, None, _text(id)))

    def list(
        self,
        actor: Actor,
        *,
        q: str | None = None,
        category: str | None = None,
        tag: str | None = None,
        city: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        status: EventStatus | None = None,
        organizer: UserId | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[EventView]:
        """A page of events, by their start.

        Args:
            q: Words that begin words of the title, description, tags or venue, in any language,
                without regard to case and diacritics; at most 200 characters.
            category: The name of a category.
            tag: A tag.
            city: A city.
            from_: Starting at this instant or later; now when ``None`` and the status is published.
            to: Starting before this instant.
            status: In this state; published when ``None``. Drafts are only shown to their
                organizer, and to admins.
            organizer: By this organizer.
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `invalid_value`, `malformed` (cursor), `not_allowed` for drafts of
                others.
        """
        return Pages(self._engine, 39, actor, _request({
            "q": q,
            "category": category,
            "tag": tag,
            "city": city,
            "from": from_,
            "to": to,
            "status": status,
            "organizer": organizer,
        }), _event.event_view, page_size, cursor)

    def schedule(
        self,
        actor: Actor,
        id: EventId,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[ScheduleItemView]:
        """The schedule, by start; empty for an event without one.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 40, actor, _text(id), _event.schedule_item_view, page_size, cursor)

    async def schedule_item(
        self,
        actor: Actor,
        id: EventId,
        item: ScheduleItemId,
    ) -> ScheduleItemView:
        """One entry of the schedule.

        Raises:
            EventifyError: `event_not_found`, `schedule_item_not_found`.
        """
        return _versioned(_event.schedule_item_view, await self._ask(41, actor, None, _lines(_text(id), _text(item))))

    async def add_schedule_item(
        self,
        actor: Actor,
        id: EventId,
        *,
        activity_name: str,
        starts_at: datetime,
        ends_at: datetime,
        speaker: str | None = None,
        room: str | None = None,
    ) -> ScheduleItemView:
        """Adds an entry.

        Args:
            activity_name: What happens; 1 to 300 characters.
            speaker: Who speaks or plays; at most 500 characters.
            starts_at: When it starts; not before the event.
            ends_at: When it ends; not after the event.
            room: Where; at most 100 characters. Two in one room never overlap.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_cancelled`,
                `event_not_published` (completed), `invalid_value`, `schedule_conflict` when it lies
                outside of the event or overlaps another one in its room (`item` names it).
        """
        return _event.schedule_item_view(_loads(await self._ask(42, actor, None, _lines(_text(id), _request({
            "activity_name": activity_name,
            "speaker": speaker,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "room": room,
        })))))

    async def update_schedule_item(
        self,
        actor: Actor,
        id: EventId,
        item: ScheduleItemId,
        *,
        activity_name: str,
        starts_at: datetime,
        ends_at: datetime,
        speaker: str | None = None,
        room: str | None = None,
        if_match: int | None = None,
    ) -> ScheduleItemView:
        """Replaces an entry.

        Args:
            activity_name: What happens; 1 to 300 characters.
            speaker: Who speaks or plays; at most 500 characters.
            starts_at: When it starts; not before the event.
            ends_at: When it ends; not after the event.
            room: Where; at most 100 characters. Two in one room never overlap.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: As `Events.add_schedule_item`, and `schedule_item_not_found`,
                `precondition_failed`.
        """
        return _event.schedule_item_view(_loads(await self._ask(43, actor, None, _lines(_text(id), _text(item), _request({
            "activity_name": activity_name,
            "speaker": speaker,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "room": room,
        }), _value(if_match)))))

    async def remove_schedule_item(self, actor: Actor, id: EventId, item: ScheduleItemId) -> None:
        """Takes an entry away.

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_cancelled`,
                `schedule_item_not_found`.
        """
        await self._ask(44, actor, None, _lines(_text(id), _text(item)))

    async def update(
        self,
        actor: Actor,
        id: EventId,
        *,
        title: str | None = None,
        description: str | None = None,
        category: str | None | Unset = UNSET,
        tags: Sequence[str] | None = None,
        venue: str | None | Unset = UNSET,
        city: str | None | Unset = UNSET,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        doors_at: datetime | None | Unset = UNSET,
        time_zone: TimeZoneName | None = None,
        capacity: int | None | Unset = UNSET,
        reminders: Sequence[LeadTime] | None = None,
        review_policy: ReviewPolicy | None = None,
        cancellation: PutCancellation | None = None,
        if_match: int | None = None,
    ) -> EventView:
        """Changes a draft or a published event. When a published event's time or place changes, its
        ticket holders are told (`event.updated`): at most `AnnouncementLog.WITH_MOVES_PER_DAY_MAX`
        times within 24 hours, counting announcements, but not counting moves by admins, who are not
        bounded.

        Args:
            title: At most 200 characters.
            description: At most 20,000 characters.
            category: The name of a category; made if there is none of this name.
            tags: At most 20 of at most 50 characters.
            venue: At most 200 characters.
            city: At most 100 characters.
            starts_at: When it starts; a published event's start stays in the future.
            ends_at: When it ends.
            doors_at: When the doors open. When absent, it keeps its distance to the start.
            time_zone: An IANA time zone.
            capacity: Seats over all ticket types: no less than are sold and held.
            reminders: How long before the start its holders are reminded, as in `CreateEvent`;
                those whose time has passed are not sent.
            review_policy: When its reviews are shown. What waits for approval goes on waiting.
            cancellation: Until when who booked may cancel, and what comes back. A booking keeps
                what was better for its person.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: `event_not_found`, `not_event_owner`, `event_cancelled`,
                `event_not_published` (completed), `invalid_value`, `event_already_started`,
                `schedule_conflict` when the schedule would stick out, `quantity_below_sold`,
                `precondition_failed`, `too_many_announcements` with the time to wait.
        """
        return _versioned(_event.event_view, await self._ask(45, actor, None, _lines(_text(id), _request({
            "title": title,
            "description": description,
            "category": _null(category),
            "tags": tags,
            "venue": _null(venue),
            "city": _null(city),
            "starts_at": starts_at,
            "ends_at": ends_at,
            "doors_at": _null(doors_at),
            "time_zone": time_zone,
            "capacity": _null(capacity),
            "reminders": reminders,
            "review_policy": review_policy,
            "cancellation": cancellation,
        }), _value(if_match))))
