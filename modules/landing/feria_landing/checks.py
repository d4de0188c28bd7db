"""Checks of `feria doctor`: do events take place when their rules say so, does no newsletter stand still?"""

from __future__ import annotations

from datetime import timedelta

from feria_core import clock, db
from feria_landing.events.recurrence import RecurrenceError
from feria_landing.events.recurrence import occurrences as counted
from feria_landing.events.shown import timing_of

LIMIT = 20
_EVENTS = """
SELECT e.slug, e.starts_at, e.ends_at, e.time_zone, e.rrule, e.exdates,
    ARRAY(SELECT o.starts_at FROM landing_occurrence o WHERE o.event_id = e.id ORDER BY o.starts_at) AS stored
FROM landing_event e WHERE NOT e.is_endless ORDER BY e.id
"""
_NEWSLETTERS = f"""
SELECT n.subject FROM landing_newsletter n WHERE n.state = 'sending' AND coalesce(n.send_at, n.started_at) < $1
    AND NOT EXISTS (SELECT FROM landing_delivery d WHERE d.newsletter_id = n.id AND d.at > $1)
ORDER BY n.id LIMIT {LIMIT}
"""


async def occurrences() -> list[str]:
    """Events whose stored occurrences are not those of their rule."""
    found = []
    for row in await db.fetch_all(_EVENTS):
        try:
            starts = [start for start, _ in counted(timing_of(row), clock.now())]
        except RecurrenceError as error:
            found.append(f"the event '{row['slug']}' cannot be counted: {error}")
            continue
        if starts != list(row["stored"]):
            found.append(f"the event '{row['slug']}' has {len(row['stored'])} occurrences, its rule {len(starts)}")
    return found[:LIMIT]


async def newsletters() -> list[str]:
    """Newsletters that should be on their way and have not moved for an hour."""
    rows = await db.fetch_all(_NEWSLETTERS, clock.now() - timedelta(hours=1))
    return [f"the newsletter '{row['subject']}' stands still: look at the job landing.send_newsletter" for row in rows]
