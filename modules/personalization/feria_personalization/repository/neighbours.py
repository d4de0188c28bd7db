"""The read behind every recommendation: neighbours of products, summed, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from feria_core import db
from feria_personalization.domain import Table

# Each source is a product, the table to look into, and how much it counts. `most` is the number of the source that gave
# most, below the weight that it gave: one number is compared many times faster than an array is sorted.
_NEIGHBOURS = """
SELECT s.kind, n.id AS product_id, sum(s.weight * n.weight) AS score,
    max((s.weight * n.weight * 1e9)::bigint * {numbers} + {numbers} - s.number) AS most
FROM unnest($2::uuid[], $3::smallint[], $4::float8[]) WITH ORDINALITY AS s (product_id, kind, weight, number)
JOIN personalization_neighbour t ON t.version = $1 AND t.kind = s.kind AND t.product_id = s.product_id
CROSS JOIN LATERAL unnest(t.neighbours, t.weights) AS n (id, weight)
WHERE n.id <> ALL ($5::uuid[])
GROUP BY s.kind, n.id
HAVING sum(s.weight * n.weight) > 0
ORDER BY score DESC, n.id
LIMIT $6
"""
MOST_SOURCES = 1024


@dataclass(frozen=True)
class Source:
    """A product whose neighbours in a table are asked for, and how much it counts."""

    product_id: UUID
    table: Table
    weight: float = 1.0


@dataclass(frozen=True)
class Neighbour:
    """A product that sources led to in a table, by their summed weights, and the source that gave most."""

    table: Table
    product_id: UUID
    score: float
    because: UUID


async def of(version: int, sources: Sequence[Source], *, without: Sequence[UUID], limit: int) -> Sequence[Neighbour]:
    """Return the neighbours of the sources by falling score, per table; at most MOST_SOURCES are asked for."""
    asked = sources[:MOST_SOURCES]
    rows = await db.fetch_all(
        _NEIGHBOURS.format(numbers=MOST_SOURCES), version, [s.product_id for s in asked],
        [int(s.table) for s in asked], [s.weight for s in asked], without, limit,
    )  # fmt: skip
    return [
        Neighbour(
            Table(row["kind"]), row["product_id"], row["score"], asked[-row["most"] % MOST_SOURCES - 1].product_id
        )
        for row in rows
    ]
