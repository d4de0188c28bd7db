"""A shop whose visitors are remembered, or not."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from feria_core import clock, db
from feria_core.contracts.orders import LineUnits, OrderCancelled, OrderPlaced, OrderRefunded
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.runtime import current
from feria_core.testing.client import ApiClient
from feria_core.testing.work import run_jobs
from feria_personalization.domain import BUCKETS, bucket_of
from feria_personalization.repository import people
from feria_personalization.settings import PersonalizationSettings


class Visitor:
    """Somebody with a client: a customer, or a guest with a cart token."""

    def __init__(self, client: ApiClient, *, customer_id: UUID | None = None, token: str | None = None) -> None:
        self.customer_id, self.token = customer_id, token
        self.client = client.as_customer(customer_id) if customer_id else client.with_headers(cart_token=token or "")

    @property
    def guest(self) -> bytes:
        return hashlib.sha256((self.token or "").encode()).digest()

    async def agrees(self, *, granted: bool = True) -> None:
        reply = await self.client.put("/api/personalization/consent", {"granted": granted})
        assert reply.status == 200, reply.body
        assert reply.json["granted"] is granted

    async def tells(self, *events: dict[str, Any]) -> int:
        reply = await self.client.post("/api/activity", {"events": list(events)})
        assert reply.status == 202, reply.body
        return int(reply.json["recorded"])

    async def views(self, *products: str) -> int:
        return await self.tells(*({"kind": "view", "product_id": product} for product in products))

    async def history(self) -> list[dict[str, Any]]:
        reply = await self.client.get("/api/personalization/history?limit=100")
        assert reply.status == 200, reply.body
        return reply.json["items"]

    async def sees(self, query: str = "for=home") -> dict[str, Any]:
        reply = await self.client.get(f"/api/recommendations?{query}")
        assert reply.status == 200, reply.body
        return reply.json

    async def ids(self, query: str = "for=home") -> list[str]:
        return [item["product"]["id"] for item in (await self.sees(query))["items"]]


class Shop:
    """The staff's side: products, orders that others announce, trainings in this process."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.staff = client.as_staff(
            "catalog.read", "catalog.write", "stock.write", "recommendations.read", "recommendations.train"
        )

    def guest(self) -> Visitor:
        return Visitor(self.client, token=secrets.token_urlsafe(40))

    def customer(self, customer_id: UUID | None = None) -> Visitor:
        return Visitor(self.client, customer_id=customer_id or uuid.uuid4())

    async def product(
        self, name: str = "Oak table", *, stock: int = 100, category: str | None = None, **body: Any
    ) -> str:
        variant = {"sku": f"SKU-{uuid.uuid4().hex[:10]}", "price": {"amount": 1000, "currency": "USD"}, "stock": stock}
        product = {"name": name, "status": "published", "variants": [variant], **body}
        if category:
            product["category"] = category
        reply = await self.staff.post("/api/admin/products", product)
        assert reply.status == 201, reply.body
        return str(reply.json["id"])

    async def category(self, name: str) -> str:
        reply = await self.staff.post("/api/admin/categories", {"name": name})
        assert reply.status == 201, reply.body
        return str(reply.json["slug"])

    async def products(self, *names: str, **body: Any) -> list[str]:
        return [await self.product(name, **body) for name in names]

    async def hide(self, product: str) -> None:
        reply = await self.staff.patch(f"/api/admin/products/{product}", {"status": "draft"})
        assert reply.status == 200, reply.body

    async def sold(
        self,
        *products: str,
        customer: UUID | None = None,
        cart: UUID | None = None,
        days_ago: float = 0,
        amount: int = 1000,
        order: UUID | None = None,
    ) -> UUID:
        """Announce an order as orders does, and let it be heard of."""
        order = order or new_id()
        lines = tuple(LineUnits(new_id(), UUID(product), 1, amount) for product in products)
        async with db.transaction():
            await publish(
                OrderPlaced(
                    order,
                    "F-TEST",
                    customer,
                    "ada@example.org",
                    amount * len(lines),
                    "USD",
                    tuple(line.variant_id for line in lines),
                    lines,
                    clock.now() - timedelta(days=days_ago),
                    cart,
                )
            )
        await run_jobs()
        return order

    async def cancelled(self, order: UUID) -> None:
        async with db.transaction():
            await publish(OrderCancelled(order, "F-TEST"))
        await run_jobs()

    async def refunded(self, order: UUID, *products: str, is_full: bool = False) -> None:
        """Announce that these products came back whole, as orders does."""
        whole = tuple(map(UUID, products))
        async with db.transaction():
            await publish(OrderRefunded(order, "F-TEST", None, 1000, "USD", is_full, (), whole))
        await run_jobs()

    async def sales(self, baskets: Sequence[Sequence[str]], *, days: float = 100) -> None:
        """Write baskets spread over the last days, at once and without events."""
        now = clock.now()
        rows = [
            (new_id(), UUID(product), now - timedelta(days=days * (1 - (number + 0.5) / len(baskets))))
            for number, basket in enumerate(baskets)
            for product in basket
        ]
        orders: dict[datetime, UUID] = {}
        await db.execute_many(
            "INSERT INTO personalization_sale (order_id, product_id, quantity, amount, currency, at)"
            " VALUES ($1, $2, 1, 1000, 'USD', $3)",
            [(orders.setdefault(at, order), product, at) for order, product, at in rows],
        )

    async def trained(self) -> int:
        """Train in this process by the code that the training process runs, and return the version."""
        from feria_personalization.service import popularity, training
        from feria_personalization.training.run import train

        training_id = await training.ask_here()
        version = await train(training_id, lambda _stage, _share: None)
        await popularity.count()
        return version


@pytest.fixture
def shop(client: ApiClient, monkeypatch: pytest.MonkeyPatch) -> Shop:
    module = next(one for one in current().modules if one.name == "personalization")
    # On a machine that is busy with other tests, what they leave for a training may be nothing.
    chosen = PersonalizationSettings(**{**module.settings.model_dump(), "training_gives_way": False})
    monkeypatch.setitem(vars(module), "settings", chosen)
    # By chance one person of twenty is held out and sees what is popular; who is to be, a test says itself.
    held_out = chosen.held_out_percent * BUCKETS // 100
    monkeypatch.setattr(people, "bucket_of", lambda person: held_out + bucket_of(person) % (BUCKETS - held_out))
    return Shop(client)
