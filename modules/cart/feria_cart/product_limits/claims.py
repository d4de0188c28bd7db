"""The port `price_claims` for limits of products: counted by conditional updates, given back once, kept by orders.

Rows are always locked in the same order: the claims of one checkout, then the customer's counts by product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from feria_cart import repository as carts
from feria_cart.product_limits import repository
from feria_core import clock, db
from feria_core.contracts.cart import ProductLimitReached
from feria_core.contracts.catalog import CATALOG
from feria_core.contracts.pricing import Adjustment
from feria_core.runtime import registry


class _Reached(Exception):
    """Others of the customer's checkouts have the rest by now."""


class ProductLimitClaims:
    """Counts what a customer buys of products that have a limit. A guest is held to the limit in each order."""

    async def claim(
        self, reference: UUID, adjustments: Sequence[Adjustment], *, cart_id: UUID, customer_id: UUID | None
    ) -> None:
        del adjustments
        db.require_transaction("claiming products")
        claims = {row["product_id"]: row for row in await repository.claims_of(reference)}
        if any(row["state"] == "kept" for row in claims.values()):
            return  # it is an order already
        if not claims and not await repository.are_there_any():
            return
        wanted, names = await _wanted(cart_id)
        limits = await repository.limits_of(wanted)
        async with db.savepoint():
            for product_id in sorted(claims.keys() | limits.keys()):
                units = wanted[product_id] if product_id in limits else 0
                await _adjust(reference, claims.get(product_id), product_id, customer_id, units,
                              most=limits.get(product_id, 0), name=names.get(product_id, ""))  # fmt: skip

    async def renew(self, reference: UUID) -> bool:
        db.require_transaction("claiming products")
        given_back = [row for row in await repository.claims_of(reference) if row["state"] == "released"]
        limits = await repository.limits_of([row["product_id"] for row in given_back]) if given_back else {}
        try:
            async with db.savepoint():
                for row in given_back:
                    await _renew(reference, row, limits)
        except _Reached:
            return False
        return True

    async def release(self, reference: UUID) -> None:
        db.require_transaction("giving products back")
        for row in await repository.claims_of(reference):
            if row["state"] == "held":
                await _end(reference, row)

    async def keep(self, reference: UUID, *, order_id: UUID) -> None:
        await repository.keep(reference, order_id, clock.now())


async def give_back_order(order_id: UUID) -> None:
    """Give back what a cancelled order has kept, once."""
    reference = await repository.reference_of(order_id)
    if reference is None:
        return
    for row in await repository.claims_of(reference):
        if row["state"] == "kept":
            await _end(reference, row)


async def _wanted(cart_id: UUID) -> tuple[Counter[UUID], Mapping[UUID, str]]:
    """Return how many pieces of each product the cart holds, and what the products are called."""
    stored = await carts.read_by_id(cart_id)
    lines = stored.lines if stored else ()
    offers = await registry().get(CATALOG).offers([line.variant_id for line in lines]) if lines else {}
    wanted: Counter[UUID] = Counter()
    for line in lines:
        if line.variant_id in offers:
            wanted[offers[line.variant_id].product_id] += line.quantity
    return wanted, {offer.product_id: offer.name for offer in offers.values()}


async def _adjust(
    reference: UUID,
    claim: db.Row | None,
    product_id: UUID,
    customer_id: UUID | None,
    units: int,
    *,
    most: int,
    name: str,
) -> None:
    """Let the checkout hold so many of the product, none where it holds none any more."""
    held = claim["units"] if claim is not None and claim["state"] == "held" else 0
    if claim is not None and held and (units == 0 or claim["customer_id"] != customer_id):
        await _end(reference, claim)
        held = 0
    if units in (0, held):
        return
    if units > held:
        await _take(product_id, customer_id, units - held, units=units, most=most, name=name)
    elif customer_id is not None:
        await repository.give_back(customer_id, product_id, held - units)
    await repository.save(reference, product_id, customer_id, units, clock.now())


async def _take(product_id: UUID, customer_id: UUID | None, more: int, *, units: int, most: int, name: str) -> None:
    if customer_id is None:
        if units > most:
            raise ProductLimitReached(product_id, name, most=most, left=most)
        return
    if not await repository.use(customer_id, product_id, more, most=most):
        used = (await repository.used_by(customer_id, [product_id])).get(product_id, 0)
        raise ProductLimitReached(product_id, name, most=most, left=max(most - used, 0))


async def _renew(reference: UUID, row: db.Row, limits: Mapping[UUID, int]) -> None:
    """Take a claim again. Raises _Reached; a limit that staff have lifted meanwhile holds nobody up."""
    most = limits.get(row["product_id"])
    if most is None:
        return
    if row["customer_id"] is not None and not await repository.use(
        row["customer_id"], row["product_id"], row["units"], most=most
    ):
        raise _Reached
    await repository.save(reference, row["product_id"], row["customer_id"], row["units"], clock.now())


async def _end(reference: UUID, row: db.Row) -> None:
    if await repository.end(reference, row["product_id"], clock.now()) and row["customer_id"] is not None:
        await repository.give_back(row["customer_id"], row["product_id"], row["units"])
