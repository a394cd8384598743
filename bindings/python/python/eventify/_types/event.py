# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .._unset import UNSET, Unset

from .._values import null as _null


@dataclass(frozen=True, kw_only=True, slots=True)
class CancellationPolicy:
    """An event's terms for those who cancel a booking of their own. Whoever manages the event can
    cancel at any time, and then everything comes back.

    Attributes:
        until: So long before the start it ends; nobody may cancel at all when ``None``.
        refund: What comes back, best first: the first step whose time has not come counts, nothing
            after the last.
    """

    until: LeadTime | None
    refund: tuple[RefundStep, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryView:
    """A category of events.

    Attributes:
        id: Its id.
        name: Its name.
        events: How many events are in it.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: CategoryId
    name: str
    events: int
    version: int | None = field(default=None, compare=False, repr=False)


class EventStatus(StrEnum):
    """The state's name, as in JSON and in searches.

    Words:
        ``draft``: Only its organizer sees it.
        ``published``: On sale.
        ``cancelled``: Called off.
        ``completed``: Over.
    """

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventView:
    """An event as everybody sees it who may.

    Attributes:
        id: Its id.
        organizer_id: Who publishes it.
        title: Its title.
        description: What it is about.
        status: Where it is in its life.
        category: The name of its category.
        tags: Free words.
        venue: The house.
        city: The city.
        starts_at: When it starts.
        ends_at: When it ends.
        doors_at: When the doors open; tickets are good at once when ``None``.
        time_zone: The IANA time zone that its days are counted in.
        capacity: Seats over all ticket types; no limit of its own when ``None``.
        rating: What its visitors think of it.
        reminders: How long before the start its holders are reminded: ISO 8601 durations, the
            longest first.
        review_policy: When its reviews are shown.
        cancellation: Until when who booked may cancel, and what comes back.
        cancellable_until: The instant from which on who books now may not cancel any more; ``None``
            when they never may, or nobody knows the start yet.
        cancel_reason: Why it was cancelled, if it was.
        created_at: When it was made.
        updated_at: When it was last changed.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: EventId
    organizer_id: UserId
    title: str
    description: str
    status: EventStatus
    category: str | None
    tags: tuple[str, ...]
    venue: str | None
    city: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    doors_at: datetime | None
    time_zone: TimeZoneName
    capacity: int | None
    rating: Rating
    reminders: tuple[LeadTime, ...]
    review_policy: ReviewPolicy
    cancellation: CancellationPolicy
    cancellable_until: datetime | None
    cancel_reason: str | None
    created_at: datetime
    updated_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """What became of an imported programme.

    Attributes:
        added: Entries that are new.
        updated: Entries that were there and changed.
        unchanged: Entries that were there just so.
        removed: Entries of earlier imports that the programme does not have any more.
        skipped: Entries that were left out: which (by `source_id`), and why.
    """

    added: int
    updated: int
    unchanged: int
    removed: int
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedItem:
    """An entry of a programme from elsewhere.

    Attributes:
        source_id: What its source calls it: the same entry keeps its id when it is imported again.
        item: The entry.
    """

    source_id: str
    item: PutScheduleItem

    def _wire(self) -> dict[str, object]:
        return {
            "source_id": self.source_id,
            "item": self.item,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class PutCancellation:
    """Terms for those who cancel.

    Attributes:
        until: So long before the start it ends; at the start when absent, nobody may cancel at all
            when ``None``.
        refund: What comes back: at most 5 steps, each later and with less than the one before, none
            later than `until`. Everything until the end when absent, nothing when empty.
    """

    until: LeadTime | None | Unset = UNSET
    refund: Sequence[RefundStep] | None = None

    def _wire(self) -> dict[str, object]:
        return {
            "until": _null(self.until),
            "refund": self.refund,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class PutScheduleItem:
    """One entry of a schedule.

    Attributes:
        activity_name: What happens; 1 to 300 characters.
        speaker: Who speaks or plays; at most 500 characters.
        starts_at: When it starts; not before the event.
        ends_at: When it ends; not after the event.
        room: Where; at most 100 characters. Two in one room never overlap.
    """

    activity_name: str
    speaker: str | None = None
    starts_at: datetime
    ends_at: datetime
    room: str | None = None

    def _wire(self) -> dict[str, object]:
        return {
            "activity_name": self.activity_name,
            "speaker": self.speaker,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "room": self.room,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Rating:
    """What an event's approved reviews come to.

    Attributes:
        average: 1 to 5; ``None`` without reviews.
        count: How many reviews.
    """

    average: float | None
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundStep:
    """What comes back to whoever cancels early enough.

    Attributes:
        until: So long before the start it ends.
        percent: The part of what was to be paid, 1 to 100.
    """

    until: LeadTime
    percent: int

    def _wire(self) -> dict[str, object]:
        return {
            "until": self.until,
            "percent": self.percent,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleItemView:
    """One entry of an event's schedule.

    Attributes:
        id: Its id.
        activity_name: What happens.
        speaker: Who speaks or plays.
        starts_at: When it starts.
        ends_at: When it ends.
        room: Where.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: ScheduleItemId
    activity_name: str
    speaker: str | None
    starts_at: datetime
    ends_at: datetime
    room: str | None
    version: int | None = field(default=None, compare=False, repr=False)


# Types of different nouns name each other.
from .id import CategoryId, EventId, ScheduleItemId, UserId  # noqa: E402
from .lead_time import LeadTime  # noqa: E402
from .review import ReviewPolicy  # noqa: E402
from .time import TimeZoneName  # noqa: E402
