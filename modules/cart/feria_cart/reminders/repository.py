"""Statements about who wants to be reminded, and about the reminders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from feria_core import db
from feria_core.ids import new_id

_AGREE_CUSTOMER = """
INSERT INTO cart_consent (id, customer_id, locale, given_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (customer_id) DO UPDATE SET locale = EXCLUDED.locale
"""
_AGREE_GUEST = """
INSERT INTO cart_consent (id, cart_id, email, locale, given_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (cart_id) DO UPDATE SET email = EXCLUDED.email, locale = EXCLUDED.locale
"""
# $2 are the delays after a cart's last change; the n-th mail also keeps its distance from the one before, so that a
# worker that was down does not send all of them at once.
_DUE = """
SELECT c.id, c.customer_id, k.id AS consent_id, k.email, k.locale, coalesce(r.sent, 0) AS sent
FROM cart_cart c
JOIN cart_consent k ON k.cart_id = c.id OR k.customer_id = c.customer_id
LEFT JOIN cart_reminder r ON r.cart_id = c.id
WHERE c.state = 'open' AND c.updated_at <= $1::timestamptz - ($2::interval[])[1] AND r.stopped IS NULL
    AND coalesce(r.sent, 0) < cardinality($2::interval[])
    AND c.updated_at <= $1::timestamptz - ($2::interval[])[coalesce(r.sent, 0) + 1]
    AND (r.sent IS NULL OR r.sent = 0
        OR r.last_at <= $1::timestamptz - (($2::interval[])[r.sent + 1] - ($2::interval[])[r.sent]))
    AND EXISTS (SELECT FROM cart_item i WHERE i.cart_id = c.id)
ORDER BY c.id LIMIT $3 FOR UPDATE OF c SKIP LOCKED
"""
_NOTE = """
INSERT INTO cart_reminder (cart_id, customer_id, sent, value_amount, currency, first_at, last_at)
VALUES ($1, $2, 1, $3::bigint, $4::text, $5::timestamptz, $5)
ON CONFLICT (cart_id) DO UPDATE SET sent = cart_reminder.sent + 1, value_amount = $3, currency = $4, last_at = $5
"""
_STOP = """
INSERT INTO cart_reminder (cart_id, sent, value_amount, currency, first_at, last_at, stopped)
SELECT c.id, 0, 0, $2::text, $3::timestamptz, $3, $4::text FROM cart_cart c
WHERE c.id = ANY($1::uuid[]) AND c.state = 'open' ORDER BY c.id
ON CONFLICT (cart_id) DO UPDATE SET stopped = EXCLUDED.stopped WHERE cart_reminder.stopped IS NULL
"""
# An order is recovered once, by the reminder that came last.
_RECOVER = """
UPDATE cart_reminder SET order_id = $2, order_number = $3, revenue_amount = $4, recovered_at = $5,
    recovered_by = CASE WHEN visited_at IS NULL THEN 'cart' ELSE 'link' END, stopped = coalesce(stopped, 'ordered')
WHERE cart_id = (
    SELECT cart_id FROM cart_reminder WHERE cart_id = ANY($1::uuid[]) AND sent > 0 AND recovered_at IS NULL
        AND currency = $6 AND last_at > $5::timestamptz - $7::interval
    ORDER BY last_at DESC, cart_id LIMIT 1 FOR UPDATE)
    AND NOT EXISTS (SELECT FROM cart_reminder o WHERE o.order_id = $2)
"""
# The cart of the order, the one it was copied from, and the guests' carts that were merged into either.
_FAMILY = """
WITH own AS (SELECT id, restored_from FROM cart_cart WHERE id = $1 OR ($1::uuid IS NULL AND order_number = $2)),
    near AS (SELECT id FROM own UNION SELECT restored_from FROM own WHERE restored_from IS NOT NULL
        UNION SELECT c.id FROM cart_cart c JOIN own ON c.merged_into = own.id
        UNION SELECT c.restored_from FROM cart_cart c JOIN own ON c.merged_into = own.id
            WHERE c.restored_from IS NOT NULL)
SELECT id FROM near ORDER BY id
"""


async def agree_customer(customer_id: UUID, locale: str, now: datetime) -> None:
    """Note that the customer wants to be reminded of carts."""
    await db.execute(_AGREE_CUSTOMER, new_id(), customer_id, locale, now)


async def agree_guest(cart_id: UUID, email: str, locale: str, now: datetime) -> None:
    """Note that the owner of the guest cart wants to be reminded of it at that address."""
    await db.execute(_AGREE_GUEST, new_id(), cart_id, email, locale, now)


async def withdraw_customer(customer_id: UUID) -> None:
    """Forget that the customer wanted to be reminded."""
    await db.execute("DELETE FROM cart_consent WHERE customer_id = $1", customer_id)


async def withdraw_guest(cart_id: UUID) -> str | None:
    """Forget the address that was left with the guest cart; return it, None where there was none."""
    row = await db.fetch_one("DELETE FROM cart_consent WHERE cart_id = $1 RETURNING email", cart_id)
    return row["email"] if row else None


async def withdraw(consent_id: UUID) -> db.Row | None:
    """Delete a consent and return its `customer_id`, `cart_id` and `email`; None where there is none any more."""
    return await db.fetch_one(
        "DELETE FROM cart_consent WHERE id = $1 RETURNING customer_id, cart_id, email", consent_id
    )


async def withdraw_address(email: str) -> Sequence[UUID]:
    """Delete the consents that guests have given for the address; return their carts."""
    rows = await db.fetch_all("DELETE FROM cart_consent WHERE lower(email) = lower($1) RETURNING cart_id", email)
    return [row["cart_id"] for row in rows]


async def addresses_of(cart_ids: Collection[UUID]) -> Sequence[str]:
    """Return the addresses that guests have left with these carts."""
    rows = await db.fetch_all(
        "SELECT email FROM cart_consent WHERE cart_id = ANY($1::uuid[]) AND email IS NOT NULL", list(cart_ids)
    )
    return [row["email"] for row in rows]


async def consent_of(customer_id: UUID | None, cart_id: UUID | None) -> db.Row | None:
    """Return the consent of the customer, or that of the guest cart."""
    return await db.fetch_one(
        "SELECT id, email FROM cart_consent WHERE customer_id = $1 OR cart_id = $2", customer_id, cart_id
    )


async def opt_out(address_key: bytes, now: datetime) -> None:
    """Remember an address that wants no reminders."""
    await db.execute(
        "INSERT INTO cart_optout (address_key, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", address_key, now
    )


async def is_opted_out(address_key: bytes) -> bool:
    """Return True where the owner of the address wants no reminders."""
    return bool(await db.fetch_value("SELECT EXISTS (SELECT FROM cart_optout WHERE address_key = $1)", address_key))


async def due(now: datetime, delays: Sequence[timedelta], *, limit: int) -> Sequence[db.Row]:
    """Return at most `limit` carts that are to be reminded of now, locked; busy ones are left for the next look."""
    return await db.fetch_all(_DUE, now, list(delays), limit)


async def note_sent(cart_id: UUID, customer_id: UUID | None, amount: int, currency: str, now: datetime) -> None:
    """Count a mail about the cart, whose row the caller has locked, and what the cart was worth."""
    await db.execute(_NOTE, cart_id, customer_id, amount, currency, now)


async def stop(cart_ids: Collection[UUID], reason: str, currency: str, now: datetime) -> None:
    """Let nobody be reminded of those of the carts that are open any more."""
    if cart_ids:
        await db.execute(_STOP, sorted(cart_ids), currency, now, reason)


async def note_visit(cart_id: UUID, now: datetime) -> None:
    """Note that the link of a mail was followed."""
    await db.execute(
        "UPDATE cart_reminder SET visited_at = coalesce(visited_at, $2) WHERE cart_id = $1 AND sent > 0", cart_id, now
    )


async def family(cart_id: UUID | None, order_number: str) -> Sequence[UUID]:
    """Return the cart of the order and those that it came from."""
    return [row["id"] for row in await db.fetch_all(_FAMILY, cart_id, order_number)]


async def recover(
    cart_ids: Collection[UUID], *, order_id: UUID, number: str, amount: int, currency: str, at: datetime, days: int
) -> bool:
    """Attribute the order to the reminder that came last, if any was sent in the `days` before; False for none."""
    changed = await db.execute(_RECOVER, list(cart_ids), order_id, number, amount, at, currency, timedelta(days=days))
    return changed == 1


async def unrecover(order_id: UUID) -> None:
    """Take a cancelled order out of the report."""
    await db.execute(
        "UPDATE cart_reminder SET order_number = NULL, revenue_amount = NULL, recovered_at = NULL, recovered_by = NULL"
        " WHERE order_id = $1",
        order_id,
    )


async def delete_older(before: datetime) -> int:
    """Delete the reminders whose first mail is older; return how many."""
    return await db.execute("DELETE FROM cart_reminder WHERE first_at < $1", before)
