"""Setting limits of products, and telling a shopper early; what counts is the claim at the order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from feria_cart import repository as carts
from feria_cart.errors import LimitUnknown
from feria_cart.product_limits import repository
from feria_core import audit, clock, db
from feria_core.contracts.cart import ProductLimitReached
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.ids import parse_id
from feria_core.runtime import registry


async def set_limit(product_id: str, most: int) -> UUID:
    """Let each customer buy at most so many of the product from now on; what was bought before does not count."""
    known = _known(product_id)
    async with db.transaction():
        before = await repository.limit_of(known)
        await repository.set_limit(known, most, clock.now())
        await audit.record(
            "cart.limit_product", "product", known, before={"most": before} if before else None, after={"most": most}
        )  # fmt: skip
    return known


async def lift_limit(product_id: str) -> None:
    """Let everybody buy any number of it again. Raises LimitUnknown."""
    known = _known(product_id)
    async with db.transaction():
        if not await repository.delete_limit(known):
            raise LimitUnknown(product_id)
        await audit.record("cart.lift_product_limit", "product", known)


async def page(*, limit: int, after: UUID | None) -> Sequence[db.Row]:
    """Return at most `limit` limits by ascending product."""
    return await repository.page(limit=limit, after=after)


async def most_of(product_id: UUID) -> int | None:
    """Return how many each customer may buy, None for any number."""
    return await repository.limit_of(product_id)


async def check(cart_id: UUID, customer_id: UUID | None, offer: Offer, most: int) -> None:
    """Raise ProductLimitReached where the cart, locked, holds more of the product than its owner may still buy."""
    held = {row["variant_id"]: row["quantity"] for row in await carts.items(cart_id)}
    offers = await registry().get(CATALOG).offers(list(held))
    pieces = sum(n for v, n in held.items() if v in offers and offers[v].product_id == offer.product_id)
    left = (await left_for(cart_id, customer_id, {offer.product_id: most}))[offer.product_id]
    if pieces > left:
        raise ProductLimitReached(offer.product_id, offer.name, most=most, left=left)


async def left_for(cart_id: UUID, customer_id: UUID | None, limits: Mapping[UUID, int]) -> Mapping[UUID, int]:
    """Return how many of each of the limited products the owner may have in the cart.

    What the cart's own checkout has claimed is not counted twice.
    """
    if customer_id is None or not limits:
        return limits
    used = await repository.used_by(customer_id, limits)
    stored = await carts.read_by_id(cart_id)
    own = [stored.held_by] if stored is not None and stored.held_by is not None else []
    held = await repository.held_for(customer_id, own) if own else {}
    return {p: max(most - used.get(p, 0) + held.get(p, 0), 0) for p, most in limits.items()}


async def room(cart_id: UUID, customer_id: UUID, product_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many of those of the products that have a limit the customer may have in the cart."""
    return await left_for(cart_id, customer_id, await repository.limits_of(product_ids))


def _known(product_id: str) -> UUID:
    known = parse_id(product_id)
    if known is None:
        raise LimitUnknown(product_id)
    return known
