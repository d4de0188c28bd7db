"""Keeping the occurrences of rules without an end some years ahead."""

from __future__ import annotations

from feria_core import cache, clock, db
from feria_landing.events import repository, shown
from feria_landing.events.listing import TAG
from feria_landing.events.recurrence import occurrences


async def extend_all() -> int:
    """Write the occurrences of every endless event anew; return how many events have changed."""
    changed = 0
    for row in await db.fetch_all("SELECT id FROM landing_event WHERE is_endless ORDER BY id"):
        async with db.transaction():
            if not await repository.lock(row["id"]):
                continue
            event = await repository.by_id(row["id"], clock.now())
            assert event is not None  # noqa: S101 - locked above
            spans = occurrences(shown.timing_of(event), clock.now())
            stored = await db.fetch_value("SELECT count(*) FROM landing_occurrence WHERE event_id = $1", row["id"])
            last = await db.fetch_value("SELECT max(starts_at) FROM landing_occurrence WHERE event_id = $1", row["id"])
            if (stored, last) == (len(spans), spans[-1][0]):
                continue
            await repository.write_occurrences(row["id"], spans)
            cache.touch(TAG)
            changed += 1
    return changed
