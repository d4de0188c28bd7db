"""What orders does when something happens elsewhere."""

from __future__ import annotations

from feria_core import db
from feria_core.contracts.orders import OrdersAttached
from feria_core.contracts.users import EmailVerified
from feria_core.events import publish
from feria_core.jobs import JobContext

# Exactly this address: other letters than A to Z are not folded here, so that no look-alike is the same.
_ATTACH = """
UPDATE orders_order SET customer_id = $1
WHERE customer_id IS NULL AND state <> 'draft' AND lower(email COLLATE "C") = $2
"""


async def attach_guest_orders(event: EmailVerified, ctx: JobContext) -> None:
    """Give the account the orders that guests placed under the address, now that its owner has shown that it is his.

    An order that has a customer keeps that one.
    """
    del ctx
    address = event.email_normalized or _ascii(event.email)
    if address:
        count = await db.execute(_ATTACH, event.user_id, address)
        if count:
            await publish(OrdersAttached(event.user_id, count))


def _ascii(email: str) -> str:
    """Return the compared form of an address from before events carried it, where no more than A to Z decides."""
    return email.lower() if email.isascii() else ""
