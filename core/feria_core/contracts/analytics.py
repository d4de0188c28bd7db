"""Figures over time: what each module counts of its own, added up and shown by whoever keeps the reports.

A module contributes a `Source` for each thing that it counts. Its figures are asked once for each stretch of time,
kept as sums, and asked again where an event says that they have changed; what is too fresh to be kept is asked at
each look. So a source is nothing but a query over its module's own rows, and every report equals it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from feria_core.contracts.admin import Text
from feria_core.contracts.events import Event
from feria_core.ports import Port

MeasureKind: TypeAlias = Literal["count", "money"]


@dataclass(frozen=True)
class Measure:
    """Something that is counted and can be added up; money is in minor units of the figure's currency."""

    name: str
    title: Text
    kind: MeasureKind = "count"


@dataclass(frozen=True)
class Rate:
    """One measure of the report divided by another, after both were added up.

    Money by a count is money (an average), rounded half up; the rest is a share with four decimals. It is null where
    `whole` is zero, and absent where no enabled module counts one of the two.
    """

    name: str
    title: Text
    part: str
    whole: str


@dataclass(frozen=True)
class Balance:
    """The measure `of` less those of `less`, after adding up; absent where `of` is, those missing count as nothing."""

    name: str
    title: Text
    of: str
    less: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """What was counted in the quarter of an hour that begins at `at` (UTC).

    `values` stand in the order of the source's measures. `key` is what was counted of (a product's id), "" where the
    source counts in time alone. `currency` is None where no measure is money.
    """

    at: datetime
    values: tuple[int, ...]
    currency: str | None = None
    key: str = ""


@dataclass(frozen=True)
class Source:
    """What a module counts for the report `report`; sources of several modules may stand in one report.

    `figures(since, until)` counts what happened in `since <= moment < until`, any two moments, as one statement, and
    gives a figure for each quarter of an hour; those of nothing may be missing. With `has_keys` it counts by key too,
    and `titles(keys, locale)` says what they are; a report has at most one source with keys. `kept_since()` is the
    first moment whose rows are all there, None where there are no rows: what was counted before it stays as it was
    counted. `touched(event)` returns moments whose figures an event of `events` may have changed. What happens at the
    event's own time need not be named: time that has just passed is counted at each look. With `loses_rows` rows go
    away with their persons or owners, and what was counted stays until it is counted again.
    """

    name: str
    report: str
    title: Text
    measures: tuple[Measure, ...]
    figures: Callable[[datetime, datetime], Awaitable[Sequence[Figure]]]
    kept_since: Callable[[], Awaitable[datetime | None]]
    rates: tuple[Rate | Balance, ...] = ()
    has_keys: bool = False
    loses_rows: bool = False
    titles: Callable[[Collection[str], str], Awaitable[Mapping[str, str]]] | None = None
    events: tuple[type[Event], ...] = ()
    touched: Callable[[Event], Awaitable[Sequence[datetime]]] | None = None


ANALYTICS_SOURCES: Port[Source] = Port("analytics_sources", version="1.0")


# Name, title, kind.
ListingColumn: TypeAlias = tuple[str, Text, Literal["text", "count", "money", "moment"]]


@dataclass(frozen=True)
class Listing:
    """A report that is asked at each look: rows that cannot be added up, such as what hardly sells.

    `rows(since, until, limit)` returns at most `limit` rows, the most telling first, in the order of `columns`; it is
    one statement over the module's own rows. Values of the kind "money" are `Money`.
    """

    name: str
    title: Text
    columns: tuple[ListingColumn, ...]
    rows: Callable[[datetime, datetime, int], Awaitable[Sequence[tuple[object, ...]]]]


ANALYTICS_LISTINGS: Port[Listing] = Port("analytics_listings", version="1.0")
