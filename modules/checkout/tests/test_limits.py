"""What the cart's limits mean to a checkout: the least order, and products that each customer may buy a few of."""

from __future__ import annotations

import pytest

from feria_cart.settings import CartSettings
from feria_core import db
from feria_core.contracts.orders import OrderCancelled
from feria_core.events import publish
from feria_core.runtime import current
from feria_core.testing.work import run_jobs


def usd(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
def least(client, monkeypatch):
    """Sets the least order of the shop, minor units."""

    def set_to(amount):
        monkeypatch.setitem(vars(current().module("cart")), "settings", CartSettings(minimum_order=amount))

    return set_to


@pytest.fixture
def limit(client, shop):
    """Sets how many of a product each customer may buy."""

    async def set_to(product, most):
        path = f"/api/admin/cart/product-limits/{product['id']}"
        assert (await client.as_staff("cart.write").put(path, {"most": most})).status == 200

    return set_to


async def used():
    return await db.fetch_value("SELECT coalesce(sum(used), 0) FROM cart_product_use")


async def test_a_checkout_below_the_least_order_is_not_opened_and_says_what_is_missing(shop, least):
    least(2500)
    variant = await shop.variant(price=1000)
    cart = await shop.guest(variant, 2)
    reply = await cart.post("/api/checkouts")
    assert (reply.status, reply.code, reply.json["missing"]) == (409, "minimum_order_not_met", usd(500))
    assert await db.fetch_value("SELECT count(*) FROM checkout_checkout") == 0
    assert await shop.available(variant) == 10
    await cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert (await cart.post("/api/checkouts")).status == 201


async def test_a_cart_that_falls_below_the_least_order_is_neither_paid_nor_completed(shop, least):
    least(1500)
    variant = await shop.variant(price=1000)
    buyer = await shop.ready(variant, 2)
    (item,) = (await buyer.cart.get("/api/cart")).json["items"]
    await buyer.cart.patch(f"/api/cart/items/{item['id']}", {"quantity": 1})
    paid = await buyer.pay()
    assert (paid.status, paid.code, paid.json["missing"]) == (409, "minimum_order_not_met", usd(500))
    await buyer.cart.patch(f"/api/cart/items/{item['id']}", {"quantity": 2})
    assert (await buyer.pay()).status == 201
    await buyer.cart.patch(f"/api/cart/items/{item['id']}", {"quantity": 1})
    done = await buyer.complete(expected=await buyer.total())
    assert (done.status, done.code) == (409, "minimum_order_not_met")
    assert await shop.orders() == 0


async def test_a_customer_who_has_bought_the_limit_is_told_so_and_a_cancelled_order_gives_it_back(shop, limit):
    product = await shop.product(price=1000)
    variant = product["variants"][0]["id"]
    await limit(product, 2)
    buyer = await shop.ready(variant, 2, signed_in=True)
    await buyer.pay()
    done = await buyer.complete()
    assert (done.status, await used()) == (201, 2)
    again = await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert (again.status, again.code) == (409, "product_limit_reached")
    assert (again.json["limit"], again.json["left"]) == (2, 0)
    order_id = await db.fetch_value("SELECT id FROM orders_order WHERE number = $1", done.json["number"])
    for _ in range(2):
        async with db.transaction():
            await publish(OrderCancelled(order_id, done.json["number"]))
        await run_jobs(rounds=20)
    assert await used() == 0
    assert (await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})).status == 201


async def test_a_limit_that_came_after_the_cart_is_told_where_the_money_is_asked_for(shop, limit):
    product = await shop.product(price=1000)
    buyer = await shop.ready(product["variants"][0]["id"], 3)
    await limit(product, 2)
    paid = await buyer.pay()
    assert (paid.status, paid.code) == (409, "product_limit_reached")
    assert (paid.json["product_id"], paid.json["limit"]) == (product["id"], 2)
    assert (await shop.orders(), await shop.payments(), await used()) == (0, [], 0)


async def test_the_last_pieces_that_a_checkout_holds_are_no_shortage_to_it(shop):
    variant = await shop.variant(stock=2)
    buyer = await shop.ready(variant, 2)
    assert await shop.available(variant) == 0
    seen = await buyer.see()
    assert [item["quantity"] for item in seen["items"]] == [2]
    assert (await buyer.pay()).status == 201
    assert (await buyer.complete()).status == 201
