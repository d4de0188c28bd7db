"""The statements over `checkout_payment`. Its state moves only by conditional updates whose count is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from feria_checkout.repository.rows import PaymentRow, payment_of, stock_text
from feria_core import clock, db
from feria_core.contracts.catalog import StockLine
from feria_core.contracts.money import Money

_COLUMNS = (
    "id, checkout_id, order_id, provider, reference, amount, currency, lines::text AS lines, state, failure,"
    " created_at, is_deferred, alias"
)
_LIVE = "state IN ('pending', 'authorized', 'captured')"


async def insert(
    payment_id: UUID,
    *,
    checkout_id: UUID,
    order_id: UUID | None,
    provider: str,
    amount: Money,
    lines: Sequence[StockLine],
    is_deferred: bool = False,
) -> PaymentRow:
    """Add a pending payment and return it. Raises asyncpg.UniqueViolationError where the checkout has a live one."""
    row = await db.fetch_one(
        "INSERT INTO checkout_payment (id, checkout_id, order_id, provider, amount, currency, lines, created_at,"
        f" updated_at, is_deferred) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) RETURNING {_COLUMNS}",
        payment_id, checkout_id, order_id, provider, amount.amount, amount.currency, stock_text(lines), clock.now(),
        is_deferred,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an insert returns its row
    return payment_of(row)


async def live_of(checkout_id: UUID, *, lock: bool = False) -> PaymentRow | None:
    """Return the payment that counts for the checkout, or None."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM checkout_payment WHERE checkout_id = $1 AND {_LIVE}" + (" FOR UPDATE" if lock else ""),
        checkout_id,
    )
    return payment_of(row) if row else None


async def get(payment_id: UUID, *, lock: bool = False) -> PaymentRow | None:
    """Return the payment, or None."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM checkout_payment WHERE id = $1" + (" FOR UPDATE" if lock else ""), payment_id
    )
    return payment_of(row) if row else None


async def find(provider: str, reference: str) -> PaymentRow | None:
    """Return the payment that the provider knows as `reference`, its second name included, or None."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM checkout_payment WHERE provider = $1 AND (reference = $2 OR alias = $2)",
        provider, reference,
    )  # fmt: skip
    return payment_of(row) if row else None


async def move(payment_id: UUID, *, to: str, only_from: Sequence[str], failure: str | None = None) -> bool:
    """Change the state where it is one of `only_from`; False where somebody else was first."""
    return bool(
        await db.execute(
            "UPDATE checkout_payment SET state = $2, failure = coalesce($4, failure), updated_at = $5"
            " WHERE id = $1 AND state = ANY ($3)",
            payment_id, to, list(only_from), failure and failure[:500], clock.now(),
        )
    )  # fmt: skip


async def settle(payment_id: UUID, *, to: str) -> bool:
    """Count the whole pending payment as "authorized" or "captured"; False where somebody else was first."""
    return bool(
        await db.execute(
            "UPDATE checkout_payment SET state = $2, updated_at = $3,"
            " authorized = CASE $2 WHEN 'authorized' THEN amount ELSE 0 END,"
            " captured = CASE $2 WHEN 'captured' THEN amount ELSE 0 END"
            " WHERE id = $1 AND state = 'pending'",
            payment_id, to, clock.now(),
        )
    )  # fmt: skip


async def settle_at_once(payment_id: UUID, *, order_id: UUID, amount: Money, lines: Sequence[StockLine]) -> bool:
    """Count a payment on the shopper's word as "authorized", for what it is for now; False where it is not pending."""
    return bool(
        await db.execute(
            "UPDATE checkout_payment SET state = 'authorized', authorized = $3, order_id = $2, amount = $3,"
            " currency = $4, lines = $5, updated_at = $6 WHERE id = $1 AND state = 'pending'",
            payment_id, order_id, amount.amount, amount.currency, stock_text(lines), clock.now(),
        )
    )  # fmt: skip


async def save_reference(payment_id: UUID, reference: str) -> bool:
    """Note the provider's name for the payment; False where another one was noted before."""
    return bool(
        await db.execute(
            "UPDATE checkout_payment SET reference = $2, updated_at = $3"
            " WHERE id = $1 AND (reference IS NULL OR reference = $2)",
            payment_id, reference, clock.now(),
        )
    )  # fmt: skip


async def save_alias(payment_id: UUID, alias: str) -> None:
    """Note the provider's second name for the payment, once."""
    await db.execute(
        "UPDATE checkout_payment SET alias = $2, updated_at = $3 WHERE id = $1 AND alias IS NULL",
        payment_id, alias, clock.now(),
    )  # fmt: skip


async def note_failure(payment_id: UUID, failure: str) -> None:
    """Keep why the last try to pay failed; the payment may still succeed."""
    await db.execute(
        "UPDATE checkout_payment SET failure = $2, updated_at = $3 WHERE id = $1 AND state = 'pending'",
        payment_id, failure[:500], clock.now(),
    )  # fmt: skip


async def take_unsettled(*, older_than_s: int, besides: Sequence[str], limit: int) -> list[UUID]:
    """Return pending payments that nobody has asked about for so long, and note that they are asked about now."""
    now = clock.now()
    rows = await db.fetch_all(
        "UPDATE checkout_payment p SET checked_at = $1 FROM ("
        "  SELECT id FROM checkout_payment WHERE state = 'pending' AND NOT provider = ANY ($3) AND created_at <= $2"
        "  AND (checked_at IS NULL OR checked_at <= $2) ORDER BY checked_at NULLS FIRST, id LIMIT $4"
        "  FOR UPDATE SKIP LOCKED) AS due"
        " WHERE p.id = due.id RETURNING p.id",
        now, now - timedelta(seconds=older_than_s), list(besides), limit,
    )  # fmt: skip
    return [row["id"] for row in rows]
