"""The shop around a checkout: products, carts, buyers, and the fake gateway behind the provider `stripe`."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest_asyncio

from feria_checkout.providers import find_provider
from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.runtime import registry
from feria_core.testing.client import ApiClient, Reply
from feria_core.testing.gateway import FakeGateway, sign_stripe

PERMISSIONS = frozenset({"catalog.read", "catalog.write", "stock.write", "orders.read", "orders.write"})
ADDRESS = {
    "name": "Ada",
    "line1": "Calle 5 12",
    "city": "Los Angeles",
    "region": "CA",
    "postal_code": "90001",
    "country": "US",
}
WEBHOOK = "/api/payments/stripe/webhook"


class TestAuthenticator:
    """Takes `test:<kind>:<uuid>` for whom it names."""

    __test__ = False

    def accepts(self, credential: str) -> bool:
        return credential.startswith("test:")

    async def authenticate(self, credential: str) -> Principal:
        _, kind, person = credential.split(":")
        return Principal(kind, uuid.UUID(person), PERMISSIONS if kind == "staff" else frozenset())


@dataclass
class Buyer:
    """A buyer with a cart, and the checkout that he has opened."""

    client: ApiClient
    cart: ApiClient
    id: str
    opened: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/api/checkouts/{self.id}"

    async def see(self) -> dict[str, Any]:
        return (await self.client.get(self.path)).json

    async def total(self) -> dict[str, Any]:
        return (await self.see())["grand_total"]

    async def fill(self, **changes: Any) -> Reply:
        body = {"email": "ada@example.org", "shipping_address": ADDRESS, "shipping_method": "standard", **changes}
        return await self.client.patch(self.path, body)

    async def pay(self, provider: str = "manual", *, key: str | None = None) -> Reply:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.client.post(f"{self.path}/payments", {"provider": provider}, headers=headers)

    async def pay_at_gateway(self, gateway: FakeGateway, *, card: str = "pm_card_visa") -> str:
        """Open a payment with stripe and pay it there; return its PaymentIntent."""
        reply = await self.pay("stripe")
        assert reply.status == 201, reply.body
        intent_id = reply.json["client_secret"].split("_secret_")[0]
        await gateway.pay(intent_id, payment_method=card)
        return intent_id

    async def complete(self, *, key: str | None = None, expected: dict[str, Any] | None = None) -> Reply:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        body = {"expected_total": expected or await self.total()}
        return await self.client.post(f"{self.path}/complete", body, headers=headers)


class Shop:
    """Fills the shop and sends buyers through it."""

    def __init__(self, client: ApiClient, gateway: FakeGateway) -> None:
        self.client = client
        self.gateway = gateway
        self.staff = client.signed_in(f"test:staff:{uuid.uuid4()}")

    async def product(self, *, stock: int = 10, price: int = 1000) -> dict[str, Any]:
        variant = {"sku": f"SKU-{uuid.uuid4().hex[:8]}", "price": {"amount": price, "currency": "USD"}, "stock": stock}
        body = {"name": "Oak table", "status": "published", "variants": [variant]}
        reply = await self.staff.post("/api/admin/products", body)
        assert reply.status == 201, reply.body
        return reply.json

    async def variant(self, *, stock: int = 10, price: int = 1000) -> str:
        return (await self.product(stock=stock, price=price))["variants"][0]["id"]

    async def guest(self, variant: str, quantity: int = 1) -> ApiClient:
        reply = await self.client.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
        assert reply.status == 201, reply.body
        return self.client.with_headers(cart_token=reply.headers["cart-token"])

    async def customer(self, variant: str, quantity: int = 1) -> ApiClient:
        client = self.client.signed_in(f"test:customer:{uuid.uuid4()}")
        assert (await client.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})).status == 201
        return client

    async def open(self, cart: ApiClient) -> Buyer:
        reply = await cart.post("/api/checkouts")
        assert reply.status == 201, reply.body
        opened = reply.json
        client = cart if "Authorization" in cart.headers else self.client.with_headers(checkout_token=opened["token"])
        return Buyer(client, cart, opened["id"], opened)

    def sent(self, draft: dict[str, Any]) -> Buyer:
        """The buyer whom staff have sent the link of this draft."""
        token = draft["pay_link"].partition("?token=")[2]
        client = self.client.with_headers(checkout_token=token)
        return Buyer(client, self.client, draft["id"], draft["checkout"])

    async def ready(self, variant: str | None = None, quantity: int = 1, *, signed_in: bool = False) -> Buyer:
        """A buyer who has only to pay."""
        wanted = variant or await self.variant()
        cart = await (self.customer(wanted, quantity) if signed_in else self.guest(wanted, quantity))
        buyer = await self.open(cart)
        assert (await buyer.fill()).status == 200
        return buyer

    async def available(self, variant: str) -> int:
        return await db.fetch_value(
            "SELECT on_hand - reserved FROM catalog_stock WHERE variant_id = $1", uuid.UUID(variant)
        )

    async def on_hand(self, variant: str) -> int:
        return await db.fetch_value("SELECT on_hand FROM catalog_stock WHERE variant_id = $1", uuid.UUID(variant))

    async def take_stock(self, variant: str, *, left: int) -> None:
        """Let the stock shrink to what others have bought, whatever was held."""
        await db.execute(
            "UPDATE catalog_stock SET on_hand = $2, reserved = 0 WHERE variant_id = $1", uuid.UUID(variant), left
        )
        await db.execute("DELETE FROM catalog_stock_hold WHERE variant_id = $1", uuid.UUID(variant))

    async def orders(self) -> int:
        return await db.fetch_value("SELECT count(*) FROM orders_order WHERE state <> 'draft'")

    async def payments(self) -> list[str]:
        rows = await db.fetch_all("SELECT state FROM checkout_payment ORDER BY created_at, id")
        return [row["state"] for row in rows]

    async def send_event(self, intent_id: str, kind: str = "payment_intent.succeeded", *, event_id: str = "") -> Reply:
        event = {"id": event_id or f"evt_{uuid.uuid4().hex}", "type": kind, "data": {"object": {"id": intent_id}}}
        return await self.send_raw(orjson.dumps(event))

    async def send_raw(self, body: bytes, *, at: int | None = None) -> Reply:
        signature = sign_stripe(body, self.gateway.webhook_secret, at=at)
        return await self.client.call("POST", WEBHOOK, data=body, headers={"Stripe-Signature": signature})

    def money(self) -> tuple[int, int]:
        """What the gateway has captured and given back in all."""
        ledger = self.gateway.ledger()
        return ledger.captured.get("usd", 0), ledger.refunded.get("usd", 0)


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: ApiClient, gateway: FakeGateway) -> AsyncIterator[Shop]:
    if not any(isinstance(known, TestAuthenticator) for known in registry().all(AUTHENTICATORS)):
        registry().contribute(AUTHENTICATORS, TestAuthenticator(), module="tests")
    yield Shop(client, gateway)
    await gateway.reset()
    provider: Any = find_provider("stripe")
    provider.breaker._succeed()
