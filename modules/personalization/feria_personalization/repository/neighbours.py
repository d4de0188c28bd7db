"""The read behind every recommendation: neighbours of products, summed, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_personalization.domain import Table

# Each source is a product, the table to look into, and how much it counts. `because` is the source that gave most.
_NEIGHBOURS = """
WITH source AS (
    SELECT * FROM unnest($2::uuid[], $3::smallint[], $4::real[]) AS s (product_id, kind, weight)
)
SELECT s.kind, n.id AS product_id, sum(s.weight * n.weight) AS score,
    (array_agg(s.product_id ORDER BY s.weight * n.weight DESC, s.product_id))[1] AS because
FROM source s
JOIN personalization_neighbour t ON t.version = $1 AND t.kind = s.kind AND t.product_id = s.product_id
CROSS JOIN LATERAL unnest(t.neighbours, t.weights) AS n (id, weight)
WHERE n.id <> ALL ($5::uuid[])
GROUP BY s.kind, n.id
HAVING sum(s.weight * n.weight) > 0
ORDER BY score DESC, n.id
LIMIT $6
"""


@dataclass(frozen=True)
class Source:
    """A product whose neighbours in a table are asked for, and how much it counts."""

    product_id: UUID
    table: Table
    weight: float = 1.0


async def of(version: int, sources: Sequence[Source], *, without: Sequence[UUID], limit: int) -> Sequence[Row]:
    """Return the neighbours of the sources by falling score, per table: kind, product_id, score, because."""
    return await db.fetch_all(
        _NEIGHBOURS, version, [s.product_id for s in sources], [int(s.table) for s in sources],
        [s.weight for s in sources], without, limit,
    )  # fmt: skip
