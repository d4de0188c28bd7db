"""The port `order_payments` over two tables of its own: orders that are paid without any provider, for tests."""

from __future__ import annotations

from uuid import UUID

from feria_core import db
from feria_core.contracts.orders import ORDERS
from feria_core.contracts.payments import Balance, PaymentRefunded, PaymentRefundFailed
from feria_core.errors import Conflict
from feria_core.events import publish
from feria_core.money import Money
from feria_core.runtime import registry

_TABLES = """
CREATE TABLE IF NOT EXISTS testing_payment (
    order_id UUID PRIMARY KEY,
    currency TEXT NOT NULL,
    total BIGINT NOT NULL,
    authorized BIGINT NOT NULL DEFAULT 0 CHECK (authorized >= 0),
    captured BIGINT NOT NULL DEFAULT 0 CHECK (captured >= 0),
    is_open BOOLEAN NOT NULL DEFAULT true
);
CREATE TABLE IF NOT EXISTS testing_refund (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES testing_payment (order_id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL DEFAULT 'owed' CHECK (state IN ('owed', 'done', 'failed'))
);
"""


class RefundTooLarge(Conflict):
    code, title = "refund_too_large", "More than is left to refund"


class PaymentsLedger:
    """Keeps what was taken and given back; what a provider would do happens when the test calls `settle`."""

    async def prepare(self) -> None:
        """Make the tables where they are missing."""
        for statement in filter(str.strip, _TABLES.split(";")):
            await db.execute(statement)

    async def pay(self, order_id: UUID, total: Money, status: str) -> None:
        """Write the payment of a new order that is "pending" (on invoice), "authorized" or "paid"."""
        await db.execute(
            "INSERT INTO testing_payment (order_id, currency, total, authorized, captured) VALUES ($1, $2, $3, $4, $5)",
            order_id, total.currency, total.amount, total.amount if status == "authorized" else 0,
            total.amount if status == "paid" else 0,
        )  # fmt: skip

    async def balance(self, order_id: UUID) -> Balance | None:
        row = await db.fetch_one("SELECT * FROM testing_payment WHERE order_id = $1 FOR UPDATE", order_id)
        if row is None:
            return None
        sums = await db.fetch_one(
            "SELECT coalesce(sum(amount) FILTER (WHERE state = 'done'), 0)::bigint AS done,"
            " coalesce(sum(amount) FILTER (WHERE state = 'owed'), 0)::bigint AS owed"
            " FROM testing_refund WHERE order_id = $1",
            order_id,
        )
        assert sums is not None
        amounts = (row["authorized"], row["captured"], sums["done"], sums["owed"])
        return Balance(*(Money(amount, row["currency"]) for amount in amounts))

    async def refund(self, order_id: UUID, *, refund_id: UUID, amount: Money) -> None:
        balance = await self.balance(order_id)
        if await db.fetch_value("SELECT EXISTS (SELECT FROM testing_refund WHERE id = $1)", refund_id):
            return
        if balance is None or amount.amount > balance.refundable.amount:
            raise RefundTooLarge(f"{amount.amount} {amount.currency} are more than is left of order {order_id}.")
        await db.execute(
            "INSERT INTO testing_refund (id, order_id, amount) VALUES ($1, $2, $3)", refund_id, order_id, amount.amount
        )

    async def capture(self, order_id: UUID, *, amount: Money | None = None) -> None:
        balance = await self.balance(order_id)
        wanted = amount.amount if amount else balance.authorized.amount if balance else 0
        if balance is None or wanted > balance.authorized.amount:
            raise Conflict(f"Less than {wanted} of order {order_id} is authorised.")
        await db.execute(
            "UPDATE testing_payment SET authorized = 0, captured = captured + $2 WHERE order_id = $1", order_id, wanted
        )

    async def give_up(self, order_id: UUID) -> None:
        await db.execute("UPDATE testing_payment SET authorized = 0, is_open = false WHERE order_id = $1", order_id)

    async def note_received(self, order_id: UUID) -> bool:
        return bool(
            await db.execute(
                "UPDATE testing_payment SET captured = total WHERE order_id = $1 AND is_open AND captured = 0", order_id
            )
        )

    async def settle(self, *, succeed: bool = True) -> int:
        """Do what the provider owes: captures are told to the orders, refunds succeed or fail; return how many."""
        rows = await db.fetch_all("SELECT id, order_id, amount FROM testing_refund WHERE state = 'owed' ORDER BY id")
        for row in rows:
            async with db.transaction():
                currency = (await db.fetch_one(
                    "SELECT currency FROM testing_payment WHERE order_id = $1 FOR UPDATE", row["order_id"]
                ) or {"currency": ""})["currency"]  # fmt: skip
                state = "done" if succeed else "failed"
                await db.execute("UPDATE testing_refund SET state = $2 WHERE id = $1", row["id"], state)
                if succeed:
                    await publish(PaymentRefunded(row["id"], row["order_id"], row["amount"], currency))
                else:
                    await publish(PaymentRefundFailed(row["id"], row["order_id"], "the card is closed"))
        for paid in await db.fetch_all("SELECT order_id FROM testing_payment WHERE captured > 0 ORDER BY order_id"):
            await registry().get(ORDERS).mark_paid(paid["order_id"])
        return len(rows)
