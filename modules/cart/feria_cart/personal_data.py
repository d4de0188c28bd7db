"""The cart's part of the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
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
_SAVED = """
SELECT coalesce(json_agg(json_build_object(
    'id', s.id, 'variant_id', s.variant_id, 'quantity', s.quantity, 'saved_at', s.saved_at
) ORDER BY s.id), '[]')::text FROM cart_saved_item s WHERE s.customer_id = $1
"""
# What was agreed to as a guest is the person's where the address is.
_CONSENTS = """
SELECT coalesce(json_agg(json_build_object('email', k.email, 'cart_id', k.cart_id, 'given_at', k.given_at)
    ORDER BY k.id), '[]')::text
FROM cart_consent k WHERE k.customer_id = $1 OR EXISTS (
    SELECT FROM unnest($2::text[], $3::timestamptz[]) AS a (form, until)
    WHERE lower(k.email COLLATE "C") = a.form AND k.given_at <= a.until)
"""
_REMINDERS = """
SELECT coalesce(json_agg(json_build_object('cart_id', r.cart_id, 'mails', r.sent, 'first_at', r.first_at,
    'last_at', r.last_at, 'visited_at', r.visited_at, 'order_number', r.order_number) ORDER BY r.cart_id), '[]')::text
FROM cart_reminder r WHERE r.customer_id = $1
"""
_LIMITED = """
SELECT coalesce(json_agg(json_build_object('product_id', u.product_id, 'bought', u.used) ORDER BY u.product_id),
    '[]')::text FROM cart_product_use u WHERE u.customer_id = $1
"""
_FORGET_CONSENTS = """
DELETE FROM cart_consent k WHERE k.customer_id = $1 OR EXISTS (
    SELECT FROM unnest($2::text[], $3::timestamptz[]) AS a (form, until)
    WHERE lower(k.email COLLATE "C") = a.form AND k.given_at <= a.until)
"""


class CartData:
    """The customer's carts, wish lists, alerts and reminders; of a guest's cart the address that was left with it."""

    section = "cart"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return carts, wish lists, saved items, alerts, reminders, and what was bought of limited products."""
        spellings = subject.spellings()
        return {
            "carts": await _listed(_CARTS, subject.user_id),
            "wishlists": await _listed(_WISHLISTS, subject.user_id),
            "alerts": await _listed(_ALERTS, subject.user_id),
            "saved_for_later": await _listed(_SAVED, subject.user_id),
            "reminder_consents": await _listed(_CONSENTS, subject.user_id, *spellings),
            "reminders": await _listed(_REMINDERS, subject.user_id),
            "limited_products": await _listed(_LIMITED, subject.user_id),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Delete the wish lists and alerts, then the carts, those that became orders too, and what stands beside them.

        In the order in which an item moves from a wish list into a cart, so that the two never wait in a circle.
        """
        await db.execute("DELETE FROM cart_wishlist WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM cart_alert WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM cart_cart WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM cart_saved_item WHERE customer_id = $1", subject.user_id)
        await db.execute(_FORGET_CONSENTS, subject.user_id, *subject.spellings())
        # Counts for the report stay, of nobody.
        await db.execute("UPDATE cart_reminder SET customer_id = NULL WHERE customer_id = $1", subject.user_id)
        await db.execute("UPDATE cart_product_claim SET customer_id = NULL WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM cart_product_use WHERE customer_id = $1", subject.user_id)


async def _listed(statement: str, customer_id: UUID, *more: list[Any]) -> list[Json]:
    found: list[Json] = orjson.loads(await db.fetch_value(statement, customer_id, *more))
    return found
