"""A review's row before it is changed: whose it is, whether it counts, and taking it from view."""

from __future__ import annotations

from uuid import UUID

from feria_core import clock
from feria_core.db import Row
from feria_core.ids import parse_id
from feria_reviews.domain import Status
from feria_reviews.errors import ReviewUnknown
from feria_reviews.repository import reviews
from feria_reviews.repository.reviews import Draft
from feria_reviews.service import summaries


async def own(customer_id: UUID, review_id: str) -> Row:
    """Return the person's own review, locked. Raises ReviewUnknown, also for another's."""
    known = parse_id(review_id)
    row = await reviews.lock(known, author=customer_id) if known else None
    if row is None:
        raise ReviewUnknown(review_id)
    return row


async def locked(review_id: str) -> Row:
    """Return anybody's review, locked. Raises ReviewUnknown."""
    known = parse_id(review_id)
    row = await reviews.lock(known) if known else None
    if row is None:
        raise ReviewUnknown(review_id)
    return row


def counted(status: str, rating: int) -> int | None:
    """Return the stars that the product's sums hold of such a review, None where they hold none."""
    return rating if status == Status.APPROVED else None


async def hold(row: Row, rule: str) -> None:
    """Take a published review from view until staff look at it, in the open transaction; the row is locked."""
    if row["status"] != Status.APPROVED:
        return
    draft = Draft(
        row["author_name"], row["rating"], row["title"], row["text"], Status.PENDING, rule, row["is_verified"]
    )
    await reviews.change(row["id"], draft, now=clock.now())
    await summaries.move(row["product_id"], before=row["rating"], after=None)
