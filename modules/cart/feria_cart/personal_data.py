"""The cart's part of the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import orjson

from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json

_CARTS = """
SELECT coalesce(json_agg(json_build_object(
    'id', c.id, 'state', c.state, 'created_at', c.created_at, 'updated_at', c.updated_at,
    'order_number', c.order_number,
    'items', (SELECT coalesce(json_agg(json_build_object('variant_id', i.variant_id, 'quantity', i.quantity,
                  'added_at', i.added_at) ORDER BY i.added_at), '[]') FROM cart_item i WHERE i.cart_id = c.id),
    'codes', (SELECT coalesce(json_agg(k.code ORDER BY k.added_at), '[]') FROM cart_code k WHERE k.cart_id = c.id)
) ORDER BY c.created_at), '[]')::text FROM cart_cart c WHERE c.customer_id = $1
"""
# The link of a shared list is not exported: who has the export shall not have the key to what is shown to others.
_WISHLISTS = """
SELECT coalesce(json_agg(json_build_object(
    'id', w.id, 'name', w.name, 'is_shared', w.share_hash IS NOT NULL, 'created_at', w.created_at,
    'updated_at', w.updated_at,
    'items', (SELECT coalesce(json_agg(json_build_object('variant_id', i.variant_id, 'sku', i.sku, 'name', i.name,
                  'added_at', i.added_at) ORDER BY i.id), '[]') FROM cart_wishlist_item i WHERE i.wishlist_id = w.id)
) ORDER BY w.id), '[]')::text FROM cart_wishlist w WHERE w.customer_id = $1
"""
_ALERTS = """
SELECT coalesce(json_agg(json_build_object(
    'id', a.id, 'variant_id', a.variant_id, 'sku', a.sku, 'kind', a.kind, 'created_at', a.created_at,
    'notified_at', a.notified_at
) ORDER BY a.id), '[]')::text FROM cart_alert a WHERE a.customer_id = $1
"""


class CartData:
    """The customer's carts, wish lists and alerts. A guest's cart holds nothing that leads to a person."""

    section = "cart"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the carts with their items and codes, the wish lists with their items, the alerts."""
        return {
            "carts": await _listed(_CARTS, subject.user_id),
            "wishlists": await _listed(_WISHLISTS, subject.user_id),
            "alerts": await _listed(_ALERTS, subject.user_id),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Delete the wish lists and alerts, then the carts, those that became orders too.

        In the order in which an item moves from a wish list into a cart, so that the two never wait in a circle.
        """
        await db.execute("DELETE FROM cart_wishlist WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM cart_alert WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM cart_cart WHERE customer_id = $1", subject.user_id)


async def _listed(statement: str, customer_id: UUID) -> list[Json]:
    found: list[Json] = orjson.loads(await db.fetch_value(statement, customer_id))
    return found
