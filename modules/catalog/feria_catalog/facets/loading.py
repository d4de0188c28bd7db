"""Reading the index from the tables, and what has changed since.

The tables are the truth, the index of a process a copy that is proved before each use. Every row says which
transaction wrote it. With each look at the tables the oldest transaction that was still running then is remembered
(pg_snapshot_xmin): whatever that look could not see was written by that one or by a later one, however long ago it
began and whenever it commits. So one read of an index, "rows of this transaction or later", brings all that is new,
and an answer is never older than the read itself. It needs no channel and no order of commits, and works behind a
pooler like any statement. Rows are also bounded by the snapshot's end, so that those of another cluster, restored
from a dump with transactions that this one has yet to reach, are not read again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feria_catalog.facets.index import FacetIndex
from feria_catalog.proved import SNAPSHOT
from feria_core import db

# Products of one statement: some tenths of a second of PostgreSQL, a few megabytes.
CHUNK = 10_000
# Changed rows that are taken at a time, so that the process answers others in between.
CHANGES = 500

_LAST_NO = "SELECT coalesce(max(product_no), 0) FROM catalog_facet"
_VALUES = "SELECT id, token, code, label, number FROM catalog_facet_value"
_NEW_VALUES = f"{_VALUES} WHERE changed_xid >= $1::text::xid8"
# Moments as microseconds since 1970. The driver writes the first and the last that Python knows as infinities.
_CREATED_AT = "(extract(epoch FROM created_at) * 1000000)::bigint"
_LISTED_FROM = (
    "(extract(epoch FROM greatest('0001-01-01 00:00:00+00', least('9999-12-31 23:59:59.999999+00', listed_from)))"
    " * 1000000)::bigint"
)
_LISTED_UNTIL = _LISTED_FROM.replace("listed_from", "listed_until")
# One statement for all of a chunk: its parts must be of one snapshot, since a row's values are later taken back by
# what is known of them.
_CHUNK = f"""
WITH chunk AS MATERIALIZED (SELECT * FROM catalog_facet WHERE product_no >= $1 AND product_no < $2)
SELECT 'value' AS part, id::bigint AS key, string_agg(int4send(product_no), '' ORDER BY product_no) AS products,
    NULL::bytea AS counts, NULL::bytea AS ids
FROM chunk, unnest(value_ids) AS id GROUP BY id
UNION ALL
SELECT part, key, string_agg(int4send(product_no), '' ORDER BY product_no), NULL, NULL
FROM chunk, LATERAL (VALUES
    ('price_amount', coalesce(price_amount, 0)), ('rating', rating), ('rating_rank', rating_rank),
    ('popularity', popularity),
    ('created_at', {_CREATED_AT}), ('listed_from', {_LISTED_FROM}),
    ('listed_until', CASE WHEN listed_until < 'infinity' THEN {_LISTED_UNTIL} END),
    ('in_stock', CASE WHEN in_stock THEN 1 END), ('on_sale', CASE WHEN on_sale THEN 1 END)) AS p (part, key)
WHERE key IS NOT NULL GROUP BY part, key
UNION ALL
SELECT 'products', 0, string_agg(int4send(product_no), '' ORDER BY product_no),
    string_agg(int4send(cardinality(value_ids)), '' ORDER BY product_no),
    string_agg(array_send(value_ids), '' ORDER BY product_no)
FROM chunk HAVING count(*) > 0
"""
_CHANGED = f"""
SELECT s.low::text, s.high::text,
    EXISTS (SELECT FROM catalog_facet_removal WHERE changed_xid >= $1::text::xid8 AND changed_xid < s.high) AS removed,
    EXISTS (SELECT FROM catalog_facet_value WHERE changed_xid >= $1::text::xid8 AND changed_xid < s.high) AS renamed,
    (SELECT min(price_until) FROM catalog_product_document WHERE price_until IS NOT NULL) AS price_until,
    f.product_no, f.value_ids, {_LISTED_FROM} AS listed_from, {_LISTED_UNTIL} AS listed_until,
    f.price_amount, f.rating, f.rating_rank, f.popularity,
    {_CREATED_AT} AS created_at, f.in_stock, f.on_sale, f.changed_xid::text AS xid
FROM (SELECT pg_snapshot_xmin(snap) AS low, pg_snapshot_xmax(snap) AS high
      FROM (SELECT pg_current_snapshot() AS snap OFFSET 0) c) s
LEFT JOIN LATERAL (
    SELECT * FROM catalog_facet
    WHERE (changed_xid, product_no) > ($2::text::xid8, $3) AND changed_xid < s.high
    ORDER BY changed_xid, product_no LIMIT $4) f ON true
"""


@dataclass
class Loaded:
    """The index, and up to where it is complete: everything before transaction `low` is in it."""

    index: FacetIndex
    low: str
    high: int
    # Rows of transaction `low` or later that are in the index already: they are read again until `low` has passed.
    seen: dict[int, str] = field(default_factory=dict)
    # When the prices of a document change by themselves next, and it has to be written anew.
    price_until: datetime | None = None


async def load() -> Loaded:
    """Return the index of all products. What changes meanwhile is left to the first `refresh`."""
    (began,) = await db.fetch_all(SNAPSHOT)
    index = FacetIndex()
    last = await db.fetch_value(_LAST_NO)
    index.name_values(await db.fetch_all(_VALUES))
    for begin in range(0, last + 1, CHUNK):
        rows = await db.fetch_all(_CHUNK, begin, begin + CHUNK)
        unknown = {row["key"] for row in rows if row["part"] == "value"} - index.values.keys()
        if unknown:
            index.name_values(await db.fetch_all(f"{_VALUES} WHERE id = ANY($1::int[])", list(unknown)))
        await asyncio.to_thread(_take, index, rows)
    index.loaded()
    return Loaded(index, began["low"], int(began["high"]))


async def refresh(loaded: Loaded) -> bool:
    """Bring in what was committed since; return False where all of it must be loaded anew."""
    since, seen = loaded.low, {}
    # The position alone bounds the read: beside it PostgreSQL would begin at the position, not at the transaction.
    at_xid, at_no, ends = since, -1, None
    while True:
        rows = await db.fetch_all(_CHANGED, since, at_xid, at_no, CHANGES)
        first = rows[0]
        # The transactions of a cluster only grow: this one is another, or rows of it are gone.
        if first["removed"] or int(first["high"]) < loaded.high:
            return False
        # What a later statement of this loop sees more is read again by the next refresh.
        ends = ends or (first["low"], int(first["high"]))
        loaded.price_until = first["price_until"]
        if first["renamed"]:
            loaded.index.name_values(await db.fetch_all(_NEW_VALUES, since))
        changed = [row for row in rows if row["product_no"] is not None]
        for row in changed:
            no, xid = row["product_no"], row["xid"]
            seen[no] = xid
            if loaded.seen.get(no) != xid:
                loaded.index.put(row)
        if len(changed) < CHANGES:
            break
        at_xid, at_no = changed[-1]["xid"], changed[-1]["product_no"]
    loaded.low, loaded.high = ends
    loaded.seen = seen
    return True


def _take(index: FacetIndex, rows: Sequence[db.Row]) -> None:
    for row in rows:
        if row["part"] == "products":
            index.load_products(row["products"], row["counts"], row["ids"])
    for row in rows:
        if row["part"] != "products":
            index.load(row["part"], row["key"], row["products"])
