"""Beginning a checkout from the caller's cart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from feria_checkout.errors import CartEmpty
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import view
from feria_checkout.service.holding import held_until, hold
from feria_checkout.service.pricing import quote
from feria_checkout.service.shipping import first_guess
from feria_checkout.service.superseding import supersede
from feria_core import db
from feria_core.contracts.cart import CARTS, CartOwner, MinimumOrderNotMet
from feria_core.contracts.users import PEOPLE
from feria_core.http.request import locale
from feria_core.ids import new_id, new_token, token_hash
from feria_core.runtime import core_settings, registry

# A checkout that ends between our insert and our lock lets us try again; twice in a row does not happen.
_TRIES = 3


async def open_checkout(owner: CartOwner) -> dict[str, Any]:
    """Return the checkout of the owner's cart with a fresh token, its stock held.

    A cart that is in an open checkout keeps that one: it is renewed for what the cart holds now, and opens
    with the new token too. Raises CartEmpty, MinimumOrderNotMet, OutOfStock.
    """
    cart_id = await _cart(owner)
    email = await _email(owner.customer_id)
    token = new_token()

    async def work() -> dict[str, Any]:
        checkout, is_new = await _checkout(owner, cart_id, email, token_hash(token))
        payment = None if is_new else await payments.live_of(checkout.id, lock=True)
        # Re-read under the checkout's lock: a twin's answer may have come in between.
        latest = (
            await registry()
            .get(CARTS)
            .snapshot_by_id(cart_id, lock=True, holder=checkout.id, shipping=first_guess(checkout))
        )
        if latest is None or not latest.lines:
            raise CartEmpty
        if latest.minimum_missing is not None:
            raise MinimumOrderNotMet(latest.minimum_missing)
        priced = await quote(checkout, latest)
        if payment is not None and not view.pays(payment, priced):
            await supersede(payment)
            payment = None
        await hold(checkout, priced)
        renewed = replace(checkout, expires_at=held_until(), held=priced.stock_lines)
        return view.priced_document(renewed, priced, payment, token=token)

    return await db.in_new_transaction(work)


async def _cart(owner: CartOwner) -> UUID:
    nobody = owner.customer_id is None and not owner.cart_token
    cart_id = None if nobody else await registry().get(CARTS).find(owner)
    if cart_id is None:
        raise CartEmpty
    return cart_id


async def _checkout(owner: CartOwner, cart_id: UUID, email: str | None, hashed: bytes) -> tuple[CheckoutRow, bool]:
    """Return the cart's open checkout, locked, and whether it was made just now."""
    fresh = CheckoutRow(
        id=new_id(), customer_id=owner.customer_id, cart_id=cart_id, state="open", email=email,
        shipping_address=None, billing_address=None, shipping_method=None, note=None, locale=locale(),
        currency=core_settings().currency, version=1, cart_version=0, held=(), order_id=None, order_number=None,
        expires_at=held_until(),
    )  # fmt: skip
    for _ in range(_TRIES):
        made = await checkouts.insert(fresh, hashed)
        if made is not None:
            return made, True
        found = await checkouts.lock_open_of_cart(cart_id)
        if found is not None:
            await checkouts.add_token(found.id, hashed)
            return found, False
    raise RuntimeError(f"the open checkout of cart {cart_id} could neither be made nor found")


async def _email(customer_id: UUID | None) -> str | None:
    people = registry().find(PEOPLE) if customer_id is not None else None
    person = await people.person(customer_id) if people is not None and customer_id is not None else None
    return person.email if person else None
