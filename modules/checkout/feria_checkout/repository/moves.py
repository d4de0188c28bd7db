"""The statements over money that moves for placed orders: counters on the payment, captures and refunds beside it.

A counter changes only together with the row that it counts, by conditional updates; its CHECK is the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.money import Money

Kind = Literal["capture", "refund"]
_ORDERED = "state IN ('authorized', 'captured', 'released')"


@dataclass(frozen=True)
class PaidOrder:
    """The payment of a placed order and where its money is, in minor units."""

    payment_id: UUID
    order_id: UUID
    provider: str
    reference: str | None
    state: str
    currency: str
    amount: int
    authorized: int
    capturing: int
    captured: int
    refunding: int
    refunded: int

    @property
    def refundable(self) -> int:
        """What can still be given back."""
        return self.captured - self.refunding - self.refunded


@dataclass(frozen=True)
class Move:
    """A capture or a refund that was asked for."""

    id: UUID
    payment_id: UUID
    order_id: UUID
    amount: Money
    state: str
    created_at: datetime


_PAID = (
    "SELECT id AS payment_id, order_id, provider, reference, state, currency, amount, authorized, capturing, captured,"
    f" refunding, refunded FROM checkout_payment WHERE {_ORDERED} AND"
)


async def lock_of_order(order_id: UUID) -> PaidOrder | None:
    """Return the order's payment, locked, or None where there is none here."""
    row = await db.fetch_one(f"{_PAID} order_id = $1 FOR UPDATE", order_id)
    return PaidOrder(**row) if row else None


async def paid_order(payment_id: UUID, *, lock: bool = False) -> PaidOrder | None:
    """Return the payment where it belongs to a placed order, or None."""
    row = await db.fetch_one(f"{_PAID} id = $1" + (" FOR UPDATE" if lock else ""), payment_id)
    return PaidOrder(**row) if row else None


async def insert(kind: Kind, move_id: UUID, paid: PaidOrder, amount: Money) -> bool:
    """Note the move as asked for; False where it was noted before."""
    return bool(
        await db.execute(
            f"INSERT INTO checkout_{kind} (id, payment_id, order_id, amount, currency, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (id) DO NOTHING",
            move_id, paid.payment_id, paid.order_id, amount.amount, amount.currency, clock.now(),
        )
    )  # fmt: skip


async def get(kind: Kind, move_id: UUID) -> Move | None:
    """Return the capture or refund, or None."""
    row = await db.fetch_one(
        f"SELECT id, payment_id, order_id, amount, currency, state, created_at FROM checkout_{kind} WHERE id = $1",
        move_id,
    )
    return _move_of(row) if row else None


async def first_pending_capture(payment_id: UUID) -> UUID | None:
    """Return the payment's oldest capture that is not done yet."""
    found: UUID | None = await db.fetch_value(
        "SELECT id FROM checkout_capture WHERE payment_id = $1 AND state = 'pending' ORDER BY created_at, id LIMIT 1",
        payment_id,
    )
    return found


async def finish(kind: Kind, move_id: UUID, *, state: str, failure: str | None = None) -> bool:
    """End a pending move as "succeeded" or "failed"; False where it had ended before."""
    return bool(
        await db.execute(
            f"UPDATE checkout_{kind} SET state = $2, failure = $3, updated_at = $4 WHERE id = $1 AND state = 'pending'",
            move_id, state, failure and failure[:500], clock.now(),
        )
    )  # fmt: skip


async def reserve_refund(payment_id: UUID, amount: int) -> bool:
    """Count `amount` as on its way back; False, counting nothing, where less is left of what was taken."""
    return await _count(
        "refunding = refunding + $2", "captured - refunding - refunded >= $2", payment_id, amount
    )  # fmt: skip


async def settle_refund(payment_id: UUID, amount: int, *, is_given: bool) -> bool:
    """Count what was on its way back as given, or as taken again where the provider refuses."""
    given = ", refunded = refunded + $2" if is_given else ""
    return await _count(f"refunding = refunding - $2{given}", "refunding >= $2", payment_id, amount)


async def lose_refund(move_id: UUID, *, failure: str) -> bool:
    """Note that a refund which was given has failed after all; False where it was noted before, or never given."""
    return bool(
        await db.execute(
            "UPDATE checkout_refund SET state = 'failed', failure = $2, updated_at = $3"
            " WHERE id = $1 AND state = 'succeeded'",
            move_id, failure[:500], clock.now(),
        )
    )  # fmt: skip


async def take_back(payment_id: UUID, amount: int) -> bool:
    """Count what was given back as the shop's again."""
    return await _count("refunded = refunded - $2", "refunded >= $2", payment_id, amount)


async def reserve_capture(payment_id: UUID, amount: int) -> bool:
    """Count `amount` of what is reserved as being taken; False where less is reserved."""
    return await _count(
        "authorized = authorized - $2, capturing = capturing + $2", "authorized >= $2", payment_id, amount
    )


async def settle_capture(payment_id: UUID, amount: int, *, is_taken: bool) -> bool:
    """Count what was being taken as taken, or as only reserved again where the provider refuses."""
    to = "captured" if is_taken else "authorized"
    return await _count(f"capturing = capturing - $2, {to} = {to} + $2", "capturing >= $2", payment_id, amount)


async def let_go(payment_id: UUID) -> bool:
    """Count nothing as reserved any more; False where nothing was."""
    return bool(
        await db.execute(
            "UPDATE checkout_payment SET authorized = 0, updated_at = $2,"
            " state = CASE WHEN captured + capturing = 0 THEN 'released' ELSE 'captured' END"
            " WHERE id = $1 AND authorized > 0 AND state IN ('authorized', 'captured')",
            payment_id, clock.now(),
        )
    )  # fmt: skip


async def mark_captured(payment_id: UUID) -> bool:
    """Note that nothing more is to be taken; False while something is, or where it was noted before."""
    return bool(
        await db.execute(
            "UPDATE checkout_payment SET state = 'captured', updated_at = $2"
            " WHERE id = $1 AND state = 'authorized' AND authorized = 0 AND capturing = 0 AND captured > 0",
            payment_id, clock.now(),
        )
    )  # fmt: skip


async def pending_moves(kind: Kind, *, before: datetime) -> Sequence[Move]:
    """Return moves that were asked for before that moment and are not done, oldest first."""
    rows = await db.fetch_all(
        f"SELECT id, payment_id, order_id, amount, currency, state, created_at FROM checkout_{kind}"
        " WHERE state = 'pending' AND created_at < $1 ORDER BY created_at, id",
        before,
    )
    return [_move_of(row) for row in rows]


async def _count(change: str, condition: str, payment_id: UUID, amount: int) -> bool:
    return bool(
        await db.execute(
            f"UPDATE checkout_payment SET {change}, updated_at = $3 WHERE id = $1 AND {_ORDERED} AND {condition}",
            payment_id, amount, clock.now(),
        )
    )  # fmt: skip


def _move_of(row: db.Row) -> Move:
    return Move(
        id=row["id"],
        payment_id=row["payment_id"],
        order_id=row["order_id"],
        amount=Money(row["amount"], row["currency"]),
        state=row["state"],
        created_at=row["created_at"],
    )
