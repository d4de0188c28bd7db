"""The cart over HTTP: the customer's, or that of the guest who holds the `Cart-Token`."""

from __future__ import annotations

from quart import request

from feria_cart.caller import TOKEN_HEADER, answer, caller
from feria_cart.schemas import AddCode, AddItem, CartOut, SetQuantity
from feria_cart.service import acknowledging, changing, codes, merging
from feria_core.http import CUSTOMER, PUBLIC, Answer, ApiBlueprint

blueprint = ApiBlueprint("cart", __name__)


@blueprint.endpoint("GET", "/api/cart", access=PUBLIC, returns=CartOut, in_turn=True)
async def get_cart() -> Answer:
    """The caller's cart, priced now, with what changed since; a guest's answer carries `Cart-Token`."""
    return await answer(await caller())


@blueprint.endpoint("POST", "/api/cart/items", access=PUBLIC, body=AddItem, returns=CartOut, status=201, in_turn=True)
async def add_item(body: AddItem) -> Answer:
    """Put so many of a variant into the cart; what is there already adds up."""
    found = await caller()
    await changing.add(found.shopper, body.variant_id, body.quantity)
    return await answer(found, agrees=True)


@blueprint.endpoint(
    "PATCH", "/api/cart/items/<item_id>", access=PUBLIC, body=SetQuantity, returns=CartOut, in_turn=True
)
async def change_item(item_id: str, body: SetQuantity) -> Answer:
    """Set the quantity of an item and accept its present price; 0 removes it."""
    found = await caller()
    await changing.set_quantity(found.shopper, item_id, body.quantity)
    return await answer(found, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart/items/<item_id>", access=PUBLIC, returns=CartOut, in_turn=True)
async def remove_item(item_id: str) -> Answer:
    """Remove an item."""
    found = await caller()
    await changing.remove(found.shopper, item_id)
    return await answer(found, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart", access=PUBLIC, returns=CartOut, in_turn=True)
async def empty_cart() -> Answer:
    """Remove every item and code."""
    found = await caller()
    await changing.empty(found.shopper)
    return await answer(found, agrees=True)


@blueprint.endpoint("POST", "/api/cart/codes", access=PUBLIC, body=AddCode, returns=CartOut, status=201, in_turn=True)
async def add_code(body: AddCode) -> Answer:
    """Give a discount code; a refusal says why."""
    found = await caller()
    await codes.add_code(found.shopper, body.code)
    return await answer(found, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart/codes/<code>", access=PUBLIC, returns=CartOut, in_turn=True)
async def remove_code(code: str) -> Answer:
    """Take a discount code off the cart."""
    found = await caller()
    await codes.remove_code(found.shopper, code)
    return await answer(found, agrees=True)


@blueprint.endpoint("POST", "/api/cart/acknowledge", access=PUBLIC, returns=CartOut, in_turn=True)
async def acknowledge() -> Answer:
    """Accept every change that the cart tells of; `acknowledged` lists what that was."""
    found = await caller()
    changes = await acknowledging.acknowledge(found.shopper)
    return await answer(found, acknowledged=changes)


@blueprint.endpoint("POST", "/api/cart/merge", access=CUSTOMER, returns=CartOut, in_turn=True)
async def merge_guest_cart() -> Answer:
    """Move the guest cart of `Cart-Token` into the customer's; without an open one nothing changes."""
    found = await caller()
    token = request.headers.get(TOKEN_HEADER)
    if token:
        await merging.merge_guest_cart(found.shopper, token)
    return await answer(found, agrees=True)
