"""Checks of `feria doctor`: may the model be used, are the months ready, does all belong to somebody?"""

from __future__ import annotations

from feria_core import clock, db
from feria_personalization.repository import models, months
from feria_personalization.service import staleness

_PEOPLE = """
SELECT 'activity' AS what, count(*) AS rows FROM personalization_activity a
WHERE NOT EXISTS (SELECT FROM personalization_person p WHERE p.id = a.person_id)
UNION ALL SELECT 'exposure', count(*) FROM personalization_exposure e
WHERE NOT EXISTS (SELECT FROM personalization_person p WHERE p.id = e.person_id)
UNION ALL SELECT 'sale', count(*) FROM personalization_sale s
WHERE s.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM personalization_person p WHERE p.id = s.person_id)
"""


async def recommendation_model() -> list[str]:
    """A model that is too old to be used, or has lost its tables."""
    model = await models.active()
    if model is None:
        return []
    found = []
    if staleness.is_stale(model["trained_at"], clock.now()):
        found.append(f"the model {model['version']} is too old and not used: run `feria recommend train`")
    expected = await db.fetch_value(
        "SELECT coalesce(sum(pairs.value::bigint), 0)::bigint FROM personalization_model m,"
        " jsonb_each_text(m.report -> 'pairs') pairs WHERE m.version = $1",
        model["version"],
    )
    has_rows = await db.fetch_value(
        "SELECT EXISTS (SELECT FROM personalization_neighbour WHERE version = $1)", model["version"]
    )
    if expected and not has_rows:
        found.append(f"the model {model['version']} has lost its tables: run `feria recommend train`")
    return found


async def activity_months() -> list[str]:
    """Partitions of this month that are missing: rows go to the rest until the job makes them."""
    month = f"{clock.now():%Y%m}"
    return [
        f"{parent} has no partition of {month}: is a worker running? personalization.keep_house makes it"
        for parent in months.PARTITIONED
        if f"{parent}_{month}" not in {name for name, _ in await months.known(parent)}
    ]


async def activity_people() -> list[str]:
    """Rows that belong to a person who is gone."""
    return [
        f"{row['rows']} rows of personalization_{row['what']} belong to nobody: they survived an erasure"
        for row in await db.fetch_all(_PEOPLE)
        if row["rows"]
    ]
