"""Partitions ahead of time, and forgetting in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial

from feria_core import clock, db
from feria_core.runtime import settings
from feria_personalization.repository import months, people, sales, trainings
from feria_personalization.settings import PersonalizationSettings

MONTHS_AHEAD = 2
BITE = 5000
TRAININGS_DAYS = 90
GUEST_DAYS = 30


async def make_months() -> int:
    """Make the partitions of this month and the next two where they are missing; return how many were."""
    made = 0
    for parent in months.PARTITIONED:
        for ahead in range(MONTHS_AHEAD + 1):
            async with db.transaction():
                made += await months.add(parent, _month(clock.now(), ahead))
    return made


async def forget_old() -> int:
    """Drop months that are over, delete what else is past its time; return how many rows were deleted one by one."""
    now, chosen = clock.now(), settings(PersonalizationSettings)
    kept_since = now - timedelta(days=chosen.activity_days)
    deleted = 0
    for parent in months.PARTITIONED:
        await _drop_months(parent, kept_since)
        deleted += await _in_bites(partial(months.delete_before, parent, kept_since, limit=BITE))
    sales_since = now - timedelta(days=chosen.sales_days)
    deleted += await _in_bites(partial(sales.delete_before, sales_since))
    idle_since = now - timedelta(days=chosen.activity_days + GUEST_DAYS)
    deleted += await _in_bites(partial(people.delete_idle_guests, idle_since, limit=BITE))
    return deleted + await trainings.delete_before(now - timedelta(days=TRAININGS_DAYS))


async def _drop_months(parent: str, kept_since: datetime) -> None:
    """Drop the partitions whose last moment is past: forgetting a month costs no more than forgetting a row."""
    known = await months.known(parent)
    for name, begins in known:
        ends = datetime(begins.year + begins.month // 12, begins.month % 12 + 1, 1, tzinfo=begins.tzinfo)
        if ends <= kept_since:
            await months.drop(name)


async def _in_bites(delete: Callable[[], Awaitable[int]]) -> int:
    """Delete in small bites that hold no lock for long; return how many rows."""
    total = 0
    while bite := await delete():
        total += bite
    return total


def _month(now: datetime, ahead: int) -> date:
    month = now.year * 12 + now.month - 1 + ahead
    return date(month // 12, month % 12 + 1, 1)
