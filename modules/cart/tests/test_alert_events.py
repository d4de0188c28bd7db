"""Alerts over the real catalog: what staff do to price and stock reaches who waits."""

from __future__ import annotations

from uuid import UUID

import pytest

from feria_core import db, jobs
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs


class Staff:
    """Takes `clerk` for somebody who may change products and stock."""

    def accepts(self, credential: str) -> bool:
        return credential == "clerk"

    async def authenticate(self, credential: str) -> Principal:
        return Principal("staff", UUID(int=1), frozenset({"catalog.write", "stock.write"}))


class Customers:
    """Takes `buyer.<id>` for a customer."""

    def accepts(self, credential: str) -> bool:
        return credential.startswith("buyer.")

    async def authenticate(self, credential: str) -> Principal:
        return Principal("customer", UUID(credential.removeprefix("buyer.")))


@pytest.fixture
def clerk(client, contributions):
    contributions.contribute(AUTHENTICATORS, Staff(), module="cart-tests", order=0)
    return client.signed_in("clerk")


@pytest.fixture
def buyer(client, contributions, people):
    contributions.contribute(AUTHENTICATORS, Customers(), module="cart-tests", order=0)
    return client.signed_in(f"buyer.{new_id()}")


@pytest.fixture
async def shoe(clerk):
    """A shoe in two sizes; 40 is sold out, 41 is there."""
    variants = [
        {
            "sku": f"SHOE-{size}",
            "price": {"amount": 5_000, "currency": "USD"},
            "stock": stock,
            "options": {"size": size},
        }
        for size, stock in (("40", 0), ("41", 3))
    ]
    made = await clerk.post("/api/admin/products", {"name": "Shoe", "status": "published", "variants": variants})
    assert made.status == 201
    await run_jobs()
    page = (await clerk.get(f"/api/products/{made.json['slug']}")).json
    return {variant["sku"]: variant["id"] for variant in page["variants"]}, made.json["slug"]


async def put_in_stock(clerk, sku, change):
    body = {"sku": sku, "change": change, "reason": "delivery"}
    assert (await clerk.post("/api/admin/stock/adjustments", body)).status == 201


async def test_a_whole_product_that_is_back_is_told_by_its_event(clerk, buyer, shoe, mailbox):
    await put_in_stock(clerk, "SHOE-41", -3)
    await run_jobs()
    asked = await buyer.post("/api/alerts", {"variant_id": shoe[0]["SHOE-40"], "kind": "back_in_stock"})
    assert asked.status == 201
    await put_in_stock(clerk, "SHOE-40", 2)
    await run_jobs()
    (mail,) = mailbox.mails()
    assert "Shoe (40)" in mail["text"]


async def test_one_size_that_is_back_while_others_are_there_is_told_after_the_regular_look(clerk, buyer, shoe, mailbox):
    await buyer.post("/api/alerts", {"variant_id": shoe[0]["SHOE-40"], "kind": "back_in_stock"})
    await put_in_stock(clerk, "SHOE-40", 2)
    await run_jobs()
    async with db.transaction():
        await jobs.enqueue("cart.check_alerts")
    await run_jobs()
    assert len(mailbox.mails()) == 1


async def test_a_price_that_staff_lower_is_told_once(clerk, buyer, shoe, mailbox):
    variants, slug = shoe
    added = await buyer.post("/api/wishlist/items", {"variant_id": variants["SHOE-41"]})
    path = f"/api/wishlist/items/{added.json['items'][0]['id']}/alerts"
    await buyer.put(path, {"back_in_stock": False, "price_drop": True})
    for amount in (4_000, 3_000):
        body = {"price": {"amount": amount, "currency": "USD"}}
        assert (await clerk.patch(f"/api/admin/products/{slug}/variants/SHOE-41", body)).status == 200
        await run_jobs()
    (mail,) = mailbox.mails()
    assert "$40.00" in mail["text"]
    assert "$50.00" in mail["text"]
