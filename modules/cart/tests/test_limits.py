"""How much a cart may hold, the least order, and products that each customer may buy a few of."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from feria_cart.checks import product_uses
from feria_core import db
from feria_core.contracts.cart import CARTS, CartOwner, ProductLimitReached
from feria_core.contracts.orders import OrderCancelled
from feria_core.contracts.pricing import PRICE_CLAIMS
from feria_core.events import publish
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

PATH = "/api/admin/cart/product-limits"


def product_of(catalog, variant: str) -> str:
    return str(catalog.shelf[UUID(variant)].product_id)


async def put_in(shopper, variant: str, quantity: int = 1):
    return await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})


async def limit(client, catalog, variant: str, most: int):
    return await client.as_staff("cart.write").put(f"{PATH}/{product_of(catalog, variant)}", {"most": most})


async def test_all_pieces_together_are_bounded(with_token, catalog, bounds):
    bounds(max_pieces=5)
    guest, one, other = await with_token(), catalog.put(), catalog.put()
    item = (await put_in(guest, one, 3)).json["items"][0]["id"]
    assert (await put_in(guest, other, 2)).status == 201
    for reply in (await put_in(guest, other, 1), await guest.patch(f"/api/cart/items/{item}", {"quantity": 4})):
        assert (reply.status, reply.code, reply.json["max_pieces"]) == (409, "too_many_pieces", 5)
    assert (await guest.patch(f"/api/cart/items/{item}", {"quantity": 2})).status == 200
    assert sum(i["quantity"] for i in (await guest.get("/api/cart")).json["items"]) == 4


async def test_a_cart_tells_what_is_missing_to_the_least_order(with_token, catalog, bounds):
    bounds(minimum_order=2500)
    guest, variant = await with_token(), catalog.put(price=1000)
    cart = (await put_in(guest, variant, 2)).json
    usd = lambda amount: {"amount": amount, "currency": "USD"}  # noqa: E731 - as short as what it says
    assert cart["minimum"] == {"amount": usd(2500), "missing": usd(500)}
    assert (await put_in(guest, variant, 1)).json["minimum"]["missing"] == usd(0)
    found = await registry().get(CARTS).snapshot(CartOwner(cart_token=guest.headers["Cart-Token"]))
    assert found is not None
    assert found.minimum_missing is None


async def test_a_limited_product_counts_all_its_variants(with_token, client, catalog):
    guest, red = await with_token(), catalog.put()
    blue = catalog.put(product_id=catalog.shelf[UUID(red)].product_id)
    assert (await limit(client, catalog, red, 3)).status == 200
    item = (await put_in(guest, red, 2)).json["items"][0]["id"]
    for reply in (await put_in(guest, blue, 2), await guest.patch(f"/api/cart/items/{item}", {"quantity": 4})):
        assert (reply.status, reply.code) == (409, "product_limit_reached")
        assert (reply.json["limit"], reply.json["left"]) == (3, 3)
    assert (await put_in(guest, blue, 1)).status == 201


async def test_staff_set_list_and_lift_limits(client, catalog):
    staff, variants = client.as_staff("cart.write"), [catalog.put() for _ in range(3)]
    for number, variant in enumerate(variants):
        await limit(client, catalog, variant, number + 1)
    assert (await limit(client, catalog, variants[0], 9)).json["most"] == 9
    page = (await staff.get(f"{PATH}?limit=2")).json
    rest = (await staff.get(f"{PATH}?limit=2&cursor={page['next_cursor']}")).json
    assert sorted(one["most"] for one in [*page["items"], *rest["items"]]) == [2, 3, 9]
    path = f"{PATH}/{product_of(catalog, variants[0])}"
    assert [(await staff.delete(path)).status for _ in range(2)] == [204, 404]
    assert (await staff.put(f"{PATH}/nonsense", {"most": 1})).status == 404
    assert (await staff.put(path, {"most": 0})).status == 422
    for stranger, status in ((client, 401), (client.as_customer(), 403), (client.as_staff("cart.read"), 403)):
        assert (await stranger.put(path, {"most": 1})).status == status
    assert await db.fetch_value("SELECT count(*) FROM core_audit WHERE action = 'cart.limit_product'") == 4


class Checkout:
    """A checkout of a cart, as far as it claims."""

    def __init__(self, cart_id: str, customer: UUID | None) -> None:
        self.id, self.cart_id, self.customer = uuid4(), UUID(cart_id), customer
        (self.claims,) = [one for one in registry().all(PRICE_CLAIMS) if type(one).__name__ == "ProductLimitClaims"]

    async def claim(self) -> bool:
        try:
            async with db.transaction():
                await registry().get(CARTS).snapshot_by_id(self.cart_id, lock=True, holder=self.id)
                await self.claims.claim(self.id, (), cart_id=self.cart_id, customer_id=self.customer)
        except ProductLimitReached:
            return False
        return True

    async def release(self) -> None:
        async with db.transaction():
            await self.claims.release(self.id)

    async def renew(self) -> bool:
        async with db.transaction():
            return await self.claims.renew(self.id)

    async def keep(self, order_id: UUID) -> None:
        async with db.transaction():
            await self.claims.keep(self.id, order_id=order_id)


@pytest.fixture
async def limited(client, customer, catalog):
    """A cart of one customer with two pieces of a product of which three may be bought."""
    variant = catalog.put()
    await limit(client, catalog, variant, 3)
    cart = (await put_in(customer, variant, 2)).json
    return cart["id"], UUID(customer.headers["Authorization"].rpartition(".")[2]), variant


async def used() -> int:
    assert await product_uses() == []
    return await db.fetch_value("SELECT coalesce(sum(used), 0) FROM cart_product_use")


async def test_thirty_checkouts_at_once_take_no_more_than_the_limit(limited):
    cart, customer, _ = limited
    results = await asyncio.gather(*(Checkout(cart, customer).claim() for _ in range(30)))
    assert results.count(True) == 1  # two pieces each, of three
    assert await used() == 2
    assert await Checkout(cart, uuid4()).claim()


async def test_a_claim_repeats_follows_the_cart_and_is_given_back_once(limited, customer):
    cart, person, variant = limited
    checkout = Checkout(cart, person)
    assert [await checkout.claim() for _ in range(3)] == [True] * 3
    assert (await put_in(customer, variant, 1)).status == 201
    assert (await checkout.claim(), await used()) == (True, 3)
    await asyncio.gather(*(checkout.release() for _ in range(5)))
    assert await used() == 0
    assert (await checkout.renew(), await used()) == (True, 3)
    assert (await checkout.renew(), await used()) == (True, 3)


async def test_what_was_given_back_and_taken_by_another_is_not_renewed(limited):
    cart, person, _ = limited
    first, second = Checkout(cart, person), Checkout(cart, person)
    await first.claim()
    await first.release()
    assert await second.claim()
    assert (await first.renew(), await used()) == (False, 2)


async def test_an_order_keeps_its_claim_and_a_cancelled_one_gives_back_once(limited, customer):
    cart, person, variant = limited
    checkout, order_id = Checkout(cart, person), uuid4()
    await checkout.claim()
    await checkout.keep(order_id)
    await checkout.release()
    assert await used() == 2
    assert (await put_in(customer, variant, 1)).json["left"] == 1
    for _ in range(2):
        async with db.transaction():
            await publish(OrderCancelled(order_id, "F-1"))
        await run_jobs()
    assert await used() == 0


async def test_a_guest_is_held_to_the_limit_in_each_order(with_token, client, catalog):
    guest, variant = await with_token(), catalog.put()
    cart = (await put_in(guest, variant, 4)).json["id"]
    assert await Checkout(cart, None).claim()
    await limit(client, catalog, variant, 3)
    assert not await Checkout(cart, None).claim()
