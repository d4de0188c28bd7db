"""Factories and callers for the tests of orders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from quart import Quart

from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.contracts.events import Event
from feria_core.contracts.money import Money
from feria_core.contracts.orders import (
    ORDERS,
    OrderCancelled,
    OrderDelivered,
    OrderDraft,
    OrderLine,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    OrderRefunded,
    Orders,
    TaxLine,
)
from feria_core.contracts.payments import ORDER_PAYMENTS
from feria_core.events import decode
from feria_core.ids import new_id
from feria_core.runtime import current, registry
from feria_core.testing.client import ApiClient
from feria_core.testing.payments_ledger import PaymentsLedger

ADDRESS = {
    "name": "Ana Mora", "company": None, "line1": "Calle 5", "line2": None, "city": "San José", "region": "SJ",
    "postal_code": "10101", "country": "CR", "phone": None,
}  # fmt: skip

DraftFactory = Callable[..., OrderDraft]
Placer = Callable[..., Awaitable[OrderRef]]


class TestCallers:
    """Accepts `test-customer-<uuid>` and `test-staff-<permission>,<permission>`, for tests of this module alone."""

    __test__ = False
    staff_id = UUID(int=1)

    def accepts(self, credential: str) -> bool:
        return credential.startswith(("test-customer-", "test-staff-", "test-key-"))

    async def authenticate(self, credential: str) -> Principal | None:
        _, kind, rest = credential.split("-", 2)
        if kind == "customer":
            return Principal("customer", UUID(rest))
        return Principal({"key": "api_key"}.get(kind, kind), self.staff_id, frozenset(rest.split(",")))


@pytest.fixture(autouse=True)
def callers(app: Quart) -> None:
    if not any(isinstance(known, TestCallers) for known in registry().all(AUTHENTICATORS)):
        registry().contribute(AUTHENTICATORS, TestCallers(), module="orders-tests")


@pytest.fixture
def orders(database: None) -> Orders:
    return registry().get(ORDERS)


@pytest.fixture
def customer(client: ApiClient) -> Callable[[UUID], ApiClient]:
    return lambda customer_id: client.signed_in(f"test-customer-{customer_id}")


@pytest.fixture
def staff(client: ApiClient) -> ApiClient:
    return client.signed_in("test-staff-orders.read,orders.write")


@pytest.fixture
def order_line() -> Callable[..., OrderLine]:
    def build(
        price: int = 1000, quantity: int = 1, *, discount: int = 0, currency: str = "USD", **other: Any
    ) -> OrderLine:
        line = OrderLine(
            variant_id=new_id(), product_id=new_id(), sku="OAK-160", name="Oak table", options={"size": "160"},
            quantity=quantity, unit_price=Money(price, currency), discount=Money(discount, currency),
            tax=Money(0, currency), total=Money(price * quantity - discount, currency), image_url="/media/ab12.webp",
        )  # fmt: skip
        return replace(line, **other)

    return build


@pytest.fixture
def draft(order_line: Callable[..., OrderLine]) -> DraftFactory:
    """Build drafts that add up: `draft(lines=[...], shipping=500, tax=130, tax_included=False, email="...")`."""

    def build(
        lines: Sequence[OrderLine] | None = None,
        *,
        shipping: int = 0,
        tax: int = 0,
        tax_included: bool = False,
        **other: Any,
    ) -> OrderDraft:
        sold = tuple(lines or [order_line()])
        currency = sold[0].total.currency
        subtotal = sum(line.unit_price.amount * line.quantity for line in sold)
        discount = sum(line.discount.amount for line in sold)
        grand = subtotal - discount + shipping + (0 if tax_included else tax)
        tax_lines = (TaxLine("0.13", "IVA 13 %", Money(tax, currency)),) if tax else ()
        made = OrderDraft(
            checkout_id=new_id(), customer_id=None, email="ana@example.com", locale="en", lines=sold,
            subtotal=Money(subtotal, currency), discount_total=Money(discount, currency),
            shipping_total=Money(shipping, currency), tax_total=Money(tax, currency), tax_lines=tax_lines,
            tax_included=tax_included, grand_total=Money(grand, currency), shipping_address=ADDRESS,
            billing_address=None, shipping_method="standard", shipping_label="Standard", codes=("WELCOME10",),
            note=None,
        )  # fmt: skip
        return replace(made, **other)

    return build


@pytest.fixture
def place(orders: Orders, draft: DraftFactory) -> Placer:
    """Create and place an order: `await place(customer_id=..., status="paid")`."""

    async def placed(made: OrderDraft | None = None, *, status: str = "pending", **other: Any) -> OrderRef:
        async with db.transaction():
            order = await orders.create(made or draft(**other))
            await orders.place(order.id, payment_status=status, provider="manual")
        return order

    return placed


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Awaitable[list[str]]]]:
    """Let somebody listen to orders' events; call it for the names published so far."""
    listening: dict[str, Any] = dict.fromkeys((OrderPlaced.name, OrderPaid.name), ())
    monkeypatch.setattr(
        "feria_core.events.current", lambda: replace(current(), subscriptions={**current().subscriptions, **listening})
    )

    async def names() -> list[str]:
        rows = await db.fetch_all("SELECT name FROM core_outbox ORDER BY occurred_at, id")
        return sorted(row["name"] for row in rows)

    return names  # type: ignore[return-value]


@pytest.fixture
async def ledger(client: ApiClient, monkeypatch: pytest.MonkeyPatch) -> PaymentsLedger:
    """The money of orders, kept by tables of the tests, in the place of checkout's."""
    ledger = PaymentsLedger()
    await ledger.prepare()
    known = registry()
    find = known.find
    monkeypatch.setattr(known, "find", lambda port: ledger if port is ORDER_PAYMENTS else find(port))
    return ledger


@dataclass
class Bought:
    """An order that is placed and paid, its buyer, and its lines' ids in their order."""

    ref: OrderRef
    buyer: ApiClient
    items: list[str]

    @property
    def number(self) -> str:
        return self.ref.number

    @property
    def path(self) -> str:
        return f"/api/orders/{self.number}"

    @property
    def admin(self) -> str:
        return f"/api/admin/orders/{self.number}"

    def pieces(self, *counts: int) -> list[dict[str, Any]]:
        """Return so many of the first item, of the second, ...; zeros are left out."""
        named = zip(self.items, counts, strict=False)
        return [{"item_id": item, "quantity": count} for item, count in named if count]

    async def json(self) -> Any:
        reply = await self.buyer.get(self.path)
        assert reply.status == 200, reply.body
        return reply.json


Buyer = Callable[..., Awaitable[Bought]]


@pytest.fixture
def buy(client: ApiClient, ledger: PaymentsLedger, draft: DraftFactory, place: Placer) -> Buyer:
    """Place an order of a customer and pay it: `await buy([order_line(1000, 2)], status="paid", shipping=500)`."""

    async def bought(
        lines: Sequence[OrderLine] | None = None, *, status: str = "paid", total: int | None = None, **other: Any
    ) -> Bought:
        customer_id = new_id()
        made = draft(lines, **{"customer_id": customer_id, **other})
        order = await place(made, status=status)
        await ledger.pay(order.id, Money(total or made.grand_total.amount, made.grand_total.currency), status)
        rows = await db.fetch_all("SELECT id FROM orders_line WHERE order_id = $1 ORDER BY position", order.id)
        return Bought(order, client.as_customer(customer_id), [str(row["id"]) for row in rows])

    return bought


@pytest.fixture
def shop(client: ApiClient) -> ApiClient:
    """Somebody of the staff who may do everything with orders."""
    return client.as_staff("orders.read", "orders.write", "orders.refund")


@pytest.fixture
def stocked(client: ApiClient, order_line: Callable[..., OrderLine]) -> Callable[..., Awaitable[OrderLine]]:
    """Make a product with a stock, and a line of it: `await stocked(price=1000, quantity=2, stock=10)`."""

    async def made(price: int = 1000, quantity: int = 1, *, stock: int = 10, **other: Any) -> OrderLine:
        sku = f"S-{new_id().hex[-10:]}"
        body = {
            "name": f"Table {sku}",
            "status": "published",
            "variants": [{"sku": sku, "price": {"amount": price, "currency": "USD"}, "stock": stock}],
        }
        reply = await client.as_staff("catalog.write").post("/api/admin/products", body)
        assert reply.status == 201, reply.body
        variant = reply.json["variants"][0]["id"]
        return order_line(
            price, quantity, variant_id=UUID(variant), product_id=UUID(reply.json["id"]), sku=sku, **other
        )

    return made


async def level(line: OrderLine) -> int:
    """Return how many of the line's variant are on hand."""
    found: int = await db.fetch_value("SELECT on_hand FROM catalog_stock WHERE variant_id = $1", line.variant_id)
    return found


@pytest.fixture
def on_hand() -> Callable[[OrderLine], Awaitable[int]]:
    return level


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Event]], Awaitable[list[Any]]]:
    """Let somebody listen to orders' events; call it with a kind for those that were published so far."""
    kinds = (OrderPlaced, OrderPaid, OrderCancelled, OrderDelivered, OrderRefunded)
    nobody: dict[str, Any] = {kind.name: current().subscriptions.get(kind.name, ()) for kind in kinds}
    monkeypatch.setattr(
        "feria_core.events.current", lambda: replace(current(), subscriptions={**current().subscriptions, **nobody})
    )

    async def found(kind: type[Event]) -> list[Any]:
        rows = await db.fetch_all(
            "SELECT payload::text AS payload FROM core_outbox WHERE name = $1 ORDER BY id", kind.name
        )
        return [decode(row["payload"], kind) for row in rows]

    return found


@pytest.fixture
def choose(app: Quart, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of orders for the test: `choose(invoices="asked")`."""
    del app
    loaded = current().module("orders")
    assert loaded is not None

    def chosen(**changes: Any) -> None:
        for name, value in changes.items():
            monkeypatch.setitem(loaded.settings.__dict__, name, value)

    return chosen
