"""Stock and the draft order of a checkout: taken, renewed and written in the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson

from feria_checkout.errors import CartEmpty, CheckoutIncomplete
from feria_checkout.repository import checkouts
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import view
from feria_checkout.service.claiming import claim
from feria_checkout.service.pricing import Quote, order_draft, price
from feria_checkout.settings import CheckoutSettings
from feria_core import clock, db
from feria_core.contracts.cart import MinimumOrderNotMet
from feria_core.contracts.catalog import CATALOG, OutOfStock
from feria_core.contracts.orders import ORDERS, OrderRef
from feria_core.runtime import registry, settings


def held_until() -> datetime:
    """Return until when stock is held by an act of now."""
    return clock.now() + timedelta(minutes=settings(CheckoutSettings).hold_minutes)


async def hold(checkout: CheckoutRow, priced: Quote) -> None:
    """Hold what the cart asks for and renew the checkout's time. Raises OutOfStock naming every short line.

    Where the same is held already it is only prolonged, which touches no stock row.
    """
    until = held_until()
    catalog = registry().get(CATALOG)
    wanted = priced.stock_lines
    await checkouts.save_hold(checkout.id, held=wanted, cart_version=priced.cart.version, expires_at=until)
    if checkout.held != wanted or not await catalog.extend_hold(checkout.id, until=until):
        await catalog.hold(checkout.id, wanted, until=until)


async def hold_if_possible(checkout: CheckoutRow, priced: Quote) -> bool:
    """Renew the hold; False, and the checkout as it was, where stock has run short."""
    try:
        async with db.savepoint():
            await hold(checkout, priced)
    except OutOfStock:
        return False
    return True


async def prolong(checkout: CheckoutRow) -> None:
    """Renew what is held, as it is; nothing happens where the hold is gone."""
    until = held_until()
    if await registry().get(CATALOG).extend_hold(checkout.id, until=until):
        await checkouts.prolong(checkout.id, until)


async def prepare(checkout: CheckoutRow) -> tuple[Quote, OrderRef]:
    """Phase A of a completion: re-price the locked cart, hold its stock, write the draft of its order.

    The checkout and its payment are locked by the caller. Raises CartEmpty, CheckoutIncomplete, OutOfStock.
    """
    priced = await price(checkout, lock=True)
    if priced is None:
        raise CartEmpty
    return priced, await write_draft(checkout, priced)


async def write_draft(checkout: CheckoutRow, priced: Quote) -> OrderRef:
    """Write the draft order at this price, claim its discounts, hold its stock.

    Raises CheckoutIncomplete, MinimumOrderNotMet, CartChanged where a discount is gone meanwhile, OutOfStock.
    """
    if priced.cart.minimum_missing is not None:
        raise MinimumOrderNotMet(priced.cart.minimum_missing)
    if priced.missing:
        raise CheckoutIncomplete(priced.missing)
    order = await registry().get(ORDERS).create(order_draft(checkout, priced))
    quote = orjson.dumps(view.totals(priced, with_cards=False))
    await checkouts.save_draft(checkout.id, order=order, quote=quote)
    await claim(checkout, priced)
    await hold(checkout, priced)  # last: other buyers wait for the rows of stock
    return order
