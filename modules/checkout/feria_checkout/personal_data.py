"""The checkout's part of the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson

from feria_checkout.repository import checkouts
from feria_checkout.service.ending import end
from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json

# The customer's own, and those of guests that were typed under an address while it was the person's.
_OF_PERSON = """
(c.customer_id = $1 OR (c.customer_id IS NULL AND EXISTS (
    SELECT FROM unnest($2::text[], $3::timestamptz[]) AS a (form, until)
    WHERE lower(c.email COLLATE "C") = a.form AND c.created_at <= a.until)))
"""
_EXPORT = f"""
SELECT coalesce(json_agg(json_build_object(
    'id', c.id, 'state', c.state, 'email', c.email, 'shipping_address', c.shipping_address,
    'billing_address', c.billing_address, 'shipping_method', c.shipping_method, 'note', c.note, 'locale', c.locale,
    'steps', c.steps, 'agreed', c.draft,
    'quote', c.quote, 'order_number', c.order_number, 'created_at', c.created_at, 'updated_at', c.updated_at,
    'payments', (SELECT coalesce(json_agg(json_build_object('provider', p.provider, 'reference', p.reference,
                     'amount', p.amount, 'currency', p.currency, 'state', p.state, 'failure', p.failure,
                     'refunded', p.refunded, 'created_at', p.created_at) ORDER BY p.created_at), '[]')
                 FROM checkout_payment p WHERE p.checkout_id = c.id)
) ORDER BY c.created_at), '[]')::text FROM checkout_checkout c WHERE {_OF_PERSON}
"""


class CheckoutData:
    """Checkouts and their payments; asked first, since an open one holds stock, a payment and a draft order."""

    section = "checkout"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the checkouts with their payments, and why the person pays no tax."""
        text = await db.fetch_value(_EXPORT, subject.user_id, *subject.spellings())
        exempt = await db.fetch_value(
            "SELECT json_build_object('reason', reason, 'ends_at', ends_at)::text FROM checkout_tax_exemption"
            " WHERE customer_id = $1",
            subject.user_id,
        )
        return {"checkouts": orjson.loads(text), "tax_exemption": exempt and orjson.loads(exempt)}

    async def erase(self, subject: DataSubject) -> None:
        """End what is open, as if its time were over, and empty what was typed. Sums and references stay."""
        found = await _of(subject)
        for checkout_id in found:
            checkout = await checkouts.lock(checkout_id)
            if checkout is not None and checkout.is_open:
                await end(checkout)
        await _empty(found)
        await db.execute("DELETE FROM checkout_tax_exemption WHERE customer_id = $1", subject.user_id)


async def _of(subject: DataSubject) -> Sequence[UUID]:
    rows = await db.fetch_all(
        f"SELECT c.id FROM checkout_checkout c WHERE {_OF_PERSON} ORDER BY c.id FOR UPDATE",
        subject.user_id, *subject.spellings(),
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _empty(checkout_ids: Sequence[UUID]) -> None:
    await db.execute(
        "UPDATE checkout_checkout SET email = NULL, shipping_address = NULL, billing_address = NULL, note = NULL,"
        " steps = '{}', token_hashes = '{}' WHERE id = ANY ($1)",
        checkout_ids,
    )
    # A provider's refusal may name the card's holder.
    await db.execute("UPDATE checkout_payment SET failure = NULL WHERE checkout_id = ANY ($1)", checkout_ids)
    for kind in ("capture", "refund"):
        await db.execute(
            f"UPDATE checkout_{kind} SET failure = NULL WHERE payment_id IN"
            " (SELECT id FROM checkout_payment WHERE checkout_id = ANY ($1))",
            checkout_ids,
        )
