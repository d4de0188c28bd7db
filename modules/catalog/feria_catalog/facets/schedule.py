"""From when and until when products are shown, exact to the microsecond."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from pyroaring import BitMap

from feria_catalog.documents.columns import ALWAYS, NEVER


class Moments:
    """Products with a time. Those whose time has come are a bitmap of their own, which moves on with the clock.

    (And back, where the clock of one process lags behind.) A look costs what became due since the last one.
    """

    def __init__(self) -> None:
        self._times: dict[int, datetime] = {}
        self._ordered: list[tuple[datetime, int]] = []
        self._is_ordered = True
        self._due = BitMap()
        self._due_count = 0

    def put(self, no: int, at: datetime | None) -> None:
        """Give the product its time, or take it away."""
        if self._times.get(no) == at:
            return
        if at is None:
            del self._times[no]
        else:
            self._times[no] = at
        self._is_ordered = False

    def put_all(self, at: datetime, products: BitMap) -> None:
        """Give products that are not known yet their time."""
        self._times.update(dict.fromkeys(products, at))
        self._is_ordered = False

    def due(self, now: datetime) -> BitMap:
        """Return the products whose time is `now` or before."""
        self._order()
        count = bisect_right(self._ordered, now, key=_time)
        if count > self._due_count:
            self._due |= BitMap(_numbers(self._ordered[self._due_count : count]))
        elif count < self._due_count:
            self._due -= BitMap(_numbers(self._ordered[count : self._due_count]))
        self._due_count = count
        return self._due

    def next(self, now: datetime) -> datetime | None:
        """Return the first time after `now`."""
        self._order()
        place = bisect_right(self._ordered, now, key=_time)
        return self._ordered[place][0] if place < len(self._ordered) else None

    def _order(self) -> None:
        if not self._is_ordered:
            self._ordered = sorted((at, no) for no, at in self._times.items())
            self._is_ordered, self._due, self._due_count = True, BitMap(), 0


class Schedule:
    """Products that are shown always, and those with a time; drafts are known by their absence."""

    def __init__(self) -> None:
        self._always = BitMap()
        self._starts = Moments()
        self._ends = Moments()

    def put(self, no: int, at: datetime, until: datetime = NEVER) -> None:
        """Let the product be shown from `at` on and until `until`, which is excluded."""
        (self._always.add if at <= ALWAYS else self._always.discard)(no)
        self._starts.put(no, at if ALWAYS < at < NEVER else None)
        self._ends.put(no, until if until < NEVER else None)

    def put_all(self, at: datetime, products: BitMap) -> None:
        """Let products that are not known yet be shown from `at` on."""
        if at <= ALWAYS:
            self._always |= products
        elif at < NEVER:
            self._starts.put_all(at, products)

    def end_all(self, until: datetime, products: BitMap) -> None:
        """Let products that are not known yet be shown until `until`, which is excluded."""
        if until < NEVER:
            self._ends.put_all(until, products)

    def shown(self, now: datetime) -> BitMap:
        """Return the products that are shown at `now`."""
        started, ended = self._starts.due(now), self._ends.due(now)
        shown = self._always | started if started else self._always
        return shown - ended if ended else shown

    def next_edge(self, now: datetime) -> datetime | None:
        """Return when what is shown changes by itself next, None where it does not."""
        return min((at for at in (self._starts.next(now), self._ends.next(now)) if at is not None), default=None)


def _time(row: tuple[datetime, int]) -> datetime:
    return row[0]


def _numbers(rows: Iterable[tuple[datetime, int]]) -> list[int]:
    return [no for _, no in rows]
