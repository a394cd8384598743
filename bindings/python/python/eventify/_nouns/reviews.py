# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import EventId, RatingView, ReviewId, ReviewOrder, ReviewView
from .._values import lines as _lines, loads as _loads, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import review as _review
from .._engine import Engine
from .._pages import Pages


class Reviews:
    """What those who were there think of events."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def edit(
        self,
        actor: Actor,
        event_id: EventId,
        *,
        rating: int | None = None,
        comment: str | None = None,
        if_match: int | None = None,
    ) -> ReviewView:
        """Changes the caller's review of an event. What waits for approval by the event's policy waits
        anew, and so does what a moderator has refused.

        Args:
            rating: 1 to 5.
            comment: At most 5,000 characters.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: `not_authenticated`, `review_not_found`, `rating_out_of_range`,
                `invalid_value`, `precondition_failed`.
        """
        return _versioned(_review.review_view, self._call(106, actor, None, _lines(_text(event_id), _request({
            "rating": rating,
            "comment": comment,
        }), _value(if_match))))

    def delete(self, actor: Actor, event_id: EventId) -> None:
        """Takes the caller's review of an event back. They may write another one; one that was refused
        leaves behind that it was.

        Raises:
            EventifyError: `not_authenticated`, `review_not_found`.
        """
        self._call(107, actor, None, _text(event_id))

    def of_event(
        self,
        actor: Actor,
        event_id: EventId,
        order: ReviewOrder,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[ReviewView]:
        """The approved reviews of an event.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 108, actor, _lines(_text(event_id), _text(order)), _review.review_view, page_size, cursor)

    def rating(self, actor: Actor, event_id: EventId) -> RatingView:
        """What the approved reviews of an event come to.

        Raises:
            EventifyError: `event_not_found`.

        >>> box.reviews.rating(Actor.anonymous(), event.id).count
        0
        """
        return _review.rating_view(_loads(self._call(109, actor, None, _text(event_id))))

    def all_mine(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[ReviewView]:
        """The caller's own reviews in whatever state, newest first.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 110, actor, "", _review.review_view, page_size, cursor)

    def mine(self, actor: Actor, event_id: EventId) -> ReviewView:
        """The caller's own review of an event, in whatever state.

        Raises:
            EventifyError: `not_authenticated`, `review_not_found`.
        """
        return _versioned(_review.review_view, self._call(111, actor, None, _text(event_id)))

    def pending(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[ReviewView]:
        """What waits for approval, oldest first. For admins.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `invalid_value` (limit), `malformed`
                (cursor).
        """
        return Pages(self._engine, 112, actor, "", _review.review_view, page_size, cursor)

    def get(self, actor: Actor, id: ReviewId) -> ReviewView:
        """A review in whatever state. For admins.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `review_not_found`.
        """
        return _versioned(_review.review_view, self._call(113, actor, None, _text(id)))

    def approve(self, actor: Actor, id: ReviewId, *, if_match: int | None = None) -> ReviewView:
        """Shows a review to everybody, and counts it. For admins; again changes nothing.

        Args:
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `review_not_found`,
                `precondition_failed` when its author changed it since.
        """
        return _versioned(_review.review_view, self._call(114, actor, None, _lines(_text(id), _value(if_match))))

    def reject(
        self,
        actor: Actor,
        id: ReviewId,
        *,
        reason: str,
        if_match: int | None = None,
    ) -> ReviewView:
        """Hides a review, also one that was approved, and tells its author why. For admins; again
        changes nothing.

        Args:
            reason: What its author is told; 1 to 1,000 characters.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: As `Reviews.approve`, and `invalid_value`.
        """
        return _versioned(_review.review_view, self._call(115, actor, None, _lines(_text(id), _request({
            "reason": reason,
        }), _value(if_match))))

    def reply(self, actor: Actor, event_id: EventId, id: ReviewId, *, text: str) -> ReviewView:
        """Answers a review that everybody sees, once. For the event's organizer and those who manage
        it.

        Args:
            text: 1 to 5,000 characters.

        Raises:
            EventifyError: `event_not_found`, `not_authenticated`, `not_event_owner`,
                `invalid_value`, `review_not_found`, `already_replied`.
        """
        return _versioned(_review.review_view, self._call(116, actor, None, _lines(_text(event_id), _text(id), _request({
            "text": text,
        }))))

    def submit(
        self,
        actor: Actor,
        *,
        event_id: EventId,
        rating: int,
        comment: str | None = None,
    ) -> ReviewView:
        """Says what the caller thinks of an event: once, and with a ticket that was used, or a valid
        one once the event has started. Shown at once or after approval, by the event's policy.

        Args:
            event_id: The event.
            rating: 1 to 5.
            comment: At most 5,000 characters.

        Raises:
            EventifyError: `not_authenticated`, `event_not_found`, `rating_out_of_range`,
                `invalid_value`, `already_reviewed`, `not_an_attendee`, `event_not_started`,
                `event_cancelled`.
        """
        return _versioned(_review.review_view, self._call(117, actor, None, _request({
            "event_id": event_id,
            "rating": rating,
            "comment": comment,
        })))
