"""Who has bought what: deliveries and refunds as orders announces them, and the badge that follows from them.

Reviews keeps what it heard, so the badge stands while orders is off. Whoever reads deliveries to judge a review and
whoever changes them lock the person first, so that a review written while a refund arrives cannot keep the badge.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from feria_core import cache, clock, db
from feria_core.contracts.orders import OrderDelivered, OrderRefunded
from feria_core.contracts.users import PEOPLE, Person
from feria_core.runtime import registry
from feria_reviews import keys
from feria_reviews.repository import deliveries, reviews
from feria_reviews.service.summaries import tag


async def delivered(event: OrderDelivered) -> None:
    """Note what has arrived, and give its reviews the badge; in the open transaction.

    What guests got waits, under a hash of their address, for an account that has verified it. Nothing is kept of
    an erased person.
    """
    products = {line.product_id for line in event.lines if line.quantity > 0}
    if not products:
        return
    if event.customer_id is None:
        hashed = keys.email_hash(event.email, await keys.load())
        await deliveries.deliver(event.order_id, products, None, hashed, at=event.delivered_at)
        return
    if await _person(event.customer_id) is None:
        return
    await reviews.lock_person(event.customer_id)
    await deliveries.deliver(event.order_id, products, event.customer_id, None, at=event.delivered_at)
    await judge(event.customer_id, products)


async def refunded(event: OrderRefunded) -> None:
    """Note what was given back in full, and take the badge off its reviews; in the open transaction."""
    known = await deliveries.of_order(event.order_id)
    people = {row["customer_id"] for row in known} | {event.customer_id}
    for person in sorted(person for person in people if person is not None):
        await reviews.lock_person(person)
    products = set(event.whole_products)
    if event.is_full:
        products |= {row["product_id"] for row in known} | {line.product_id for line in event.lines}
    if not products:
        return
    await deliveries.refund(event.order_id, products, event.customer_id, is_final=event.is_full, now=clock.now())
    # Read again: meanwhile a guest's order may have become somebody's.
    for person in sorted({row["customer_id"] for row in await deliveries.of_order(event.order_id)} - {None}):
        await reviews.lock_person(person)
        await judge(person, products)


async def claim(customer_id: UUID, *addresses: str) -> None:
    """Make what guests got under the person's verified addresses his own, and give its reviews the badge."""
    key = await keys.load()
    await reviews.lock_person(customer_id)
    products = await deliveries.claim(customer_id, [keys.email_hash(address, key) for address in addresses if address])
    if products:
        await judge(customer_id, set(products))


async def is_verified(customer_id: UUID, product_id: UUID, person: Person | None) -> bool:
    """Return whether the product has reached the person, also as a guest under his verified address.

    Locks the person until the open transaction ends.
    """
    await reviews.lock_person(customer_id)
    if person is not None and person.is_email_verified:
        await claim(customer_id, person.email)
    return await deliveries.is_verified(customer_id, product_id)


async def judge(customer_id: UUID, products: Collection[UUID]) -> None:
    """Make the badges of the person's reviews of these products what the deliveries say; the person is locked."""
    db.require_transaction("judge()")
    cache.touch(*(tag(product_id) for product_id in await reviews.set_verified(customer_id, products)))


async def _person(customer_id: UUID) -> Person | None:
    return await registry().get(PEOPLE).person(customer_id)
