"""The cart over HTTP: the customer's, or that of the guest who holds the `Cart-Token`."""

from __future__ import annotations

from dataclasses import dataclass, field

from quart import request

from feria_cart import service, service_codes, service_merge, tokens
from feria_cart.schemas import AddCode, AddItem, CartOut, SetQuantity, cart_json
from feria_core.auth import current_principal, maybe_principal
from feria_core.contracts.cart import CartOwner
from feria_core.http import CUSTOMER, PUBLIC, Answer, ApiBlueprint
from feria_core.runtime import core_settings

TOKEN_HEADER = "Cart-Token"  # noqa: S105 - the header's name

blueprint = ApiBlueprint("cart", __name__)


@dataclass(frozen=True)
class Caller:
    """Whose cart is meant, and the headers that tell a guest."""

    owner: CartOwner
    headers: dict[str, str] = field(default_factory=dict)


@blueprint.endpoint("GET", "/api/cart", access=PUBLIC, returns=CartOut)
async def get_cart() -> Answer:
    """The caller's cart, priced now, with what changed since; a guest's answer carries `Cart-Token`."""
    return await _answer(await _caller())


@blueprint.endpoint("POST", "/api/cart/items", access=PUBLIC, body=AddItem, returns=CartOut, status=201)
async def add_item(body: AddItem) -> Answer:
    """Put so many of a variant into the cart; what is there already adds up."""
    caller = await _caller()
    await service.add(caller.owner, body.variant_id, body.quantity)
    return await _answer(caller, agrees=True)


@blueprint.endpoint("PATCH", "/api/cart/items/<item_id>", access=PUBLIC, body=SetQuantity, returns=CartOut)
async def change_item(item_id: str, body: SetQuantity) -> Answer:
    """Set the quantity of an item and accept its present price; 0 removes it."""
    caller = await _caller()
    await service.set_quantity(caller.owner, item_id, body.quantity)
    return await _answer(caller, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart/items/<item_id>", access=PUBLIC, returns=CartOut)
async def remove_item(item_id: str) -> Answer:
    """Remove an item."""
    caller = await _caller()
    await service.remove(caller.owner, item_id)
    return await _answer(caller, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart", access=PUBLIC, returns=CartOut)
async def empty_cart() -> Answer:
    """Remove every item and code."""
    caller = await _caller()
    await service.empty(caller.owner)
    return await _answer(caller, agrees=True)


@blueprint.endpoint("POST", "/api/cart/codes", access=PUBLIC, body=AddCode, returns=CartOut, status=201)
async def add_code(body: AddCode) -> Answer:
    """Give a discount code; a refusal says why."""
    caller = await _caller()
    await service_codes.add_code(caller.owner, body.code)
    return await _answer(caller, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart/codes/<code>", access=PUBLIC, returns=CartOut)
async def remove_code(code: str) -> Answer:
    """Take a discount code off the cart."""
    caller = await _caller()
    await service_codes.remove_code(caller.owner, code)
    return await _answer(caller, agrees=True)


@blueprint.endpoint("POST", "/api/cart/merge", access=CUSTOMER, returns=CartOut)
async def merge_guest_cart() -> Answer:
    """Move the guest cart of `Cart-Token` into the customer's; without an open one nothing changes."""
    customer_id = current_principal().id
    token = request.headers.get(TOKEN_HEADER)
    if token:
        await service_merge.merge(customer_id, token)
    return await _answer(Caller(CartOwner(customer_id=customer_id)), agrees=True)


async def _caller() -> Caller:
    """Return who asks: a signed-in person, else a guest, with a fresh token where he has none of ours.

    An API key is nobody's cart, so it counts as a guest.
    """
    principal = maybe_principal()
    if principal is not None and principal.kind != "api_key":
        return Caller(CartOwner(customer_id=principal.id))
    token = request.headers.get(TOKEN_HEADER)
    if token is None or not await tokens.is_issued(token):
        token = await tokens.issue()
    return Caller(CartOwner(cart_token=token), {TOKEN_HEADER: token})


async def _answer(caller: Caller, *, agrees: bool = False) -> Answer:
    view = await service.view(caller.owner, agrees=agrees)
    return Answer(cart_json(view, core_settings().currency), headers=caller.headers)
