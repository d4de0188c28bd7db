"""A guest who signs in: the guest cart moves into the customer's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_cart import repository
from feria_cart.domain import merged_quantity
from feria_cart.errors import CartFull
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.cart import CartOwner
from feria_core.contracts.catalog import CATALOG
from feria_core.money import Money
from feria_core.runtime import registry, settings


async def merge(customer_id: UUID, token: str) -> bool:
    """Move the guest's items and codes into the customer's cart; False where the token has no open cart.

    Quantities add, capped by stock. The guest cart is closed in the same transaction, so a replay adds nothing.
    Raises CartFull, changing nothing, where the two do not fit into one. Guest carts are always locked before
    customers', so merges never wait for each other in a circle.
    """
    now = clock.now()
    async with db.transaction():
        guest_id = await repository.close_guest_cart(token, now)
        if guest_id is None:
            return False
        incoming = await repository.items(guest_id)
        codes = await repository.codes(guest_id)
        if incoming or codes:
            cart_id = await repository.open_cart(CartOwner(customer_id=customer_id), now)
            await _move_items(cart_id, incoming)
            await _move_codes(cart_id, codes)
    return True


async def _move_items(cart_id: UUID, incoming: Sequence[db.Row]) -> None:
    own = {row["variant_id"]: row["quantity"] for row in await repository.items(cart_id)}
    bounds = settings(CartSettings)
    if len(own.keys() | {row["variant_id"] for row in incoming}) > bounds.max_lines:
        raise CartFull(bounds.max_lines)
    offers = await registry().get(CATALOG).offers([row["variant_id"] for row in incoming]) if incoming else {}
    rows = []
    for row in incoming:
        variant = row["variant_id"]
        quantity = merged_quantity(
            own.get(variant, 0), row["quantity"], offers.get(variant), largest=bounds.max_quantity
        )
        rows.append((variant, quantity, Money(row["seen_amount"], row["seen_currency"]), row["added_at"]))
    await repository.put_items(cart_id, rows)


async def _move_codes(cart_id: UUID, codes: Sequence[tuple[str, datetime]]) -> None:
    held = {code for code, _ in await repository.codes(cart_id)}
    room = settings(CartSettings).max_codes - len(held)
    await repository.add_codes(cart_id, [entry for entry in codes if entry[0] not in held][: max(room, 0)])
