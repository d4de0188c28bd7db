"""A year of trade, always the same one for a seed: orders in every state, with their payments, parcels and returns.

The stock of the catalog that is there is sold: each order takes one to four lines of its variants. Seven of ten pay by
card, some by PayPal, the rest on invoice. Most parcels are sent within three days and delivered within six, so that
the last week of the year is on its way. Two of a hundred orders are cancelled, five have a return, one gets an amount
back for a fault; one refund in thirty is refused by the provider and made again. Shares and states are computed by the
functions that the module itself uses; rows are written by COPY, as all 100,000 orders by their routes would take
hours. Whatever `feria doctor` looks at holds.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from feria_core.ids import CROCKFORD
from feria_orders.domain import Line, PaymentStatus, fulfilment_of, payment_after_refund, state_of
from feria_orders.shares import Cost, Totals, price_of, total

YEAR = timedelta(days=365)
BATCH = 5_000
RATE, LABEL = "0.13", "IVA 13 %"
STREET = {"name": "Buyer", "company": None, "line1": "Calle 5", "line2": None, "city": "San José", "region": "SJ",
          "postal_code": "10101", "country": "CR", "phone": None}  # fmt: skip
# In the order in which foreign keys allow them to be written.
TABLES: Mapping[str, str] = {
    "checkout_checkout": "id token_hashes customer_id cart_id state email shipping_address shipping_method locale"
    " currency cart_version held order_id order_number expires_at created_at updated_at completed_at",
    "checkout_payment": "id checkout_id order_id provider reference amount currency lines state created_at updated_at"
    " authorized capturing captured refunding refunded",
    "checkout_refund": "id payment_id order_id amount currency state failure created_at updated_at",
    "orders_order": "id number checkout_id cart_id customer_id email locale state payment_status fulfilment_status"
    " payment_provider currency subtotal discount_total shipping_total tax_total grand_total refunded_total tax_lines"
    " tax_included shipping_address shipping_method shipping_label codes placed_at created_at updated_at",
    "orders_line": "id order_id position variant_id product_id sku name options quantity unit_price discount tax total"
    " cancelled shipped delivered in_return returned refunded restocked",
    "orders_event": "id order_id at kind public actor_kind",
    "orders_fulfilment": "id order_id status carrier tracking_number created_at shipped_at delivered_at",
    "orders_fulfilment_line": "fulfilment_id line_id quantity",
    "orders_return": "id order_id status wish reason requested_at decided_at received_at",
    "orders_return_line": "return_id line_id quantity resellable damaged",
    "orders_refund": "id order_id return_id kind state amount shipping tax created_at settled_at",
    "orders_refund_line": "refund_id line_id quantity amount",
    "orders_document": "id order_id refund_id kind year serial number issued_at locale seller",
    "catalog_stock_movement": "id variant_id change reason reference at",
}


@dataclass(frozen=True)
class Sold:
    """A variant of the catalog."""

    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    price: int


@dataclass
class Story:
    """One order while its life is told."""

    id: UUID
    number: str
    placed_at: datetime
    provider: str
    lines: list[Line]
    totals: Totals
    payment: PaymentStatus
    captured: int
    back: int = 0
    on_way: int = 0
    last: datetime = field(default=datetime(2000, 1, 1, tzinfo=UTC))

    def count(self, counter: str, units: Mapping[UUID, int], sign: int = 1) -> None:
        """Add pieces to a counter of the lines."""
        self.lines = [
            replace(line, **{counter: getattr(line, counter) + sign * units.get(line.id, 0)}) for line in self.lines
        ]


@dataclass(frozen=True)
class Giving:
    """Money that goes back: the pieces, what each line of them costs, all together, and what is given for them."""

    units: Mapping[UUID, int]
    priced: Mapping[UUID, Cost]
    cost: Cost
    value: int
    kind: str
    return_id: UUID | None


class Year:
    """Tells orders and collects their rows."""

    def __init__(self, shelf: Sequence[Sold], *, end: datetime, customers: int, seed: int) -> None:
        self.shelf, self.end, self.customers = shelf, end, customers
        self.dice = random.Random(seed)
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.numbers: set[str] = set()
        self.serials: dict[tuple[str, int], int] = {}
        self.change: dict[UUID, int] = {}

    def id(self, at: datetime) -> UUID:
        """Return a UUIDv7 of that moment, as the application would have made it then."""
        milliseconds = int(at.timestamp() * 1000)
        return UUID(
            int=milliseconds << 80 | 7 << 76 | self.dice.getrandbits(12) << 64 | 2 << 62 | self.dice.getrandbits(62)
        )

    def tell(self, placed_at: datetime) -> None:
        """Tell one order from its placing to the end of the year."""
        story = self._place(placed_at)
        fate = self.dice.random()
        if fate < 0.02:
            self._cancel(story, {line.id: line.quantity for line in story.lines})
        elif fate < 0.03 and len(story.lines) > 1:
            self._cancel(story, {story.lines[0].id: 1})
        if any(line.kept for line in story.lines):
            self._send(story)
        if self.dice.random() < 0.05:
            self._take_back(story)
        if self.dice.random() < 0.01 and story.captured - story.back - story.on_way > 100:
            self._refund(story, story.last, {}, kind="refund", amount=100)
        self._write(story)

    def _place(self, at: datetime) -> Story:
        order_id, dice = self.id(at), self.dice
        lines = [
            Line(self.id(at), sold.variant_id, sold.product_id, sold.sku, sold.name, n := dice.choice((1, 1, 1, 2, 3)),
                 sold.price * n, sold.price * n * 13 // 100)
            for sold in dice.sample(self.shelf, dice.choice((1, 1, 2, 3, 4)))
        ]  # fmt: skip
        shipping, tax = dice.choice((0, 500, 990)), sum(line.tax for line in lines)
        grand = sum(line.total for line in lines) + shipping + tax
        provider = dice.choices(("stripe", "paypal", "manual"), (70, 15, 15))[0]
        is_paid = provider != "manual" or (dice.random() < 0.9 and at < self.end - timedelta(days=30))
        number = self._number()
        for line in lines:
            self._move(line.variant_id, -line.quantity, "sale", number, at)
        return Story(
            order_id, number, at, provider, lines, Totals(grand, tax, tax_included=False),
            PaymentStatus.PAID if is_paid else PaymentStatus.PENDING, grand if is_paid else 0, last=at,
        )  # fmt: skip

    def _cancel(self, story: Story, units: Mapping[UUID, int]) -> None:
        at = self._later(story, hours=6)
        if at is None:
            return
        story.count("cancelled", units)
        self._restock(story, units, "cancelled", at)
        if story.captured:
            self._refund(story, at, units, kind="cancellation")
        self._event(story, "cancelled" if all(line.kept == 0 for line in story.lines) else "items_cancelled", at)

    def _send(self, story: Story) -> None:
        """Send what was not cancelled in one or two parcels, as far as the year goes."""
        left = {line.id: line.unsent for line in story.lines if line.unsent}
        first = dict(list(left.items())[: self.dice.choice((1, 9, 9, 9))])
        for units in (first, {line_id: n for line_id, n in left.items() if line_id not in first}):
            shipped_at = self._later(story, hours=72) if units else None
            if shipped_at is None:
                return
            delivered_at = self._later(story, hours=144)
            parcel_id = self.id(shipped_at)
            story.count("shipped", units)
            status = "delivered" if delivered_at else "shipped"
            number = f"JD{self.dice.getrandbits(40)}"
            self._add(
                "orders_fulfilment", parcel_id, story.id, status, "DHL", number, shipped_at, shipped_at, delivered_at
            )
            for line_id, n in units.items():
                self._add("orders_fulfilment_line", parcel_id, line_id, n)
            self._event(story, "shipped", shipped_at)
            if delivered_at:
                story.count("delivered", units)
                self._event(story, "delivered", delivered_at)

    def _take_back(self, story: Story) -> None:
        """Let the buyer return a delivered piece: most are received and refunded."""
        line = next((line for line in story.lines if line.delivered > line.refunded), None)
        asked_at = self._later(story, hours=240) if line else None
        if line is None or asked_at is None:
            return
        units, return_id = {line.id: 1}, self.id(asked_at)
        decided_at = self._later(story, hours=24)
        received_at = self._later(story, hours=240) if decided_at else None
        status = "requested" if decided_at is None else "approved" if received_at is None else "received"
        if decided_at and self.dice.random() < 0.1:
            status, received_at = "rejected", None
        is_damaged = self.dice.random() < 0.2
        arrived = (0, 1) if is_damaged else (1, 0)
        self._add(
            "orders_return", return_id, story.id, status, "refund", "changed_mind", asked_at, decided_at, received_at
        )
        self._add("orders_return_line", return_id, line.id, 1, *(arrived if status == "received" else (0, 0)))
        self._event(story, "return_requested", asked_at)
        if status != "rejected":
            story.count("in_return", units)
        if status == "received" and received_at:
            story.count("returned", units)
            if not is_damaged:
                self._restock(story, units, "returned", received_at)
            if story.captured:
                self._refund(story, received_at, units, kind="return", return_id=return_id)

    def _refund(
        self,
        story: Story,
        at: datetime,
        units: Mapping[UUID, int],
        *,
        kind: str,
        amount: int | None = None,
        return_id: UUID | None = None,
    ) -> None:
        """Give money back; one in thirty is refused first, one of the last hours is still on its way."""
        priced = price_of(story.lines, story.totals, units)
        cost = total(priced) if kind == "cancellation" else total(priced).without_shipping()
        value = min(amount or cost.amount, story.captured - story.back - story.on_way)
        if value <= 0:
            return
        giving = Giving(units, priced, cost, value, kind, return_id)
        if self.dice.random() < 1 / 30:
            self._write_refund(story, at, giving, "failed")
        is_done = at < self.end - timedelta(hours=12)
        self._write_refund(story, at, giving, "succeeded" if is_done else "pending")
        story.count("refunded", units)
        if is_done:
            story.back += value
        else:
            story.on_way += value
        back = story.back + story.on_way
        story.payment = payment_after_refund(story.payment, refunded=back, captured=story.captured)

    def _write_refund(self, story: Story, at: datetime, giving: Giving, state: str) -> None:
        refund_id = self.id(at)
        settled_at = None if state == "pending" else at + timedelta(minutes=1)
        shipping, tax = min(giving.cost.shipping, giving.value), min(giving.cost.tax, giving.value)
        self._add("orders_refund", refund_id, story.id, giving.return_id, giving.kind, state, giving.value, shipping,
                  tax, at, settled_at)  # fmt: skip
        for line_id, n in giving.units.items():
            self._add("orders_refund_line", refund_id, line_id, n, giving.priced[line_id].goods)
        failure = "the card is closed" if state == "failed" else None
        payment_id = _payment_id(story.id)
        self._add("checkout_refund", refund_id, payment_id, story.id, giving.value, "USD", state, failure, at, at)
        if state == "succeeded" and settled_at:
            self._event(story, "refunded", settled_at)

    def _write(self, story: Story) -> None:
        """Write the order, its lines, payment, checkout and documents as they are at the end."""
        at, grand = story.placed_at, story.totals.grand
        subtotal, tax = sum(line.total for line in story.lines), story.totals.tax
        checkout_id, cart_id, email = (
            self.id(at),
            self.id(at),
            f"buyer{self.dice.randrange(self.customers)}@example.com",
        )
        customer_id = UUID(int=self.dice.randrange(1, self.customers)) if self.dice.random() < 0.7 else None
        state = state_of(story.lines, story.payment)
        held = _json([[str(line.variant_id), line.quantity] for line in story.lines])
        address = _json(STREET)
        self._add("checkout_checkout", checkout_id, [], customer_id, cart_id, "completed", email, address, "standard",
                  "en", "USD", 1, held, story.id, story.number, at, at, at, at)  # fmt: skip
        payment_state = "captured" if story.captured else "released" if state == "cancelled" else "authorized"
        reserved = grand if payment_state == "authorized" else 0
        self._add("checkout_payment", _payment_id(story.id), checkout_id, story.id, story.provider,
                  f"{story.provider}_{story.id.hex}", grand, "USD", held, payment_state, at, at, reserved, 0,
                  story.captured, story.on_way, story.back)  # fmt: skip
        tax_lines = _json([{"rate": RATE, "label": LABEL, "amount": tax}]) if tax else "[]"
        self._add("orders_order", story.id, story.number, checkout_id, cart_id, customer_id, email, "en", state,
                  story.payment, fulfilment_of(story.lines), story.provider, "USD", subtotal, 0,
                  grand - subtotal - tax, tax, grand, story.back + story.on_way, tax_lines, False, address, "standard",
                  "Standard", "[]", at, at, story.last)  # fmt: skip
        for position, line in enumerate(story.lines):
            self._add("orders_line", line.id, story.id, position, line.variant_id, line.product_id, line.sku, line.name,
                      "{}", line.quantity, line.total // line.quantity, 0, line.tax, line.total, line.cancelled,
                      line.shipped, line.delivered, line.in_return, line.returned, line.refunded,
                      line.restocked)  # fmt: skip
        self._event(story, "placed", at)
        if story.captured:
            self._event(story, "paid", at)
            if state != "cancelled":
                self._document("invoice", story, at, None)

    def _document(self, kind: str, story: Story, at: datetime, refund_id: UUID | None) -> None:
        serial = self.serials[kind, at.year] = self.serials.get((kind, at.year), 0) + 1
        prefix = "INV" if kind == "invoice" else "CN"
        self._add("orders_document", self.id(at), story.id, refund_id, kind, at.year, serial,
                  f"{prefix}-{at.year}-{serial:06}", at, "en", _json({"name": "Feria"}))  # fmt: skip

    def _restock(self, story: Story, units: Mapping[UUID, int], reason: str, at: datetime) -> None:
        story.count("restocked", units)
        for line in story.lines:
            if units.get(line.id):
                self._move(line.variant_id, units[line.id], reason, story.number, at)

    def _move(self, variant_id: UUID, change: int, reason: str, reference: str, at: datetime) -> None:
        self._add("catalog_stock_movement", self.id(at), variant_id, change, reason, reference, at)
        self.change[variant_id] = self.change.get(variant_id, 0) + change

    def _later(self, story: Story, *, hours: int) -> datetime | None:
        """Return a moment within so many hours after what happened last, None past the end of the year."""
        at = story.last + timedelta(minutes=self.dice.randrange(1, hours * 60))
        if at >= self.end:
            return None
        story.last = at
        return at

    def _event(self, story: Story, kind: str, at: datetime) -> None:
        self._add("orders_event", self.id(at), story.id, at, kind, True, "system")

    def _add(self, table: str, *values: Any) -> None:
        self.rows[table].append(values)

    def _number(self) -> str:
        while True:
            letters = "".join(self.dice.choices(CROCKFORD, k=8))
            if letters not in self.numbers:
                self.numbers.add(letters)
                return f"F-{letters[:4]}-{letters[4:]}"


async def trade(
    connection: asyncpg.Connection, *, orders: int = 100_000, customers: int = 20_000, seed: int = 1, end: datetime
) -> None:
    """Write a year of trade that ends at `end` into a shop with a catalog and without orders.

    What its variants lack is put on their shelves first, and the catalog's documents are the caller's to rebuild.
    """
    shelf = [
        Sold(row["variant_id"], row["product_id"], row["sku"], row["name"], row["price_amount"])
        for row in await connection.fetch(
            "SELECT v.id AS variant_id, v.product_id, v.sku, p.name, v.price_amount FROM catalog_variant AS v"
            " JOIN catalog_product AS p ON p.id = v.product_id ORDER BY v.sku"
        )
    ]
    year = Year(shelf, end=end, customers=customers, seed=seed)
    moments = sorted(end - YEAR * year.dice.random() for _ in range(orders))
    async with connection.transaction():
        await _fill_shelves(connection, shelf, orders, end - YEAR)
        for first in range(0, orders, BATCH):
            for moment in moments[first : first + BATCH]:
                year.tell(moment)
            await _copy(connection, year.rows)
        await _finish(connection, year)


async def _fill_shelves(connection: asyncpg.Connection, shelf: Iterable[Sold], orders: int, at: datetime) -> None:
    """Put on every shelf more than is sold: each order takes at most twelve pieces."""
    level = 1000 + orders
    dice = random.Random(level)
    rows = [(UUID(int=dice.getrandbits(128)), sold.variant_id, level, "opening", None, at) for sold in shelf]
    columns = TABLES["catalog_stock_movement"].split()
    await connection.copy_records_to_table("catalog_stock_movement", records=rows, columns=columns)
    await connection.execute("UPDATE catalog_stock SET on_hand = on_hand + $1", level)


async def _copy(connection: asyncpg.Connection, rows: Mapping[str, list[tuple[Any, ...]]]) -> None:
    for table, columns in TABLES.items():
        await connection.copy_records_to_table(table, records=rows[table], columns=columns.split())
        rows[table].clear()


async def _finish(connection: asyncpg.Connection, year: Year) -> None:
    """Write the levels that are left, and the last number of each series."""
    await connection.executemany(
        "UPDATE catalog_stock SET on_hand = on_hand + $2 WHERE variant_id = $1", list(year.change.items())
    )
    await connection.executemany(
        "INSERT INTO orders_series (kind, year, last_serial) VALUES ($1, $2, $3)",
        [(kind, in_year, last) for (kind, in_year), last in year.serials.items()],
    )


def _payment_id(order_id: UUID) -> UUID:
    """Return the id of the order's payment, which is a neighbour of its own."""
    return UUID(int=order_id.int ^ 1)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
