"""What readers say of reviews: whether they help, and that something is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from feria_core import cache, clock, db, limits
from feria_core.auth import maybe_principal
from feria_core.db import Row
from feria_core.http.request import client_address
from feria_core.runtime import settings
from feria_reviews import keys
from feria_reviews.domain import Status
from feria_reviews.errors import OwnReview, ReviewUnknown
from feria_reviews.repository import votes
from feria_reviews.service import rows, summaries
from feria_reviews.service.summaries import tag
from feria_reviews.settings import ReviewsSettings


@dataclass(frozen=True)
class Standing:
    """The votes on a review, and the asking person's own."""

    helpful: int
    unhelpful: int
    mine: bool | None


async def vote(customer_id: UUID, review_id: str, *, is_helpful: bool | None) -> Standing:
    """Make the person's vote on a published review that, None for none; return the votes.

    Raises ReviewUnknown, OwnReview.
    """
    async with db.transaction():
        row = await rows.locked(review_id)
        if row["customer_id"] == customer_id:
            raise OwnReview
        if row["status"] != Status.APPROVED:
            raise ReviewUnknown(review_id)
        before = await votes.vote_of(row["id"], customer_id)
        if before is is_helpful:
            return Standing(row["helpful"], row["unhelpful"], before)
        if is_helpful is None:
            await votes.withdraw(row["id"], customer_id)
        else:
            await votes.put(row["id"], customer_id, is_helpful=is_helpful, now=clock.now())
        counts = await votes.add_to_counts(
            row["id"],
            helpful=(is_helpful is True) - (before is True),
            unhelpful=(is_helpful is False) - (before is False),
        )
        cache.touch(tag(row["product_id"]))
        return Standing(counts["helpful"], counts["unhelpful"], is_helpful)


async def report(review_id: str, *, reason: str, text: str) -> None:
    """Take a report of a shown review; the same account or address again changes nothing.

    With so many reports as the setting says the review is hidden until staff look at it. Raises ReviewUnknown,
    OwnReview.
    """
    principal = maybe_principal()
    customer_id = principal.id if principal is not None and principal.kind != "api_key" else None
    key = await keys.load()
    async with db.transaction():
        row = await rows.locked(review_id)
        if customer_id is not None and row["customer_id"] == customer_id:
            raise OwnReview
        if row["status"] not in (Status.APPROVED, Status.FLAGGED):
            raise ReviewUnknown(review_id)
        reporter = keys.reporter_hash(_reporter(customer_id), key)
        is_new = await votes.add_report(row["id"], reporter, customer_id, reason=reason, text=text, now=clock.now())
        if is_new and await votes.count_report(row["id"]) >= settings(ReviewsSettings).report_threshold:
            await _flag(row)


async def _flag(row: Row) -> None:
    if row["status"] != Status.APPROVED:
        return
    await votes.flag(row["id"])
    await summaries.move(row["product_id"], before=row["rating"], after=None)


def _reporter(customer_id: UUID | None) -> str:
    if customer_id is not None:
        return f"customer:{customer_id}"
    return f"address:{limits.address_key(client_address() or '')}"
