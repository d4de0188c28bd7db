"""What staff do: publish, refuse and answer reviews. Each decision is audited; no text of a person is."""

from __future__ import annotations

from uuid import UUID

from feria_core import audit, cache, clock, db
from feria_core.db import Row
from feria_core.errors import StaleVersion
from feria_core.ids import parse_id
from feria_core.runtime import settings
from feria_reviews.domain import Status
from feria_reviews.errors import ReviewUnknown
from feria_reviews.repository import reviews
from feria_reviews.service import mails, rows, summaries
from feria_reviews.service.summaries import tag
from feria_reviews.settings import ReviewsSettings


async def find(review_id: str) -> Row:
    """Return any review. Raises ReviewUnknown."""
    known = parse_id(review_id)
    row = await reviews.find(known) if known else None
    if row is None:
        raise ReviewUnknown(review_id)
    return row


async def approve(review_id: str, *, version: int | None) -> Row:
    """Publish the review; one that is published already stays so, its reports are dealt with.

    With `version` only what staff have read: an author may have changed it meanwhile. Raises ReviewUnknown,
    StaleVersion.
    """
    async with db.transaction():
        row = await _locked(review_id, version)
        await _decide(row, Status.APPROVED, note=None)
        if row["customer_id"] is not None:
            await reviews.forget_refusal(row["customer_id"], row["product_id"])
        if row["status"] == Status.PENDING and settings(ReviewsSettings).mail_approved:
            await mails.approved(row)
        return await find(review_id)


async def reject(review_id: str, *, version: int | None, reason: str | None) -> Row:
    """Refuse the review, a published one too; `reason` is for staff. Raises ReviewUnknown, StaleVersion."""
    async with db.transaction():
        row = await _locked(review_id, version)
        await _decide(row, Status.REJECTED, note=reason)
        return await find(review_id)


async def reply(review_id: str, text: str) -> Row:
    """Answer the review in public, in place of an earlier answer. Raises ReviewUnknown."""
    async with db.transaction():
        row = await rows.locked(review_id)
        await reviews.set_reply(row["id"], text, now=clock.now())
        cache.touch(tag(row["product_id"]))
        await audit.record(
            "reviews.replied", "review", row["id"], before=_reply_facts(row["reply"]), after=_reply_facts(text)
        )
        is_first = row["reply"] is None and row["status"] == Status.APPROVED
        if is_first and settings(ReviewsSettings).mail_replied:
            await mails.replied(row, text)
        return await find(review_id)


async def withdraw_reply(review_id: str) -> None:
    """Take the shop's answer away; nothing happens where there is none. Raises ReviewUnknown."""
    async with db.transaction():
        row = await rows.locked(review_id)
        if row["reply"] is None:
            return
        await reviews.set_reply(row["id"], None, now=clock.now())
        cache.touch(tag(row["product_id"]))
        await audit.record("reviews.reply_withdrawn", "review", row["id"], before=_reply_facts(row["reply"]))


async def _locked(review_id: str, version: int | None) -> Row:
    row = await rows.locked(review_id)
    if version is not None and version != row["version"]:
        raise StaleVersion(f"The review is at version {row['version']}, not {version}: read it again before deciding.")
    return row


async def _decide(row: Row, status: Status, *, note: str | None) -> None:
    await reviews.set_status(row["id"], status, note=note, now=clock.now())
    await summaries.move(
        row["product_id"],
        before=rows.counted(row["status"], row["rating"]),
        after=rows.counted(status, row["rating"]),
    )
    await audit.record(
        f"reviews.{status}", "review", row["id"], before=_facts(row, row["status"]), after=_facts(row, status)
    )


def _facts(row: Row, status: str) -> dict[str, str | int | UUID | None]:
    return {"product_id": row["product_id"], "rating": row["rating"], "status": status, "held_by": row["held_by"],
            "report_count": row["report_count"], "version": row["version"]}  # fmt: skip


def _reply_facts(text: str | None) -> dict[str, int | None]:
    """Return what the log keeps of an answer: it may address its reader by name, and the log forgets nothing."""
    return {"reply_length": len(text) if text is not None else None}
