"""A placed order under its lock, with what of it has come how far; every later move begins and ends here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.orders import LineUnits
from feria_core.contracts.payments import ORDER_PAYMENTS, Balance, OrderPayments
from feria_core.db import Row
from feria_core.money import Money
from feria_core.runtime import registry
from feria_orders import timeline
from feria_orders.documents import one_line
from feria_orders.domain import (
    FULFILMENT,
    ORDER,
    PAYMENT,
    FulfilmentStatus,
    Line,
    OrderState,
    PaymentStatus,
    fulfilment_of,
    state_of,
)
from feria_orders.errors import LineUnknown, OrderNotFound, PaymentsUnavailable, TooManyPieces
from feria_orders.shares import Cost, Totals, price_of
from feria_orders.texts import EventKind

Units = Mapping[UUID, int]
COUNTERS = frozenset({"cancelled", "shipped", "delivered", "in_return", "returned", "refunded", "restocked"})
_ORDER = (
    "SELECT id, number, customer_id, email, locale, currency, state, payment_status, fulfilment_status, grand_total,"
    " refunded_total, tax_total, tax_included, placed_at FROM orders_order"
    " WHERE id = $1 AND state <> 'draft' FOR UPDATE"
)
_LINES = (
    "SELECT id, variant_id, product_id, sku, name, quantity, total, tax, cancelled, shipped, delivered, in_return,"
    " returned, refunded, restocked FROM orders_line WHERE order_id = $1 ORDER BY position"
)


@dataclass
class Standing:
    """An order that this transaction has locked, and its money where it is known."""

    row: dict[str, Any]
    lines: tuple[Line, ...]
    balance: Balance | None

    @property
    def id(self) -> UUID:
        order_id: UUID = self.row["id"]
        return order_id

    @property
    def number(self) -> str:
        return str(self.row["number"])

    @property
    def state(self) -> OrderState:
        return OrderState(self.row["state"])

    @property
    def is_cancelled(self) -> bool:
        """True where nothing of the order is to be sent any more."""
        return self.state is OrderState.CANCELLED

    @property
    def payment_status(self) -> PaymentStatus:
        return PaymentStatus(self.row["payment_status"])

    @property
    def totals(self) -> Totals:
        return Totals(self.row["grand_total"], self.row["tax_total"], self.row["tax_included"])

    def money(self, amount: int) -> Money:
        """Return the amount in the order's currency."""
        return Money(amount, self.row["currency"])

    def line(self, line_id: UUID) -> Line:
        """Return the line. Raises LineUnknown."""
        found = next((line for line in self.lines if line.id == line_id), None)
        if found is None:
            raise LineUnknown(line_id)
        return found

    def require(self, units: Units, left: str, what: str) -> None:
        """Raise LineUnknown or TooManyPieces where fewer pieces than `units` are left by the attribute `left`."""
        short = [
            {"item_id": str(line.id), "sku": line.sku, "requested": count, "available": getattr(line, left)}
            for line, count in ((self.line(line_id), count) for line_id, count in units.items())
            if count > getattr(line, left)
        ]
        if short:
            raise TooManyPieces(what, short)

    def price_of(self, units: Units, *, start: str | None = "refunded") -> Mapping[UUID, Cost]:
        """Return what the pieces cost, by line."""
        return price_of(self.lines, self.totals, units, start=start)

    def named(self, units: Units) -> list[list[object]]:
        """Return the pieces as the timeline and mails name them: [quantity, name], in the order of the lines.

        A name has no breaks: none can pose as another line of a mail.
        """
        return [[units[line.id], one_line(line.name)] for line in self.lines if units.get(line.id)]

    def line_units(self, units: Units) -> tuple[LineUnits, ...]:
        """Return the pieces as events carry them; the amount is that of the goods with their tax."""
        priced = self.price_of(units, start=None)
        return tuple(
            LineUnits(line.variant_id, line.product_id, units[line.id], priced[line.id].goods)
            for line in self.lines
            if units.get(line.id)
        )


@asynccontextmanager
async def acting(number: str) -> AsyncIterator[Standing]:
    """Open a transaction with the placed order of that number locked. Raises OrderNotFound."""
    async with db.transaction():
        order_id = await db.fetch_value("SELECT id FROM orders_order WHERE number = $1 AND state <> 'draft'", number)
        if order_id is None:
            raise OrderNotFound(number)
        yield await locked(order_id)


async def locked(order_id: UUID, *, with_money: bool = True) -> Standing:
    """Lock the placed order in the open transaction. Raises OrderNotFound.

    Its payments are locked before it: that is the order in which a payment that arrives locks both. Whoever holds the
    order already asks without its money.
    """
    db.require_transaction("locking an order")
    payments = registry().find(ORDER_PAYMENTS) if with_money else None
    balance = await payments.balance(order_id) if payments else None
    row = await db.fetch_one(_ORDER, order_id)
    if row is None:
        raise OrderNotFound(order_id)
    return Standing(dict(row), await lines_of(order_id), balance)


async def lines_of(order_id: UUID) -> tuple[Line, ...]:
    """Return the order's lines in their order."""
    return tuple(Line(**row) for row in await db.fetch_all(_LINES, order_id))


def payments_of(standing: Standing) -> tuple[OrderPayments, Balance]:
    """Return the port of its money and where that is. Raises PaymentsUnavailable where no module knows it."""
    payments = registry().find(ORDER_PAYMENTS)
    if payments is None or standing.balance is None:
        raise PaymentsUnavailable(standing.number)
    return payments, standing.balance


async def count(standing: Standing, counter: str, units: Units, *, sign: int = 1) -> None:
    """Add `units` to a counter of the order's lines; the table's CHECKs refuse what cannot be."""
    if counter not in COUNTERS:
        raise ValueError(f"'{counter}' is no counter of lines")
    changes = {line_id: sign * n for line_id, n in units.items() if n}
    if changes:
        await db.execute(
            f"UPDATE orders_line AS l SET {counter} = {counter} + c.n"
            " FROM unnest($1::uuid[], $2::int[]) AS c (id, n) WHERE l.id = c.id AND l.order_id = $3",
            list(changes), list(changes.values()), standing.id,
        )  # fmt: skip
        standing.lines = await lines_of(standing.id)


async def settle(
    standing: Standing, *, payment: PaymentStatus | None = None, refunded_total: int | None = None
) -> None:
    """Write the three states that follow from the lines and the money; illegal moves raise IllegalMove.

    An order that is completed by it says so in its timeline.
    """
    before = standing.row
    wanted_payment = payment or standing.payment_status
    fulfilment = fulfilment_of(standing.lines)
    state = standing.state
    if state is OrderState.OPEN:
        state = state_of(standing.lines, wanted_payment)
    moved = ORDER.check(before["state"], state)
    moved |= PAYMENT.check(before["payment_status"], wanted_payment)
    moved |= FULFILMENT.check(before["fulfilment_status"], fulfilment)
    total = before["refunded_total"] if refunded_total is None else refunded_total
    now = clock.now()
    if moved or total != before["refunded_total"]:
        await _write(standing.id, state, wanted_payment, fulfilment, total, now)
    if state is OrderState.COMPLETED and before["state"] != state:
        await timeline.note(standing.id, EventKind.COMPLETED, by_system=True)
    standing.row |= {
        "state": state,
        "payment_status": wanted_payment,
        "fulfilment_status": fulfilment,
        "refunded_total": total,
    }


async def _write(
    order_id: UUID,
    state: OrderState,
    payment: PaymentStatus,
    fulfilment: FulfilmentStatus,
    refunded_total: int,
    now: datetime,
) -> None:
    await db.execute(
        "UPDATE orders_order SET state = $2, payment_status = $3, fulfilment_status = $4, refunded_total = $5,"
        " updated_at = $6 WHERE id = $1",
        order_id, state, payment, fulfilment, refunded_total, now,
    )  # fmt: skip


def units_of(rows: Sequence[Row]) -> dict[UUID, int]:
    """Return pieces by line from rows of (line_id, quantity)."""
    return {row["line_id"]: row["quantity"] for row in rows}
