"""What reviews does when something happens elsewhere; each runs in a transaction of its own."""

from __future__ import annotations

from feria_core.contracts.orders import OrderDelivered, OrderRefunded
from feria_core.contracts.users import EmailVerified
from feria_core.jobs import JobContext
from feria_reviews.service import verification


async def order_delivered(event: OrderDelivered, ctx: JobContext) -> None:
    """Give the buyer's reviews of what has arrived the badge."""
    del ctx
    await verification.delivered(event)


async def order_refunded(event: OrderRefunded, ctx: JobContext) -> None:
    """Take the badge off reviews of what was given back in full."""
    del ctx
    await verification.refunded(event)


async def email_verified(event: EmailVerified, ctx: JobContext) -> None:
    """Make what a guest got under the address the account's, now that its owner has shown that it is his."""
    del ctx
    await verification.claim(event.user_id, event.email_normalized, event.email)
