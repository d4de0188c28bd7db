"""The checkout over HTTP, reached by its owner or with its Checkout-Token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from quart import request

from feria_checkout.errors import CheckoutNotFound
from feria_checkout.repository.checkouts import Caller
from feria_checkout.schemas import CheckoutOut, CheckoutPatch, ShippingMethodOut
from feria_checkout.service import editing, opening
from feria_core import limits
from feria_core.auth import maybe_principal
from feria_core.contracts.cart import CartOwner
from feria_core.http import PUBLIC, ApiBlueprint, Page
from feria_core.http.request import client_address
from feria_core.ids import parse_id, token_hash
from feria_core.limits import Limit

T = TypeVar("T")

# Only calls that find no checkout count: a shopper never meets it, and a guesser has 256 bits of a token to guess.
MISSES = Limit("checkout.misses", 20, 60)

blueprint = ApiBlueprint("checkout", __name__)


@blueprint.endpoint("POST", "/api/checkouts", access=PUBLIC, returns=CheckoutOut, status=201)
async def open_checkout() -> dict[str, Any]:
    """Begin the checkout of the caller's cart: its stock is held. A cart in an open checkout keeps that one."""
    return await opening.open_checkout(CartOwner(customer_id(), request.headers.get("Cart-Token")))


@blueprint.endpoint("GET", "/api/checkouts/<checkout_id>", access=PUBLIC, returns=CheckoutOut)
async def get_checkout(checkout_id: str) -> dict[str, Any]:
    """The checkout with its totals as they are now, and what is missing."""
    return await found(lambda: editing.read(known_id(checkout_id), caller()))


@blueprint.endpoint("PATCH", "/api/checkouts/<checkout_id>", access=PUBLIC, body=CheckoutPatch, returns=CheckoutOut)
async def edit_checkout(checkout_id: str, body: CheckoutPatch) -> dict[str, Any]:
    """Change address, shipping method, e-mail or note; a new total gives up a payment that is open."""
    return await found(lambda: editing.edit(known_id(checkout_id), caller(), body))


@blueprint.endpoint(
    "GET", "/api/checkouts/<checkout_id>/shipping-methods", access=PUBLIC, returns=Page[ShippingMethodOut]
)
async def list_shipping_methods(checkout_id: str) -> dict[str, Any]:
    """How this cart can be shipped, with price and delivery estimate."""
    return await found(lambda: editing.shipping_methods(known_id(checkout_id), caller()))


async def found(act: Callable[[], Awaitable[T]]) -> T:
    """Return what `act` returns; where it finds no checkout for its caller, that counts as a guess.

    Raises RateLimited instead of CheckoutNotFound for whoever asks for one after another.
    """
    try:
        return await act()
    except CheckoutNotFound:
        await limits.hit(MISSES, limits.address_key(client_address() or ""))
        raise


def customer_id() -> UUID | None:
    """Return the signed-in person who asks; an API key is nobody's cart, so it counts as a guest."""
    principal = maybe_principal()
    return principal.id if principal is not None and principal.kind != "api_key" else None


def caller() -> Caller:
    """Return who asks for a checkout."""
    token = request.headers.get("Checkout-Token")
    return Caller(customer_id(), token_hash(token) if token else None)


def known_id(text: str) -> UUID:
    """Return the id in the path. Raises CheckoutNotFound for what cannot be one."""
    checkout_id = parse_id(text)
    if checkout_id is None:
        raise CheckoutNotFound
    return checkout_id
