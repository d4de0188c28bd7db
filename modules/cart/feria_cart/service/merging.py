"""A guest who signs in: the guest cart moves into the customer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_cart import repository
from feria_cart.domain import Shopper
from feria_cart.errors import CartFull
from feria_cart.merging import Note, Policy, Room, merge
from feria_cart.product_limits import service as limits
from feria_cart.saved import repository as saved
from feria_cart.service.looking import shopper
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.cart import CartOwner
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.money import Money
from feria_core.runtime import core_settings, registry, settings

# Of a cart: variant, quantity, the price that was seen last, and when it was added.
Lines = Mapping[UUID, db.Row]


async def merge_guest_cart(who: Shopper, token: str) -> bool:
    """Move the guest's items and codes into the customer's cart; False where the token has no open cart.

    Quantities by the deployment's policy, capped by stock and limits; what became of each is kept as notes until the
    customer changes something. Lines of another currency than the shop's stay in the guest cart; else it is closed
    in the same transaction, so a replay adds nothing. Raises CartFull, changing nothing, where the two do not fit
    into one. Guest carts are always locked before customers', so merges never wait for each other in a circle.
    """
    customer_id = who.owner.customer_id
    assert customer_id is not None  # noqa: S101 - only customers merge
    async with db.transaction():
        guest_id = await repository.lock_guest_cart(token)
        await saved.adopt(customer_id, token)
        if guest_id is None:
            return False
        incoming = {row["variant_id"]: row for row in await repository.items(guest_id)}
        codes = await repository.codes(guest_id)
        if incoming or codes:
            await _move(who, guest_id, incoming, codes)
        else:
            await repository.close_merged(guest_id, None, clock.now())
    return True


async def merge_at_sign_in(customer_id: UUID, token: str) -> bool:
    """Do as `merge_guest_cart` for somebody who has just signed in."""
    return await merge_guest_cart(await shopper(CartOwner(customer_id=customer_id)), token)


async def _move(who: Shopper, guest_id: UUID, incoming: Lines, codes: Sequence[tuple[str, datetime]]) -> None:
    currency = core_settings().currency
    moving = {v: row for v, row in incoming.items() if row["seen_currency"] == currency}
    staying = [Note("other_currency", v, row["quantity"]) for v, row in incoming.items() if v not in moving]
    now = clock.now()
    cart = await repository.open_cart(who, now)
    policy = await _policy(guest_id, cart.id)
    notes = [*await put_together(who, cart.id, moving, policy), *await put_codes(cart.id, codes), *staying]
    await repository.save_notes(cart.id, notes)
    if staying:
        await repository.remove_items(guest_id, [row["id"] for row in moving.values()])
        await repository.remove_codes(guest_id)
    else:
        await repository.close_merged(guest_id, cart.id, now)


async def _policy(guest_id: UUID, cart_id: UUID) -> Policy:
    """Return whose quantity counts; a copy of this very cart, made by a restore link, must not double it."""
    return Policy.MAX if await repository.is_copy_of(guest_id, cart_id) else settings(CartSettings).merge_policy


async def put_together(who: Shopper, cart_id: UUID, incoming: Lines, policy: Policy) -> Sequence[Note]:
    """Bring the lines into the cart, which the caller has locked; return what became of them. Raises CartFull."""
    own = {row["variant_id"]: row["quantity"] for row in await repository.items(cart_id)}
    bounds = settings(CartSettings)
    if len(own.keys() | incoming.keys()) > bounds.max_lines:
        raise CartFull(bounds.max_lines)
    offers = await registry().get(CATALOG).offers([*incoming, *own], group=who.group) if incoming else {}
    room = Room(bounds.max_quantity, bounds.max_pieces, await _room_of_products(who, cart_id, offers))
    notes = merge(own, {v: row["quantity"] for v, row in incoming.items()}, offers, policy=policy, room=room)
    rows = [
        (note.variant_id, note.quantity, Money(row["seen_amount"], row["seen_currency"]), row["added_at"])
        for note in notes
        if note.variant_id is not None and note.quantity
        for row in (incoming[note.variant_id],)
    ]
    await repository.put_items(cart_id, rows)
    for note in notes:
        if note.variant_id is not None and not note.quantity:
            await saved.save(who.owner, incoming[note.variant_id], clock.now())
    return notes


async def _room_of_products(who: Shopper, cart_id: UUID, offers: Mapping[UUID, Offer]) -> Mapping[UUID, int]:
    if who.owner.customer_id is None or not offers:
        return {}
    return await limits.room(cart_id, who.owner.customer_id, {offer.product_id for offer in offers.values()})


async def put_codes(cart_id: UUID, codes: Sequence[tuple[str, datetime]]) -> Sequence[Note]:
    """Give the cart the codes as far as there is room; return those that were left out."""
    held = {code for code, _ in await repository.codes(cart_id)}
    room = max(settings(CartSettings).max_codes - len(held), 0)
    fresh = [entry for entry in codes if entry[0] not in held]
    await repository.add_codes(cart_id, fresh[:room])
    return [Note("code_left_out", code=code) for code, _ in fresh[room:]]
