"""Statements about what people did: written in batches, read for their owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id
from feria_personalization.repository.people import Who

# One statement looks for the consent and writes the batch. The shared lock makes it wait for a withdrawal, an erasure
# or a move to a customer that is under way, and then see what came of it.
_RECORD = """
WITH agreed AS (SELECT p.id FROM personalization_person p WHERE {condition} AND p.is_granted FOR SHARE)
INSERT INTO personalization_activity (id, at, person_id, kind, product_id, query, exposure_id, cart_id)
SELECT e.id, $2, agreed.id, e.kind, e.product_id, e.query, e.exposure_id, e.cart_id
FROM agreed, unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[])
    AS e (id, kind, product_id, query, exposure_id, cart_id)
"""


@dataclass(frozen=True)
class Event:
    """One thing that somebody did: a product looked at, clicked on or put into a cart, or a search."""

    kind: str
    product_id: UUID | None = None
    query: str | None = None
    exposure_id: UUID | None = None
    cart_id: UUID | None = None


async def record(who: Who, events: Sequence[Event], now: datetime) -> int:
    """Write the events of somebody who has agreed; return how many, 0 for somebody who has not."""
    return await db.execute(
        _RECORD.format(condition=who.condition),
        who.value, now, [new_id() for _ in events], [event.kind for event in events],
        [event.product_id for event in events], [event.query for event in events],
        [event.exposure_id for event in events], [event.cart_id for event in events],
    )  # fmt: skip


async def page(person_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[Row]:
    """Return what the person did, newest first, what they bought included."""
    return await db.fetch_all(
        "SELECT id, at, kind, product_id, query FROM ("
        " SELECT id, at, kind, product_id, query FROM personalization_activity WHERE person_id = $1"
        " UNION ALL SELECT order_id, at, 'purchase', product_id, NULL FROM personalization_sale WHERE person_id = $1"
        ") h WHERE $2::timestamptz IS NULL OR (at, id) < ($2, $3::uuid)"
        " ORDER BY at DESC, id DESC LIMIT $4",
        person_id, before[0] if before else None, before[1] if before else None, limit,
    )  # fmt: skip


async def recent(person_id: UUID, *, since: datetime, limit: int) -> Sequence[Row]:
    """Return the products that the person last bought, put into a cart or looked at: kind, product, newest time."""
    return await db.fetch_all(
        "(SELECT 'sale' AS kind, product_id, max(at) AS at FROM personalization_sale WHERE person_id = $1"
        " GROUP BY product_id ORDER BY 3 DESC LIMIT $3)"
        " UNION ALL"
        " (SELECT kind, product_id, max(at) FROM (SELECT kind, product_id, at FROM personalization_activity"
        " WHERE person_id = $1 AND at >= $2 AND product_id IS NOT NULL ORDER BY at DESC LIMIT 4 * $3) a"
        " GROUP BY kind, product_id ORDER BY 3 DESC LIMIT $3)",
        person_id, since, limit,
    )  # fmt: skip


async def of_cart(cart_id: UUID) -> Row | None:
    """Return the person who agreed to be remembered and filled the cart: `id`; None for nobody."""
    return await db.fetch_one(
        "SELECT p.id FROM personalization_activity a JOIN personalization_person p ON p.id = a.person_id"
        " WHERE a.cart_id = $1 AND p.is_granted ORDER BY a.at DESC LIMIT 1",
        cart_id,
    )


async def move(from_person: UUID, to_person: UUID) -> None:
    """Make everything that is one person's another's."""
    for table in ("activity", "exposure", "sale"):
        await db.execute(
            f"UPDATE personalization_{table} SET person_id = $2 WHERE person_id = $1", from_person, to_person
        )


async def forget(person_id: UUID) -> None:
    """Delete what the person did and was shown; their purchases stay as sales of the shop, without them."""
    await db.execute("DELETE FROM personalization_activity WHERE person_id = $1", person_id)
    await db.execute("DELETE FROM personalization_exposure WHERE person_id = $1", person_id)
    await db.execute("UPDATE personalization_sale SET person_id = NULL WHERE person_id = $1", person_id)
