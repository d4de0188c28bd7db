"""Stock and the draft order of a checkout: taken, renewed and written in the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson

from feria_checkout.errors import CartEmpty, CheckoutIncomplete
from feria_checkout.repository import checkouts
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import agreed, view
from feria_checkout.service.claiming import claim
from feria_checkout.service.pricing import Quote, order_draft, price
from feria_checkout.settings import CheckoutSettings
from feria_core import clock, db
from feria_core.contracts.cart import MinimumOrderNotMet
from feria_core.contracts.catalog import CATALOG, OutOfStock
from feria_core.contracts.orders import ORDERS, OrderRef
from feria_core.runtime import registry, settings


def held_until(checkout: CheckoutRow | None = None) -> datetime:
    """Return until when stock is held by an act of now; what staff have agreed, as long as it can be paid."""
    until = clock.now() + timedelta(minutes=settings(CheckoutSettings).hold_minutes)
    agreed_until = agreed.valid_until(checkout) if checkout is not None else None
    return until if agreed_until is None else max(until, agreed_until)


async def hold(checkout: CheckoutRow, priced: Quote) -> None:
    """Hold what the cart asks for and renew the checkout's time. Raises OutOfStock naming every short line."""
    until = held_until(checkout)
    await checkouts.save_hold(checkout.id, held=priced.stock_lines, cart_version=priced.cart.version, expires_at=until)
    await take(checkout, priced, until)


async def take(checkout: CheckoutRow, priced: Quote, until: datetime) -> None:
    """Hold what the cart asks for; the checkout's own row is the caller's. Raises OutOfStock.

    Where the same is held already it is only prolonged, which touches no stock row.
    """
    if not await extend(checkout, priced, until):
        await registry().get(CATALOG).hold(checkout.id, priced.stock_lines, until=until)


async def extend(checkout: CheckoutRow, priced: Quote, until: datetime) -> bool:
    """Prolong what is held where that is what the cart asks for; False where something else has to be held."""
    return checkout.held == priced.stock_lines and await registry().get(CATALOG).extend_hold(checkout.id, until=until)


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
    until = held_until(checkout)
    if await registry().get(CATALOG).extend_hold(checkout.id, until=until):
        await checkouts.prolong(checkout.id, until)


async def payable(checkout: CheckoutRow) -> Quote:
    """Return what the locked cart costs now. Raises CartEmpty, MinimumOrderNotMet, CheckoutIncomplete."""
    priced = await sellable(checkout)
    if priced.missing:
        raise CheckoutIncomplete(priced.missing)
    return priced


async def sellable(checkout: CheckoutRow) -> Quote:
    """Return what the locked cart costs now, be the checkout complete or not. Raises CartEmpty, MinimumOrderNotMet."""
    priced = await price(checkout, lock=True)
    if priced is None:
        raise CartEmpty
    if priced.cart.minimum_missing is not None:
        raise MinimumOrderNotMet(priced.cart.minimum_missing)
    return priced


async def write_draft(checkout: CheckoutRow, priced: Quote) -> OrderRef:
    """Write the draft order at this price, claim its discounts, hold its stock.

    The checkout and its payment are locked by the caller. Raises CartChanged where a discount is gone meanwhile,
    OutOfStock.
    """
    order = await registry().get(ORDERS).create(order_draft(checkout, priced))
    quote, until = orjson.dumps(view.totals(priced, with_cards=False)), held_until(checkout)
    await checkouts.save_draft(
        checkout.id,
        order=order,
        quote=quote,
        held=priced.stock_lines,
        cart_version=priced.cart.version,
        expires_at=until,
    )
    await claim(checkout, priced)
    await take(checkout, priced, until)  # last: other buyers wait for the rows of stock
    return order
