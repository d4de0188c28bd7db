"""Filling a cart with what another module names: an order that is to be bought again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_cart import tokens
from feria_cart.domain import Shopper
from feria_cart.service import changing, looking
from feria_core import db
from feria_core.contracts.cart import CartAddition, CartOwner
from feria_core.contracts.catalog import OutOfStock, StockLine
from feria_core.errors import FeriaError


async def add_all(owner: CartOwner, lines: Sequence[StockLine]) -> tuple[CartAddition, ...]:
    """Add what is sold of the lines, as many of each as there are; a line that is refused leaves the others alone."""
    if owner.customer_id is None and not await tokens.is_issued(owner.cart_token):
        return tuple(CartAddition(line.variant_id, 0, "cart_unknown") for line in lines)
    who = await looking.shopper(owner)
    async with db.transaction():
        return tuple([await _add(who, line) for line in lines])


async def _add(who: Shopper, line: StockLine) -> CartAddition:
    try:
        await _try(who, line.variant_id, line.quantity)
    except OutOfStock as short:
        left = short.shortages[0].available - await _held(who, line.variant_id)
        if left <= 0:
            return CartAddition(line.variant_id, 0, short.code)
        await _try(who, line.variant_id, left)
        return CartAddition(line.variant_id, left, short.code)
    except FeriaError as refusal:
        return CartAddition(line.variant_id, 0, refusal.code)
    return CartAddition(line.variant_id, line.quantity)


async def _try(who: Shopper, variant_id: UUID, quantity: int) -> None:
    """Add in a savepoint, so that a refusal undoes its own line alone."""
    async with db.savepoint():
        await changing.add(who, str(variant_id), quantity)


async def _held(who: Shopper, variant_id: UUID) -> int:
    """Return how many of a variant the shopper's cart holds."""
    view = await looking.view(who)
    lines = view.snapshot.lines if view else ()
    return sum(line.quantity for line in lines if line.variant_id == variant_id)
