"""Orders' part of the port `personal_data`: what tax law wants kept stays, the person goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.contracts.privacy import DataSubject, Json
from feria_orders.reads import DOCUMENT

# What an invoice needs of its recipient; the README lists it.
KEPT_OF_ADDRESS = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country")
ERASED_EMAIL = "erased@erased.invalid"  # RFC 2606: never an address, and core's mail sends nothing there

# The customer's own, and those of guests that were ordered under an address while it was the person's.
_OF_PERSON = """
(o.customer_id = $1 OR (o.customer_id IS NULL AND EXISTS (
    SELECT FROM unnest($2::text[], $3::timestamptz[]) AS a (form, until)
    WHERE lower(o.email COLLATE "C") = a.form AND o.created_at <= a.until)))
"""
_EXPORT = f"""
SELECT coalesce(json_agg(to_jsonb(d) || jsonb_build_object(
    'lines', d.lines::json, 'timeline', d.timeline::json, 'codes', d.codes::json, 'tax_lines', d.tax_lines::json,
    'shipping_address', d.shipping_address::json, 'billing_address', d.billing_address::json,
    'fulfilments', d.fulfilments::json, 'refunds', d.refunds::json, 'returns', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'requested_at', r.requested_at, 'status', r.status, 'wish', r.wish, 'reason', r.reason, 'note', r.note,
            'answer', r.answer) ORDER BY r.id), '[]') FROM orders_return AS r WHERE r.order_id = d.id)
) ORDER BY d.placed_at), '[]')::text FROM (SELECT {DOCUMENT} FROM orders_order AS o WHERE {_OF_PERSON}) AS d
"""
_ANONYMISE = """
UPDATE orders_order SET
    email = $2, note = NULL, staff_note = NULL, shipping_address = NULL, updated_at = $4,
    billing_address = (
        SELECT jsonb_object_agg(f.key, f.value) || '{"phone": null}'
        FROM jsonb_each(coalesce(billing_address, shipping_address)) AS f WHERE f.key = ANY ($3))
WHERE id = ANY ($1) AND email <> $2
"""


# What people wrote, and numbers by which a carrier knows an address.
_FREE_TEXT = {
    "orders_event": ("message",),
    "orders_fulfilment": ("tracking_number", "tracking_url"),
    "orders_refund": ("reason",),
    "orders_return": ("note", "answer"),
}


class OrderData:
    """Orders of the person, drafts too."""

    section = "orders"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the orders with lines, addresses, notes, parcels, returns and timeline; amounts are in minor units."""
        text = await db.fetch_value(_EXPORT, subject.user_id, *subject.spellings())
        return {"orders": orjson.loads(text)}

    async def erase(self, subject: DataSubject) -> None:
        """Delete drafts; of placed orders keep lines, totals and the billing name and address, of the shipping
        address where there is no other. Free text and every link to the orders go.
        """
        found = await _of(subject)
        await db.execute("DELETE FROM orders_order WHERE id = ANY ($1) AND state = 'draft'", found)
        await db.execute("DELETE FROM orders_guest_token WHERE order_id = ANY ($1)", found)
        for table, columns in _FREE_TEXT.items():
            nothing = ", ".join(f"{column} = NULL" for column in columns)
            await db.execute(f"UPDATE {table} SET {nothing} WHERE order_id = ANY ($1)", found)
        await db.execute(_ANONYMISE, found, ERASED_EMAIL, list(KEPT_OF_ADDRESS), clock.now())


async def _of(subject: DataSubject) -> Sequence[UUID]:
    rows = await db.fetch_all(
        f"SELECT o.id FROM orders_order AS o WHERE {_OF_PERSON} ORDER BY o.id FOR UPDATE",
        subject.user_id, *subject.spellings(),
    )  # fmt: skip
    return [row["id"] for row in rows]
