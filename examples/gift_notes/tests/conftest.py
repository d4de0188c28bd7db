"""A shop around the notes: a product, and buyers who go through the checkout."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from feria_core.testing.client import ApiClient, Reply
from feria_core.testing.work import run_jobs

ADDRESS = {
    "name": "Ada",
    "line1": "Calle 5 12",
    "city": "Los Angeles",
    "region": "CA",
    "postal_code": "90001",
    "country": "US",
}


@dataclass
class Shop:
    client: ApiClient

    @property
    def staff(self) -> ApiClient:
        return self.client.as_staff("gift_notes.write", "catalog.write", "stock.write")

    async def open(self, buyer: ApiClient | None = None) -> tuple[ApiClient, str]:
        """A checkout that lacks only the payment: who may change it, and its path."""
        variant = {"sku": f"S-{uuid.uuid4().hex[:8]}", "price": {"amount": 1000, "currency": "USD"}, "stock": 9}
        product = await self.staff.post(
            "/api/admin/products", {"name": "Oak table", "status": "published", "variants": [variant]}
        )
        line = {"variant_id": product.json["variants"][0]["id"], "quantity": 1}
        added = await (buyer or self.client).post("/api/cart/items", line)
        cart = buyer or self.client.with_headers(cart_token=added.headers["cart-token"])
        opened = (await cart.post("/api/checkouts")).json
        owner = buyer or self.client.with_headers(checkout_token=opened["token"])
        path = f"/api/checkouts/{opened['id']}"
        body = {"email": "Guest@example.org", "shipping_address": ADDRESS, "shipping_method": "standard"}
        assert (await owner.patch(path, body)).status == 200
        return owner, path

    async def complete(self, owner: ApiClient, path: str) -> Reply:
        paid = await owner.post(f"{path}/payments", {"provider": "manual"}, headers=key())
        assert paid.status == 201, paid.body
        total = (await owner.get(path)).json["grand_total"]
        return await owner.post(f"{path}/complete", {"expected_total": total}, headers=key())

    async def order(self, note: Any, buyer: ApiClient | None = None) -> str:
        """Place an order with the note; return its number."""
        owner, path = await self.open(buyer)
        assert (await owner.patch(path, {"steps": {"gift_note": note}})).status == 200
        done = await self.complete(owner, path)
        assert done.status == 201, done.body
        await run_jobs()
        return str(done.json["number"])

    async def notes(self, query: str = "") -> list[dict[str, Any]]:
        return list((await self.staff.get(f"/api/admin/gift-notes{query}")).json["items"])


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


@pytest.fixture
def shop(client: ApiClient) -> Shop:
    return Shop(client)
