"""Who wants to be remembered, and what becomes of a guest who signs in."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_core import clock, db
from feria_core.db import Row
from feria_personalization.repository import activity, people
from feria_personalization.repository.people import Who

log = structlog.get_logger("feria.personalization")


async def decide(who: Who, *, is_granted: bool) -> Row:
    """Write down a yes or a no and return it; a no holds from the next request on, for recording and for use."""
    async with db.transaction():
        return await people.decide(who, is_granted=is_granted, now=clock.now())


async def decision(who: Who | None) -> Row | None:
    """Return what the person has decided, None where they never did: that counts as no."""
    return await people.find(who) if who else None


async def forget_history(who: Who | None) -> None:
    """Delete what is stored about the person; what they decided stays. Repeating finds nothing more to do."""
    if who is None:
        return
    async with db.transaction():
        person = await people.find(who, lock=True)
        if person is not None:
            await activity.forget(person["id"])


async def forget_person(customer_id: UUID) -> None:
    """Delete all that is stored about a customer, in the caller's transaction."""
    person = await people.find(Who(customer_id=customer_id), lock=True)
    if person is not None:
        await activity.forget(person["id"])
        await people.delete(person["id"])


async def become_customer(customer_id: UUID, guest: Who) -> bool:
    """Give a guest's history to the customer that they turned out to be; False where there is nothing to give.

    The guest's yes becomes the customer's where the customer has never decided. Where either has said no, the guest's
    history is deleted. Repeating changes nothing: the guest is gone.
    """
    async with db.transaction():
        customer = await people.find(Who(customer_id=customer_id))
        known = await people.find(guest)
        if known is None:
            return False
        await _lock(known["id"], *([customer["id"]] if customer else []))
        # Asked again under the locks: a twin of this sign-in may have been faster.
        known, customer = await people.find(guest), await people.find(Who(customer_id=customer_id))
        if known is None:
            return False
        if customer is None and await people.become_customer(known["id"], customer_id):
            return True
        if customer is not None and customer["is_granted"] and known["is_granted"]:
            await activity.move(known["id"], customer["id"])
        else:
            await activity.forget(known["id"])
        await people.delete(known["id"])
        return True


async def _lock(*person_ids: UUID) -> None:
    """Lock the rows in one order, so that two sign-ins never wait for each other in a circle."""
    await db.fetch_all(
        "SELECT id FROM personalization_person WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(person_ids)
    )
