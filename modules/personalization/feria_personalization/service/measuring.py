"""What recommendations are worth: people who see them against those who are held out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feria_core.runtime import core_settings, settings
from feria_personalization.repository import exposures
from feria_personalization.settings import PersonalizationSettings

# The two-sided 95 percent point of the normal distribution.
Z = 1.959964


@dataclass(frozen=True)
class Group:
    """What became of the people of one group; `variance` is that of what one of them spent."""

    people: int = 0
    buyers: int = 0
    orders: int = 0
    amount: int = 0
    variance: float = 0.0

    @property
    def rate(self) -> float:
        """The share of people who bought."""
        return self.buyers / self.people if self.people else 0.0

    @property
    def spent_per_head(self) -> float:
        """What one of them spent, in minor units; a statistic, no price."""
        return self.amount / self.people if self.people else 0.0


@dataclass(frozen=True)
class Difference:
    """By how much the first group is above the other, and where the truth lies with 95 percent confidence."""

    value: float
    low: float
    high: float

    @property
    def is_significant(self) -> bool:
        """True where 0 lies outside of the interval."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Report:
    """The groups, their differences (None where one of them is empty), and clicks and purchases by place."""

    currency: str
    recommended: Group
    held_out: Group
    conversion: Difference | None
    amount_per_person: Difference | None
    places: list[Mapping[str, Any]]


async def report(since: datetime, until: datetime) -> Report:
    """Return what became of those who saw an answer in the span."""
    within, currency = timedelta(days=settings(PersonalizationSettings).attribution_days), core_settings().currency
    groups = {
        row["held_out"]: Group(row["people"], row["buyers"], row["orders"], row["amount"], row["variance"])
        for row in await exposures.groups(since, until, within=within, currency=currency)
    }
    shown, held_out = groups.get(False, Group()), groups.get(True, Group())
    is_comparable = bool(shown.people and held_out.people)
    return Report(
        currency, shown, held_out,
        difference_of_rates(shown, held_out) if is_comparable else None,
        difference_of_amounts(shown, held_out) if is_comparable else None,
        [dict(row) for row in await exposures.places(since, until, within=within, currency=currency)],
    )  # fmt: skip


def difference_of_rates(a: Group, b: Group) -> Difference:
    """Return the difference of the shares of buyers with Newcombe's interval, which holds for small groups too.

    Newcombe, "Interval estimation for the difference between independent proportions", 1998, method 10.
    """
    (low_a, high_a), (low_b, high_b) = wilson(a.buyers, a.people), wilson(b.buyers, b.people)
    value = a.rate - b.rate
    return Difference(
        value,
        value - math.hypot(a.rate - low_a, high_b - b.rate),
        value + math.hypot(high_a - a.rate, b.rate - low_b),
    )


def difference_of_amounts(a: Group, b: Group) -> Difference:
    """Return the difference of what one person spent, with the interval of unequal variances."""
    value = a.spent_per_head - b.spent_per_head
    error = Z * math.sqrt(a.variance / a.people + b.variance / b.people)
    return Difference(value, value - error, value + error)


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 percent interval of a share."""
    share, square = count / total, Z * Z / total
    middle = share + square / 2
    half = Z * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))
