"""Statements about votes and reports; the review's row is locked by the caller, so twins come one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id

_VOTE = """
INSERT INTO reviews_vote (id, review_id, customer_id, is_helpful, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (review_id, customer_id) DO UPDATE SET is_helpful = excluded.is_helpful
"""
_REPORT = """
INSERT INTO reviews_report (id, review_id, reporter, customer_id, reason, text, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (review_id, reporter) DO NOTHING
"""


async def vote_of(review_id: UUID, customer_id: UUID) -> bool | None:
    """Return the person's vote, None for none."""
    found: bool | None = await db.fetch_value(
        "SELECT is_helpful FROM reviews_vote WHERE review_id = $1 AND customer_id = $2", review_id, customer_id
    )
    return found


async def put(review_id: UUID, customer_id: UUID, *, is_helpful: bool, now: datetime) -> None:
    """Write the person's vote, in place of an earlier one."""
    await db.execute(_VOTE, new_id(), review_id, customer_id, is_helpful, now)


async def withdraw(review_id: UUID, customer_id: UUID) -> None:
    """Take the person's vote back."""
    await db.execute("DELETE FROM reviews_vote WHERE review_id = $1 AND customer_id = $2", review_id, customer_id)


async def add_to_counts(review_id: UUID, *, helpful: int, unhelpful: int) -> Row:
    """Change the counts of votes; return them."""
    row = await db.fetch_one(
        "UPDATE reviews_review SET helpful = helpful + $2, unhelpful = unhelpful + $3 WHERE id = $1"
        " RETURNING helpful, unhelpful",
        review_id, helpful, unhelpful,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - locked before
    return row


async def add_report(
    review_id: UUID, reporter: bytes, customer_id: UUID | None, *, reason: str, text: str, now: datetime
) -> bool:
    """Write a report; False where this reporter has reported the review before."""
    return bool(await db.execute(_REPORT, new_id(), review_id, reporter, customer_id, reason, text, now))


async def count_report(review_id: UUID) -> int:
    """Count one more report; return how many there are since staff have looked at the review."""
    return int(
        await db.fetch_value(
            "UPDATE reviews_review SET report_count = report_count + 1 WHERE id = $1 RETURNING report_count", review_id
        )
    )


async def flag(review_id: UUID) -> None:
    """Hide a published review until staff look at it."""
    await db.execute(
        "UPDATE reviews_review SET status = 'flagged', held_by = 'reports', version = version + 1"
        " WHERE id = $1 AND status = 'approved'",
        review_id,
    )


async def reports_of(review_id: UUID, *, limit: int) -> Sequence[Row]:
    """Return the review's reports, the latest first."""
    return await db.fetch_all(
        "SELECT reason, text, created_at, handled_at FROM reviews_report WHERE review_id = $1"
        " ORDER BY id DESC LIMIT $2",
        review_id, limit,
    )  # fmt: skip
