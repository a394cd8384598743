# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations


from .._eventify import Actor
from .._types import CategoryId, CategoryView
from .._values import loads as _loads, request as _request, text as _text, versioned as _versioned
from .._wire import event as _event
from .._engine import Engine
from .._pages import Pages


class Categories:
    """Categories of events."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def list(
        self,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[CategoryView]:
        """All categories, by name.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 46, None, "", _event.category_view, page_size, cursor)

    def get(self, id: CategoryId) -> CategoryView:
        """One category.

        Raises:
            EventifyError: `category_not_found`.
        """
        return _versioned(_event.category_view, self._call(47, None, None, _text(id)))

    def create(self, actor: Actor, *, name: str) -> CategoryView:
        """Makes a category. For organizers.

        Args:
            name: 1 to 100 characters; unique without regard to case and diacritics.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `invalid_value`, `category_exists`.

        >>> box.categories.create(Actor.system(), name="Concerts").name
        'Concerts'
        """
        return _event.category_view(_loads(self._call(48, actor, None, _request({"name": name}))))

    def delete(self, actor: Actor, id: CategoryId) -> None:
        """Deletes a category that no event is in. For organizers.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `category_not_found`,
                `category_in_use`.
        """
        self._call(49, actor, None, _text(id))
