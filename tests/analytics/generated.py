"""Years of orders written by SQL: busiest around the changes of the clocks, with refunds and cancellations."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

# Changes of the clocks in New York, Madrid and on Lord Howe Island.
CHANGES = (
    "2024-03-10T07:00Z", "2024-03-31T01:00Z", "2024-04-06T15:00Z", "2024-10-05T15:30Z", "2024-10-27T01:00Z",
    "2024-11-03T06:00Z", "2025-03-09T07:00Z", "2025-03-30T01:00Z", "2025-04-05T15:00Z", "2025-10-04T15:30Z",
    "2025-10-26T01:00Z", "2025-11-02T06:00Z",
)  # fmt: skip
ORDER = [
    "id",
    "number",
    "checkout_id",
    "customer_id",
    "email",
    "locale",
    "state",
    "payment_status",
    "currency",
    "subtotal",
    "discount_total",
    "shipping_total",
    "tax_total",
    "grand_total",
    "refunded_total",
    "tax_lines",
    "tax_included",
    "codes",
    "placed_at",
    "created_at",
    "updated_at",
]
LINE = [
    "id",
    "order_id",
    "position",
    "variant_id",
    "product_id",
    "sku",
    "name",
    "options",
    "quantity",
    "unit_price",
    "discount",
    "tax",
    "total",
]
REFUND = ["id", "order_id", "kind", "state", "amount", "created_at", "settled_at"]
REFUND_LINE = ["refund_id", "line_id", "quantity", "amount"]
EVENT = ["id", "order_id", "at", "kind", "public"]


class Years:
    """Rows of orders from `since` to `until`."""

    def __init__(self, since: datetime, until: datetime, *, seed: int, products: int = 40, customers: int = 60) -> None:
        self.dice = random.Random(seed)
        self.since, self.until = since, until
        self.products = [UUID(int=self.dice.getrandbits(128)) for _ in range(products)]
        self.customers = [UUID(int=self.dice.getrandbits(128)) for _ in range(customers)]
        self.rows: dict[str, list[tuple[object, ...]]] = {
            name: [] for name in ("orders_order", "orders_line", "orders_event", "orders_refund", "orders_refund_line")
        }

    def id(self) -> UUID:
        """Return a new id."""
        return UUID(int=self.dice.getrandbits(128))

    def moment(self) -> datetime:
        """Return a moment of the years, every third one within two hours of a change of the clocks."""
        if self.dice.random() < 1 / 3:
            change = datetime.fromisoformat(self.dice.choice(CHANGES))
            return change + timedelta(seconds=self.dice.randint(-7200, 7200))
        return self.since + (self.until - self.since) * self.dice.random()

    def tell(self, number: int, placed_at: datetime) -> None:
        """Add an order with its lines, perhaps cancelled, perhaps refunded."""
        dice, order_id = self.dice, self.id()
        currency = "EUR" if dice.random() < 0.2 else "USD"
        lines = []
        for position in range(dice.choice((1, 1, 2, 3))):
            quantity, price = dice.randint(1, 4), dice.randint(100, 20_000)
            product = self.products[int(len(self.products) * dice.random() ** 2)]
            lines.append((self.id(), order_id, position, self.id(), product, "SKU", f"Product {product.hex[:6]}", "{}",
                          quantity, price, 0, 0, quantity * price))  # fmt: skip
        self.rows["orders_line"] += lines
        subtotal = sum(line[-1] for line in lines)
        discount, shipping = subtotal // dice.choice((10, 20, 10**9)), dice.choice((0, 500))
        total = subtotal - discount + shipping
        state, paid = dice.choices([("open", "paid"), ("cancelled", "pending"), ("cancelled", "refunded")], [16, 1, 1])[
            0
        ]
        customer = dice.choice(self.customers) if dice.random() < 0.7 else None
        codes = orjson.dumps(dice.choice(([], [], ["WELCOME"], ["WELCOME", "VIP"]))).decode()
        self.rows["orders_order"].append((
            order_id, f"F-{number:08}", self.id(), customer, "a@example.org", "en", state, paid, currency, subtotal,
            discount, shipping, 0, total, 0, "[]", True, codes, placed_at, placed_at, placed_at,
        ))  # fmt: skip
        later = placed_at + timedelta(hours=dice.expovariate(1 / 30))
        if state == "cancelled":
            self.rows["orders_event"].append((self.id(), order_id, later, "cancelled", True))
        if (paid == "refunded" or dice.random() < 0.1) and total:
            state = dice.choice(("succeeded", "succeeded", "failed"))
            refund = self.id()
            self.rows["orders_refund"].append((refund, order_id, "refund", state, max(1, total // 2), placed_at, later))
            self.rows["orders_refund_line"].append((refund, lines[0][0], 1, lines[0][9]))

    async def write(self, url: str) -> None:
        """Write what was told."""
        connection = await asyncpg.connect(url)
        columns = {"orders_order": ORDER, "orders_line": LINE, "orders_event": EVENT, "orders_refund": REFUND,
                   "orders_refund_line": REFUND_LINE}  # fmt: skip
        try:
            for table, rows in self.rows.items():
                await connection.copy_records_to_table(table, records=rows, columns=columns[table])
                rows.clear()
        finally:
            await connection.close()
