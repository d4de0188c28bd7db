"""Filling a cart with what another module names: an order that is to be bought again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_cart import service, tokens
from feria_core import db
from feria_core.contracts.cart import CartAddition, CartOwner
from feria_core.contracts.catalog import OutOfStock, StockLine
from feria_core.errors import FeriaError


async def add_all(owner: CartOwner, lines: Sequence[StockLine]) -> tuple[CartAddition, ...]:
    """Add what is sold of the lines, as many of each as there are; a line that is refused leaves the others alone."""
    if owner.customer_id is None and not await tokens.is_issued(owner.cart_token):
        return tuple(CartAddition(line.variant_id, 0, "cart_unknown") for line in lines)
    async with db.transaction():
        return tuple([await _add(owner, line) for line in lines])


async def _add(owner: CartOwner, line: StockLine) -> CartAddition:
    try:
        await _try(owner, line.variant_id, line.quantity)
    except OutOfStock as short:
        left = short.shortages[0].available - await _held(owner, line.variant_id)
        if left <= 0:
            return CartAddition(line.variant_id, 0, short.code)
        await _try(owner, line.variant_id, left)
        return CartAddition(line.variant_id, left, short.code)
    except FeriaError as refusal:
        return CartAddition(line.variant_id, 0, refusal.code)
    return CartAddition(line.variant_id, line.quantity)


async def _try(owner: CartOwner, variant_id: UUID, quantity: int) -> None:
    """Add in a savepoint, so that a refusal undoes its own line alone."""
    async with db.savepoint():
        await service.add(owner, str(variant_id), quantity)


async def _held(owner: CartOwner, variant_id: UUID) -> int:
    """Return how many of a variant the owner's cart holds."""
    view = await service.view(owner)
    lines = view.snapshot.lines if view else ()
    return sum(line.quantity for line in lines if line.variant_id == variant_id)
