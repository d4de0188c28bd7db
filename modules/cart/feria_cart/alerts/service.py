"""Asking for alerts and ending them; at most one of a kind for each person and variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from feria_cart import links
from feria_cart.alerts import repository
from feria_cart.domain import is_sellable
from feria_cart.errors import AlertUnknown, TooManyAlerts, WishUnknown
from feria_cart.service.looking import sold_offer
from feria_cart.settings import CartSettings
from feria_cart.wishlist import repository as wishlists
from feria_core import clock, db
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.ids import parse_id
from feria_core.runtime import core_settings, registry, settings

_EXPIRE_BATCH = 500


async def ask(customer_id: UUID, variant_id: str, kind: str) -> tuple[db.Row, Offer]:
    """Let the person wait for that of a variant; return the alert and what is offered now.

    Asking again changes nothing while it waits, and lets it wait again once it was sent. Raises VariantUnknown,
    TooManyAlerts.
    """
    async with db.transaction():
        await wishlists.lock_person(customer_id)
        offer = await sold_offer(variant_id)
        row = await _ask(customer_id, offer, kind, by_item=False)
        await _check_count(customer_id)
    return row, offer


async def set_for_item(customer_id: UUID, item_id: str, wanted: Mapping[str, bool]) -> None:
    """Let the person wait for the wanted kinds of an item's variant, and for the others no more.

    Raises WishUnknown, VariantUnknown where something is wanted of what is not sold any more, TooManyAlerts.
    """
    wish = parse_id(item_id)
    async with db.transaction():
        variant_id = await wishlists.keep_item(customer_id, wish) if wish else None
        if variant_id is None:
            raise WishUnknown(item_id)
        await wishlists.lock_person(customer_id)
        await repository.delete_kinds(customer_id, variant_id, [kind for kind, is_on in wanted.items() if not is_on])
        kinds = [kind for kind, is_on in wanted.items() if is_on]
        if kinds:
            offer = await sold_offer(str(variant_id))
            for kind in kinds:
                await _ask(customer_id, offer, kind, by_item=True)
            await _check_count(customer_id)


async def page(customer_id: UUID, *, limit: int, before: UUID | None) -> Sequence[tuple[db.Row, Offer | None]]:
    """Return at most `limit` alerts of the person, the newest first, each with what is sold of its variant."""
    rows = await repository.page(customer_id, limit=limit, before=before)
    offers = await registry().get(CATALOG).offers([row["variant_id"] for row in rows]) if rows else {}
    currency = core_settings().currency
    sold = {variant_id: offer for variant_id, offer in offers.items() if is_sellable(offer, 1, currency)}
    return [(row, sold.get(row["variant_id"])) for row in rows]


async def drop(customer_id: UUID, alert_id: str) -> None:
    """End an alert of the person's. Raises AlertUnknown."""
    known = parse_id(alert_id)
    if known is None or not await repository.delete(customer_id, known):
        raise AlertUnknown(alert_id)


async def drop_by_link(token: str) -> None:
    """End the alert of a mail's link; one that has ended stays so. Raises AlertUnknown for a link that is not ours."""
    alert_id = links.read_unsubscribe_token(token, await links.load_key())
    if alert_id is None:
        raise AlertUnknown(token)
    await repository.delete_all([alert_id])


async def delete_done() -> int:
    """Delete the alerts that were sent longer ago than carts are kept; return how many."""
    before = clock.now() - timedelta(days=settings(CartSettings).expire_after_days)
    deleted = 0
    while True:
        count = await repository.delete_done(before, limit=_EXPIRE_BATCH)
        deleted += count
        if count < _EXPIRE_BATCH:
            return deleted


async def _ask(customer_id: UUID, offer: Offer, kind: str, *, by_item: bool) -> db.Row:
    is_out = offer.available <= 0
    return await repository.ask(customer_id, offer, kind, is_out=is_out, by_item=by_item, now=clock.now())


async def _check_count(customer_id: UUID) -> None:
    """Raise TooManyAlerts where more wait than may; the person is locked, so twins are counted too."""
    most = settings(CartSettings).max_alerts
    if await repository.count_waiting(customer_id) > most:
        raise TooManyAlerts(most)
