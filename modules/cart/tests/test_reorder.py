"""The port's `add`: what is sold goes into the cart, each line for itself."""

from uuid import UUID

from feria_cart import tokens
from feria_core import db
from feria_core.contracts.cart import CARTS, CartAddition, CartOwner
from feria_core.contracts.catalog import StockLine
from feria_core.ids import new_id
from feria_core.runtime import registry


async def add(owner, *lines):
    return await registry().get(CARTS).add(owner, [StockLine(UUID(str(variant)), n) for variant, n in lines])


async def held():
    return sorted(row["quantity"] for row in await db.fetch_all("SELECT quantity FROM cart_item"))


async def test_each_line_is_added_as_far_as_it_is_sold(catalog, client):
    plenty, few, gone, unknown = catalog.put(), catalog.put(available=2), catalog.put(is_sold=False), new_id()
    owner = CartOwner(customer_id=new_id())
    added = await add(owner, (plenty, 3), (few, 5), (gone, 1), (unknown, 1))
    assert added == (
        CartAddition(UUID(plenty), 3),
        CartAddition(UUID(few), 2, "out_of_stock"),
        CartAddition(UUID(gone), 0, "variant_unknown"),
        CartAddition(unknown, 0, "variant_unknown"),
    )
    assert await held() == [2, 3]
    assert await add(owner, (few, 1)) == (CartAddition(UUID(few), 0, "out_of_stock"),)
    assert await held() == [2, 3]


async def test_a_guests_token_must_be_one_of_ours(catalog, client):
    variant = catalog.put()
    for token in (None, "made-up"):
        assert (await add(CartOwner(cart_token=token), (variant, 1)))[0].refusal == "cart_unknown"
    assert await held() == []
    assert (await add(CartOwner(cart_token=await tokens.issue()), (variant, 1)))[0].quantity == 1
    assert await held() == [1]
