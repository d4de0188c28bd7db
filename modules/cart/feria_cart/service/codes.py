"""Discount codes of a cart: the modules that lower prices say which they know."""

from __future__ import annotations

from feria_cart import repository
from feria_cart.domain import Shopper
from feria_cart.errors import CodeUnknown, TooManyCodes
from feria_cart.service import looking
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.pricing import PRICE_ADJUSTERS
from feria_core.errors import ModuleDisabled
from feria_core.runtime import current, registry, settings

# Codes are this module's business; the cart only keeps those that it accepts.
PROMOTIONS = "promotions"


async def add_code(who: Shopper, code: str) -> None:
    """Keep the code with the owner's cart, which is made where there is none.

    Raises ModuleDisabled, CodeUnknown, TooManyCodes, and the refusal of who knows the code but does not take it.
    """
    _require_promotions()
    accepted = await _accepted(who, code)
    max_codes = settings(CartSettings).max_codes
    async with db.transaction():
        now = clock.now()
        cart = await repository.open_cart(who, now)
        if await repository.add_codes(cart.id, [(accepted, now)]) > max_codes:
            raise TooManyCodes(max_codes)


async def remove_code(who: Shopper, code: str) -> None:
    """Take the code off the owner's cart. Raises ModuleDisabled, CodeUnknown where the cart does not hold it."""
    _require_promotions()
    if not code.isprintable():
        raise CodeUnknown(code)
    async with db.transaction():
        cart = await repository.touch_cart(who, clock.now())
        if cart is None or not await repository.remove_code(cart.id, code):
            raise CodeUnknown(code)


async def _accepted(who: Shopper, code: str) -> str:
    basket = await looking.basket(who)
    for adjuster in registry().all(PRICE_ADJUSTERS):
        accepted = await adjuster.accept_code(code, basket)
        if accepted is not None:
            return accepted
    raise CodeUnknown(code)


def _require_promotions() -> None:
    if current().module(PROMOTIONS) is None:
        raise ModuleDisabled(PROMOTIONS)
