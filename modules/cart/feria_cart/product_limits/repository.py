"""Statements about limits of products, what is claimed of them, and what each customer has used."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

_SET = """
INSERT INTO cart_product_limit (product_id, most, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (product_id) DO UPDATE SET most = EXCLUDED.most, changed_at = EXCLUDED.changed_at
"""
# The count and its bound in one statement: twins wait for the row and see what the other has taken.
_USE = """
INSERT INTO cart_product_use AS u (customer_id, product_id, used) SELECT $1::uuid, $2::uuid, $3::int WHERE $3 <= $4::int
ON CONFLICT (customer_id, product_id) DO UPDATE SET used = u.used + EXCLUDED.used WHERE u.used + EXCLUDED.used <= $4
"""
_GIVE = """
UPDATE cart_product_use SET used = greatest(used - $3, 0) WHERE customer_id = $1 AND product_id = $2
"""
_SAVE = """
INSERT INTO cart_product_claim (reference, product_id, customer_id, units, state, changed_at)
VALUES ($1, $2, $3, $4, 'held', $5)
ON CONFLICT (reference, product_id)
DO UPDATE SET units = EXCLUDED.units, customer_id = EXCLUDED.customer_id, state = 'held', changed_at = $5
"""
_END = """
UPDATE cart_product_claim SET state = 'released', changed_at = $3
WHERE reference = $1 AND product_id = $2 AND state <> 'released'
"""


async def set_limit(product_id: UUID, most: int, now: datetime) -> None:
    """Write the limit, or another one."""
    await db.execute(_SET, product_id, most, now)


async def delete_limit(product_id: UUID) -> bool:
    """Delete the limit; False where there is none."""
    return await db.execute("DELETE FROM cart_product_limit WHERE product_id = $1", product_id) == 1


async def page(*, limit: int, after: UUID | None) -> Sequence[db.Row]:
    """Return at most `limit` limits by ascending product, those after that one."""
    return await db.fetch_all(
        "SELECT product_id, most, changed_at FROM cart_product_limit"
        " WHERE $1::uuid IS NULL OR product_id > $1 ORDER BY product_id LIMIT $2",
        after, limit,
    )  # fmt: skip


async def limit_of(product_id: UUID) -> int | None:
    """Return how many each customer may buy, None for any number."""
    most: int | None = await db.fetch_value("SELECT most FROM cart_product_limit WHERE product_id = $1", product_id)
    return most


async def limits_of(product_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return the limits of those of the products that have one."""
    rows = await db.fetch_all(
        "SELECT product_id, most FROM cart_product_limit WHERE product_id = ANY($1::uuid[])", list(product_ids)
    )
    return {row["product_id"]: row["most"] for row in rows}


async def are_there_any() -> bool:
    """Return True where any product has a limit."""
    return bool(await db.fetch_value("SELECT EXISTS (SELECT FROM cart_product_limit)"))


async def used_by(customer_id: UUID, product_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many of each of the products the customer has bought, or is about to."""
    rows = await db.fetch_all(
        "SELECT product_id, used FROM cart_product_use WHERE customer_id = $1 AND product_id = ANY($2::uuid[])",
        customer_id, list(product_ids),
    )  # fmt: skip
    return {row["product_id"]: row["used"] for row in rows}


async def held_for(cart_customer: UUID, references: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many of each product these checkouts of the customer hold."""
    rows = await db.fetch_all(
        "SELECT product_id, sum(units)::bigint AS units FROM cart_product_claim"
        " WHERE customer_id = $1 AND reference = ANY($2::uuid[]) AND state = 'held' GROUP BY product_id",
        cart_customer, list(references),
    )  # fmt: skip
    return {row["product_id"]: row["units"] for row in rows}


async def use(customer_id: UUID, product_id: UUID, units: int, *, most: int) -> bool:
    """Count so many more for the customer; False, nothing counted, where that would pass the limit."""
    return await db.execute(_USE, customer_id, product_id, units, most) == 1


async def give_back(customer_id: UUID, product_id: UUID, units: int) -> None:
    """Count so many less for the customer."""
    await db.execute(_GIVE, customer_id, product_id, units)


async def claims_of(reference: UUID) -> Sequence[db.Row]:
    """Return the claims of a checkout, locked, by ascending product."""
    return await db.fetch_all(
        "SELECT product_id, customer_id, units, state FROM cart_product_claim WHERE reference = $1"
        " ORDER BY product_id FOR UPDATE",
        reference,
    )


async def save(reference: UUID, product_id: UUID, customer_id: UUID | None, units: int, now: datetime) -> None:
    """Write what a checkout holds of a product."""
    await db.execute(_SAVE, reference, product_id, customer_id, units, now)


async def end(reference: UUID, product_id: UUID, now: datetime) -> bool:
    """Note a claim as given back; False where it was before."""
    return await db.execute(_END, reference, product_id, now) == 1


async def keep(reference: UUID, order_id: UUID, now: datetime) -> None:
    """Make what a checkout holds the order's."""
    await db.execute(
        "UPDATE cart_product_claim SET state = 'kept', order_id = $2, changed_at = $3"
        " WHERE reference = $1 AND state = 'held'",
        reference, order_id, now,
    )  # fmt: skip


async def reference_of(order_id: UUID) -> UUID | None:
    """Return the checkout whose claims the order keeps."""
    found: UUID | None = await db.fetch_value(
        "SELECT reference FROM cart_product_claim WHERE order_id = $1 LIMIT 1", order_id
    )
    return found
