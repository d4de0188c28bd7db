"""A shop with promotions: staff who make them, buyers with carts, checkouts and money."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.runtime import registry
from feria_core.testing.client import ApiClient, Reply
from feria_core.testing.gateway import FakeGateway

PERMISSIONS = frozenset({"promotions.write", "catalog.read", "catalog.write", "stock.write", "orders.write"})
ADDRESS = {
    "name": "Ada",
    "line1": "Calle 5 12",
    "city": "Los Angeles",
    "region": "CA",
    "postal_code": "90001",
    "country": "US",
}


class TestAuthenticator:
    """Takes `promotions-test:<kind>:<uuid>` for whom it names."""

    __test__ = False

    def accepts(self, credential: str) -> bool:
        return credential.startswith("promotions-test:")

    async def authenticate(self, credential: str) -> Principal:
        _, kind, person = credential.split(":")
        return Principal(kind, uuid.UUID(person), PERMISSIONS if kind == "staff" else frozenset())


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


class Buyer:
    """A buyer with a cart; `checkout` opens one that has only to be paid."""

    def __init__(self, client: ApiClient, cart: ApiClient) -> None:
        self._client, self.cart, self.paying, self.path = client, cart, cart, ""

    async def see(self) -> dict[str, Any]:
        return (await self.cart.get("/api/cart")).json

    async def give(self, code: str) -> Reply:
        return await self.cart.post("/api/cart/codes", {"code": code})

    async def checkout(self) -> dict[str, Any]:
        reply = await self.cart.post("/api/checkouts")
        assert reply.status == 201, reply.body
        if "Authorization" not in self.cart.headers:
            self.paying = self._client.with_headers(checkout_token=reply.json["token"])
        self.path = f"/api/checkouts/{reply.json['id']}"
        body = {"email": "ada@example.org", "shipping_address": ADDRESS, "shipping_method": "standard"}
        return (await self.paying.patch(self.path, body)).json

    async def total(self) -> dict[str, Any]:
        return (await self.paying.get(self.path)).json["grand_total"]

    async def pay(self, provider: str = "manual") -> Reply:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return await self.paying.post(f"{self.path}/payments", {"provider": provider}, headers=headers)

    async def complete(self, expected: dict[str, Any] | None = None) -> Reply:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"expected_total": expected or await self.total()}
        return await self.paying.post(f"{self.path}/complete", body, headers=headers)


class Shop:
    """The staff's side, and buyers."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.staff = client.signed_in(f"promotions-test:staff:{uuid.uuid4()}")

    async def variant(self, *, price: int = 1000, stock: int = 1000, **product: Any) -> str:
        variant = {"sku": f"SKU-{uuid.uuid4().hex[:8]}", "price": usd(price), "stock": stock}
        body = {"name": "Oak table", "status": "published", "variants": [variant], **product}
        reply = await self.staff.post("/api/admin/products", body)
        assert reply.status == 201, reply.body
        return reply.json["variants"][0]["id"]

    async def promotion(self, *, codes: tuple[str, ...] = (), **body: Any) -> dict[str, Any]:
        given = {"name": "10 % off", "kind": "percent", "value": 10, **body}
        reply = await self.staff.post("/api/admin/promotions", given)
        assert reply.status == 201, reply.body
        for code in codes:
            made = await self.staff.post(f"/api/admin/promotions/{reply.json['id']}/codes", {"code": code})
            assert made.status == 201, made.body
        return reply.json

    async def used(self, promotion: dict[str, Any]) -> tuple[int, int]:
        """What the counter says, and what the claims say."""
        row = await db.fetch_one(
            "SELECT used, (SELECT count(*) FROM promotions_claim c WHERE c.target_id = p.id AND c.state <> 'released')"
            " AS claims FROM promotions_promotion p WHERE id = $1",
            uuid.UUID(promotion["id"]),
        )
        assert row is not None
        return row["used"], row["claims"]

    async def guest(self, variant: str, quantity: int = 1) -> Buyer:
        reply = await self.client.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
        assert reply.status == 201, reply.body
        return Buyer(self.client, self.client.with_headers(cart_token=reply.headers["cart-token"]))

    async def customer(self, variant: str, quantity: int = 1, *, known: uuid.UUID | None = None) -> Buyer:
        cart = self.client.signed_in(f"promotions-test:customer:{known or uuid.uuid4()}")
        assert (await cart.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})).status == 201
        return Buyer(self.client, cart)


@pytest.fixture
def money() -> Any:
    return usd


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: ApiClient, gateway: FakeGateway) -> AsyncIterator[Shop]:
    if not any(isinstance(known, TestAuthenticator) for known in registry().all(AUTHENTICATORS)):
        registry().contribute(AUTHENTICATORS, TestAuthenticator(), module="tests")
    yield Shop(client)
    await gateway.reset()
