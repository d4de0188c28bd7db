"""Writing down what people do: those who agreed, nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.cart import CartItemAdded
from feria_core.contracts.orders import OrderPlaced, OrderRefunded
from feria_core.runtime import settings
from feria_personalization.repository import activity, sales
from feria_personalization.repository.activity import Event
from feria_personalization.repository.people import Who
from feria_personalization.repository.sales import SoldProduct
from feria_personalization.settings import PersonalizationSettings


async def record(who: Who | None, events: Sequence[Event]) -> int:
    """Write the events in one statement; return how many: 0 without consent, or where recording is switched off."""
    if who is None or not events or not settings(PersonalizationSettings).recording:
        return 0
    return await activity.record(who, events, clock.now())


async def cart_filled(event: CartItemAdded) -> None:
    """Note in the event's transaction what somebody who agreed has put into their cart."""
    if not settings(PersonalizationSettings).recording:
        return
    who = Who(customer_id=event.customer_id) if event.customer_id else _guest(event.guest)
    if who is not None:
        await activity.record(who, [Event("cart", event.product_id, cart_id=event.cart_id)], clock.now())


async def order_placed(event: OrderPlaced) -> None:
    """Keep in the event's transaction what was sold, with the person where that one agreed; again changes nothing."""
    pieces: dict[UUID, SoldProduct] = {}
    for line in event.lines:
        known = pieces.get(line.product_id, SoldProduct(line.product_id, 0, 0))
        pieces[line.product_id] = SoldProduct(
            line.product_id, known.quantity + line.quantity, known.amount + line.amount
        )
    if not pieces:
        return
    at = event.placed_at or clock.now()
    person_id = await _buyer(event)
    # Sorted, so that two handlers of one order insert in one order.
    products = [pieces[product_id] for product_id in sorted(pieces)]
    await sales.add(event.order_id, products, currency=event.currency, at=at, person_id=person_id)


async def order_cancelled(order_id: UUID) -> None:
    """Take the sales of a cancelled order back, in the event's transaction."""
    await sales.cancel(order_id, clock.now())


async def order_refunded(event: OrderRefunded) -> None:
    """Take back, in the event's transaction, the sales of products that came back whole, or of a whole order."""
    if event.is_full:
        await sales.cancel(event.order_id, clock.now())
    elif event.whole_products:
        await sales.give_back(event.order_id, event.whole_products, clock.now())


async def history(person_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[db.Row]:
    """Return what is stored of what the person did, newest first."""
    return await activity.page(person_id, before=before, limit=limit)


async def _buyer(event: OrderPlaced) -> UUID | None:
    """Return whom to remember the purchase of: the customer, or the guest who filled the cart."""
    if not settings(PersonalizationSettings).recording:
        return None
    if event.customer_id is not None:
        return await sales.granted_person(event.customer_id)
    if event.cart_id is None:
        return None
    guest = await activity.of_cart(event.cart_id)
    return await sales.lock_granted(guest["id"]) if guest else None


def _guest(sha256_hex: str | None) -> Who | None:
    return Who(guest=bytes.fromhex(sha256_hex)) if sha256_hex else None
