"""Links that open a cart on another device: signed, with an end, and harmless to whoever holds the cart already."""

from __future__ import annotations

from datetime import datetime, timedelta

from feria_cart import links, repository
from feria_cart.domain import Shopper, StoredCart
from feria_cart.errors import NothingToRestore, RestoreLinkExpired, RestoreLinkUnknown
from feria_cart.merging import Policy
from feria_cart.reminders import repository as reminders
from feria_cart.service.merging import put_codes, put_together
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.runtime import settings


async def make_link(who: Shopper) -> tuple[str, datetime]:
    """Return the token of a link to the owner's cart, and until when it works. Raises NothingToRestore."""
    stored = await repository.read(who.owner)
    if stored is None or not stored.lines:
        raise NothingToRestore
    until = clock.now().replace(microsecond=0) + timedelta(days=settings(CartSettings).restore_link_days)
    return links.restore_token(stored.id, until, await links.load_key()), until


async def restore(who: Shopper, token: str) -> None:
    """Let the caller's cart hold what the cart behind the link holds, of each item the larger quantity.

    Whoever owns that cart keeps it as it is; for everybody else it is copied, so that nobody loses a cart by showing
    a link, and following it again adds nothing. Raises RestoreLinkUnknown, RestoreLinkExpired, CartFull,
    CartChangedMeanwhile.
    """
    found = links.read_restore_token(token, await links.load_key())
    if found is None:
        raise RestoreLinkUnknown
    cart_id, until = found
    if clock.now() >= until:
        raise RestoreLinkExpired
    own = await repository.read(who.owner)
    async with db.transaction():
        await reminders.note_visit(cart_id, clock.now())
        if own is None or own.id != cart_id:
            source = await repository.read_by_id(cart_id)
            if source is None:
                raise RestoreLinkUnknown
            await _copy(who, source)


async def _copy(who: Shopper, source: StoredCart) -> None:
    cart = await repository.open_cart(who, clock.now())
    lines = {row["variant_id"]: row for row in await repository.items(source.id)}
    notes = [
        *await put_together(who, cart.id, lines, Policy.MAX),
        *await put_codes(cart.id, await repository.codes(source.id)),
    ]
    await repository.save_notes(cart.id, notes)
    await repository.note_copy(cart.id, source.id)
