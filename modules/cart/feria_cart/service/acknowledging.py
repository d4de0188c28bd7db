"""What the owner was told of and agrees to: the cart becomes what it can be now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_cart import repository
from feria_cart.domain import Change, Shopper
from feria_cart.saved import repository as saved
from feria_cart.service.looking import priced_now
from feria_core import clock, db
from feria_core.money import Money


async def acknowledge(who: Shopper) -> Sequence[Change]:
    """Accept every present change of the owner's cart; return them, so that the owner sees what was accepted.

    Prices become those that were seen, quantities what is left; what is sold out is saved for later, what is not sold
    any more leaves the cart, discounts that are gone and notes of a merge are forgotten. Raises CartChangedMeanwhile.
    """
    async with db.transaction():
        cart = await repository.touch_cart(who, clock.now())
        stored = await repository.read_by_id(cart.id) if cart else None
        if stored is None:
            return ()
        view = await priced_now(stored, group=who.group)
        await repository.save_seen(stored.id, view.discounts)
        lines = {line.item_id: line for line in view.snapshot.lines}
        left = {one.item_id: one.now for one in view.changes if one.kind == "quantity_cut"}
        accepted: list[tuple[UUID, int, Money]] = []
        for change in view.changes:
            line = lines.get(change.item_id) if change.item_id else None
            if line is not None:
                count = left.get(line.item_id, line.quantity)
                if isinstance(count, int) and count > 0:
                    accepted.append((line.item_id, count, line.unit_price))
        await repository.accept(stored.id, list({one[0]: one for one in accepted}.values()))
        await _put_aside(who, stored.id, [item_id for item_id, count in left.items() if item_id and count == 0])
        gone = [one.item_id for one in view.changes if one.kind == "removed" and one.item_id]
        await repository.remove_items(stored.id, gone)
    return view.changes


async def _put_aside(who: Shopper, cart_id: UUID, item_ids: Sequence[UUID]) -> None:
    for item_id in item_ids:
        taken = await repository.take_item(cart_id, item_id)
        if taken is not None:
            await saved.save(who.owner, taken, clock.now())
