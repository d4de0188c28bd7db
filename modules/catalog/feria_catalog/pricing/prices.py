"""Prices of lists, and the one that holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ListPrice:
    """A variant's price in one list, in minor units, with what the list asks for; None asks for nothing."""

    code: str
    amount: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    customer_group: str | None = None
    min_quantity: int = 1
    priority: int = 0

    def holds(self, now: datetime, quantity: int, group: str | None) -> bool:
        """Return whether a buyer of that group gets this price for so many; the end of the window is excluded."""
        return (
            (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or self.ends_at > now)
            and self.customer_group in (None, group)
            and self.min_quantity <= quantity
        )

    @property
    def rank(self) -> tuple[int, bool, int, int, str]:
        """Where it stands among those that hold: the least wins, and no two of one variant are equal."""
        return -self.priority, self.customer_group is None, -self.min_quantity, self.amount, self.code


@dataclass(frozen=True)
class Shown:
    """A price as it is shown, with the one that it is compared with; in minor units."""

    amount: int
    compare_at: int | None

    @property
    def is_reduced(self) -> bool:
        return (self.compare_at or 0) > self.amount


def winner(
    prices: Iterable[ListPrice], now: datetime, *, quantity: int = 1, group: str | None = None
) -> ListPrice | None:
    """Return the one that holds, None where the variant's own price does.

    Of several the highest priority wins, then one for the buyer's group, then the highest minimum quantity, then the
    lowest price, then the first code.
    """
    return min((price for price in prices if price.holds(now, quantity, group)), key=lambda p: p.rank, default=None)


def shown_at(own: Shown, prices: Sequence[ListPrice], now: datetime) -> Shown:
    """Return what everybody sees at that moment; a list's lower price is compared with the variant's own."""
    found = winner(prices, now) if prices else None
    if found is None:
        return own
    before = max(own.amount, own.compare_at or 0) if own.amount <= found.amount else own.amount
    return Shown(found.amount, before if before > found.amount else None)


def edges(prices: Iterable[ListPrice]) -> list[datetime]:
    """Return the moments at which the lists' windows open and close, in order."""
    moments = {moment for price in prices for moment in (price.starts_at, price.ends_at) if moment is not None}
    return sorted(moments)
