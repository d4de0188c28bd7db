"""Rows of kept figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feria_core import db
from feria_core.db import Row

# Moment, key, currency, counts.
Sums = Sequence[tuple[datetime, str, str, Sequence[int]]]

_INSERT = """
INSERT INTO admin_figure (source, grain, at, key, currency, counts)
SELECT $1, $2, f.at, f.key, f.currency, f.counts::bigint[]
FROM unnest($3::timestamptz[], $4::text[], $5::text[], $6::text[]) AS f (at, key, currency, counts)
"""


async def states(names: Sequence[str]) -> dict[str, Row]:
    """Return name, measures, kept_from, kept_until, rebuilt_until of the sources that are kept, by name."""
    rows = await db.fetch_all("SELECT * FROM admin_figure_source WHERE name = ANY ($1)", list(names))
    return {row["name"]: row for row in rows}


async def locked(name: str) -> Row | None:
    """Return the source's row, locked, so that nobody else changes its sums."""
    return await db.fetch_one("SELECT * FROM admin_figure_source WHERE name = $1 FOR UPDATE", name)


async def begin(name: str, measures: Sequence[str], start: datetime) -> None:
    """Begin to keep a source; where it is begun already, nothing."""
    await db.execute(
        "INSERT INTO admin_figure_source (name, measures, kept_from, kept_until) VALUES ($1, $2, $3, $3)"
        " ON CONFLICT (name) DO NOTHING",
        name, list(measures), start,
    )  # fmt: skip


async def forget(name: str) -> None:
    """Delete all that is kept of a source."""
    await db.execute("DELETE FROM admin_figure WHERE source = $1", name)
    await db.execute("DELETE FROM admin_figure_stale WHERE source = $1", name)
    await db.execute("DELETE FROM admin_figure_source WHERE name = $1", name)


async def extend(name: str, until: datetime) -> None:
    """Note that the sums reach to `until`."""
    await db.execute("UPDATE admin_figure_source SET kept_until = $2 WHERE name = $1", name, until)


async def note_rebuild(name: str, until: datetime | None, *, begins: datetime | None = None) -> None:
    """Note how far a rebuild has come, None where it is over; one may begin before what was kept so far."""
    await db.execute(
        "UPDATE admin_figure_source SET rebuilt_until = $2, kept_from = least(kept_from, $3) WHERE name = $1",
        name, until, begins,
    )  # fmt: skip


async def clear(name: str, since: datetime, until: datetime) -> None:
    """Delete the sums of quarters and days in the stretch."""
    await db.execute(
        "DELETE FROM admin_figure WHERE source = $1 AND grain IN ('quarter', 'day') AND at >= $2 AND at < $3",
        name, since, until,
    )  # fmt: skip


async def add(name: str, grain: str, rows: Sums) -> None:
    """Write these sums."""
    if rows:
        ats, keys, currencies, counts = zip(*rows, strict=True)
        # Arrays of arrays must be of one length for PostgreSQL; as text each is its own.
        texts = ["{" + ",".join(map(str, values)) + "}" for values in counts]
        await db.execute(_INSERT, name, grain, list(ats), list(keys), list(currencies), texts)


async def quarters(name: str, since: datetime, until: datetime) -> Sums:
    """Return the sums of the quarters of an hour in the stretch, in their order."""
    found = await db.fetch_all(
        "SELECT at, key, currency, counts FROM admin_figure WHERE source = $1 AND grain = 'quarter'"
        " AND at >= $2 AND at < $3 ORDER BY at, currency",
        name, since, until,
    )  # fmt: skip
    return [(row["at"], row["key"], row["currency"], row["counts"]) for row in found]


async def sum_month(name: str, month: datetime, following: datetime, width: int) -> None:
    """Write the sums of a month anew from those of its days."""
    await db.execute("DELETE FROM admin_figure WHERE source = $1 AND grain = 'month' AND at = $2", name, month)
    await db.execute(
        "INSERT INTO admin_figure (source, grain, at, key, currency, counts)"
        f" SELECT source, 'month', $2, key, currency, ARRAY[{_sums(width, cast='')}]::bigint[] FROM admin_figure"
        " WHERE source = $1 AND grain = 'day' AND at >= $2 AND at < $3 GROUP BY source, key, currency",
        name, month, following,
    )  # fmt: skip


async def mark(name: str, days: Sequence[datetime]) -> None:
    """Note that these days are to be counted again, as far as they are kept."""
    await db.execute(
        "INSERT INTO admin_figure_stale (source, day) SELECT s.name, d.day FROM admin_figure_source s"
        " CROSS JOIN unnest($2::timestamptz[]) AS d (day) WHERE s.name = $1 AND d.day < s.kept_until"
        " ORDER BY d.day ON CONFLICT DO NOTHING",
        name, list(days),
    )  # fmt: skip


async def take_stale(name: str, most: int) -> list[datetime]:
    """Return days that are to be counted again, earliest first, and take the notes away."""
    rows = await db.fetch_all(
        "DELETE FROM admin_figure_stale WHERE (source, day) IN"
        " (SELECT source, day FROM admin_figure_stale WHERE source = $1 ORDER BY day LIMIT $2) RETURNING day",
        name, most,
    )  # fmt: skip
    return sorted(row["day"] for row in rows)


async def stale(names: Sequence[str], since: datetime, until: datetime) -> dict[str, list[datetime]]:
    """Return the days in the stretch that are to be counted again, by source."""
    rows = await db.fetch_all(
        "SELECT source, day FROM admin_figure_stale WHERE source = ANY ($1) AND day + interval '24 hours' > $2"
        " AND day < $3 ORDER BY day",
        list(names), since, until,
    )  # fmt: skip
    found: dict[str, list[datetime]] = {}
    for row in rows:
        found.setdefault(row["source"], []).append(row["day"])
    return found


async def by_period(
    name: str, width: int, starts: Sequence[datetime], spans: Sequence[tuple[datetime, datetime]]
) -> Sequence[Row]:
    """Return the sums of the quarters in `spans`: period (from 1, in the order of `starts`), currency, counts."""
    begins, ends = [list(column) for column in zip(*spans, strict=True)]
    return await db.fetch_all(
        f"SELECT width_bucket(f.at, $2::timestamptz[]) AS period, f.currency, ARRAY[{_sums(width)}] AS counts"
        " FROM unnest($3::timestamptz[], $4::timestamptz[]) AS s (since, until)"
        " JOIN admin_figure f ON f.at >= s.since AND f.at < s.until"
        " WHERE f.source = $1 AND f.grain = 'quarter' GROUP BY 1, 2",
        name, list(starts), begins, ends,
    )  # fmt: skip


async def by_key(
    name: str,
    width: int,
    *,
    currency: str,
    days: Sequence[datetime],
    months: Sequence[datetime],
    fresh: Sequence[tuple[str, Sequence[int]]],
    order: int,
    is_descending: bool,
    limit: int,
) -> Sequence[Row]:
    """Return key and counts of those with the most (or least) of the measure `order`, `fresh` ones added."""
    direction = "DESC" if is_descending else "ASC"
    return await db.fetch_all(
        f"""
        WITH parts AS (
            SELECT key, counts FROM admin_figure
            WHERE source = $1 AND currency IN ('', $2) AND grain = 'month' AND at = ANY ($3)
            UNION ALL
            SELECT key, counts FROM admin_figure
            WHERE source = $1 AND currency IN ('', $2) AND grain = 'day' AND at = ANY ($4)
            UNION ALL
            SELECT f.key, f.counts::bigint[] FROM unnest($5::text[], $6::text[]) AS f (key, counts)
        )
        SELECT key, ARRAY[{_sums(width)}] AS counts FROM parts GROUP BY key
        ORDER BY sum(counts[{order + 1}]) {direction}, key LIMIT $7
        """,
        name, currency, list(months), list(days), [key for key, _ in fresh],
        ["{" + ",".join(map(str, counts)) + "}" for _, counts in fresh], limit,
    )  # fmt: skip


def _sums(width: int, *, cast: str = "::bigint") -> str:
    return ", ".join(f"sum(counts[{place}]){cast}" for place in range(1, width + 1))
