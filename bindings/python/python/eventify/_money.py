"""Money: whole minor units and a currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money: whole minor units of a currency, never a float and never a decimal.

    >>> price = Money(150_000, "KZT")
    >>> price * 2 + Money(1, "KZT")
    Money(amount_minor=300001, currency='KZT')
    >>> price + Money(1, "EUR")
    Traceback (most recent call last):
        ...
    ValueError: KZT and EUR cannot be added

    Attributes:
        amount_minor: Minor units: tiyn for KZT, cents for EUR, yen for JPY.
        currency: The three letters of ISO 4217.
    """

    amount_minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        self._require_same(other, "added")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._require_same(other, "subtracted")
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount_minor * count, self.currency)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def _require_same(self, other: Money, done: str) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be {done}")

    def _wire(self) -> dict[str, object]:
        return {"amount_minor": self.amount_minor, "currency": self.currency}
