"""Of `feria doctor`: what customers have used of limited products is what their checkouts and orders hold."""

from __future__ import annotations

from feria_core import db

_MISCOUNTED = """
SELECT u.customer_id, u.product_id, u.used, coalesce(c.units, 0) AS claimed
FROM cart_product_use u LEFT JOIN (
    SELECT customer_id, product_id, sum(units) AS units FROM cart_product_claim WHERE state <> 'released'
    GROUP BY customer_id, product_id) c USING (customer_id, product_id)
WHERE u.used <> coalesce(c.units, 0) ORDER BY u.customer_id, u.product_id LIMIT 20
"""


async def product_uses() -> list[str]:
    """Return a sentence for each count of a limited product that its claims do not explain."""
    return [
        f"customer {row['customer_id']} has used {row['used']} of product {row['product_id']}, "
        f"the claims say {row['claimed']}: set cart_product_use.used to what they say"
        for row in await db.fetch_all(_MISCOUNTED)
    ]
