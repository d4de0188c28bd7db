"""What a price was before it was reduced: directive 98/6/EC, article 6a, as 2019/2161 has it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

PERIOD = timedelta(days=30)


@dataclass(frozen=True)
class Point:
    """From `since` on a variant cost `amount`, in minor units, and was shown as reduced or not."""

    since: datetime
    amount: int
    is_reduced: bool


def joined(history: Sequence[Point], steps: Sequence[Point]) -> list[Point]:
    """Return the history with the steps after it; one that changes nothing is left out.

    A step of the same moment as the one before it takes its place, and so does one of an earlier moment, where the
    clocks of two processes differ: a price that stood for no time was nobody's.
    """
    found = list(history)
    for step in steps:
        last = found[-1] if found else None
        if last is not None and (last.amount, last.is_reduced) == (step.amount, step.is_reduced):
            continue
        if last is not None and step.since <= last.since:
            found[-1] = Point(last.since, step.amount, step.is_reduced)
        else:
            found.append(step)
    return found


def lowest(history: Sequence[Point]) -> int | None:
    """Return the lowest price of the 30 days before the present reduction began.

    None where nothing is reduced, or where there was no price before.
    """
    if not history or not history[-1].is_reduced:
        return None
    began = history[-1].since
    before = [point.amount for point, following in pairwise(history) if following.since > began - PERIOD]
    return min(before, default=None)
