"""Statements about single reviews. Whoever changes one locks its row first, then the product's sums."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id

COLUMNS = """
r.id, r.product_id, r.customer_id, r.external_id, r.author_name, r.rating, r.title, r.text, r.locale, r.status,
r.held_by, r.moderation_note, r.moderated_at, r.is_verified, r.helpful, r.unhelpful, r.wilson, r.report_count, r.reply,
r.replied_at, r.version, r.created_at, r.edited_at
"""
PHOTOS = """
(SELECT coalesce(json_agg(json_build_object('id', p.id, 'url', p.url, 'width', p.width, 'height', p.height)
    ORDER BY p.id), '[]')::text FROM reviews_photo p WHERE p.review_id = r.id) AS photos
"""
SHOWN = f"{COLUMNS}, {PHOTOS}"

# The first half of an advisory lock's name, "revw" in ASCII; the second is a hash of the person.
_PEOPLE = 0x72657677

_INSERT = """
INSERT INTO reviews_review (id, product_id, customer_id, author_name, rating, title, text, locale, status, held_by,
    is_verified, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (product_id, customer_id) DO NOTHING
"""
_UPDATE = """
UPDATE reviews_review SET author_name = $2, rating = $3, title = $4, text = $5, status = $6, held_by = $7,
    is_verified = $8, edited_at = $9, version = version + 1
WHERE id = $1
"""
_IS_FIRST = """
SELECT NOT EXISTS (SELECT FROM reviews_review WHERE customer_id = $1 AND status = 'approved'
                   AND ($2::uuid IS NULL OR id <> $2))
"""
_REFUSE = """
INSERT INTO reviews_refusal (id, customer_id, product_id, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (customer_id, product_id) DO NOTHING
"""


@dataclass(frozen=True)
class Draft:
    """What an author leaves, with what the server says of it."""

    author_name: str
    rating: int
    title: str
    text: str
    status: str
    held_by: str | None
    is_verified: bool


async def lock_person(customer_id: UUID) -> None:
    """Let what concerns this person wait until the open transaction ends: reviews written, deliveries, refunds.

    Whether a purchase is verified is read in one place and changed in another; neither may miss the other.
    """
    db.require_transaction("lock_person()")
    await db.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _PEOPLE, str(customer_id))


async def add(product_id: UUID, customer_id: UUID, draft: Draft, *, locale: str, now: datetime) -> UUID | None:
    """Write a review and return its id; None where the person has one of the product."""
    review_id = new_id()
    added = await db.execute(
        _INSERT, review_id, product_id, customer_id, draft.author_name, draft.rating, draft.title, draft.text, locale,
        draft.status, draft.held_by, draft.is_verified, now,
    )  # fmt: skip
    return review_id if added else None


async def change(review_id: UUID, draft: Draft, *, now: datetime) -> None:
    """Put the draft in the review's place."""
    await db.execute(
        _UPDATE, review_id, draft.author_name, draft.rating, draft.title, draft.text, draft.status, draft.held_by,
        draft.is_verified, now,
    )  # fmt: skip


async def lock(review_id: UUID, *, author: UUID | None = None) -> Row | None:
    """Return the review, locked; with `author` only his own."""
    return await db.fetch_one(
        f"SELECT {COLUMNS} FROM reviews_review r WHERE r.id = $1 AND ($2::uuid IS NULL OR r.customer_id = $2)"
        " FOR UPDATE",
        review_id, author,
    )  # fmt: skip


async def lock_all_of(customer_id: UUID) -> Sequence[Row]:
    """Return every review of the person, locked in id order."""
    return await db.fetch_all(
        f"SELECT {COLUMNS} FROM reviews_review r WHERE r.customer_id = $1 ORDER BY r.id FOR UPDATE", customer_id
    )


async def find(review_id: UUID) -> Row | None:
    """Return the review with its photos."""
    return await db.fetch_one(f"SELECT {SHOWN} FROM reviews_review r WHERE r.id = $1", review_id)


async def is_first_of(customer_id: UUID, *, beside: UUID | None = None) -> bool:
    """Return whether nothing of the person, `beside` that review, is published."""
    return bool(await db.fetch_value(_IS_FIRST, customer_id, beside))


async def delete(review_id: UUID) -> None:
    """Delete the review with its votes, reports and photos."""
    await db.execute("DELETE FROM reviews_review WHERE id = $1", review_id)


async def note_refusal(customer_id: UUID, product_id: UUID, *, now: datetime) -> None:
    """Note that staff have refused a review of the person for the product."""
    await db.execute(_REFUSE, new_id(), customer_id, product_id, now)


async def was_refused(customer_id: UUID, product_id: UUID) -> bool:
    """Return whether staff have refused a review of the person for the product."""
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT FROM reviews_refusal WHERE customer_id = $1 AND product_id = $2)",
            customer_id,
            product_id,
        )
    )


async def forget_refusal(customer_id: UUID, product_id: UUID) -> None:
    """Forget it, now that staff have published one."""
    await db.execute("DELETE FROM reviews_refusal WHERE customer_id = $1 AND product_id = $2", customer_id, product_id)


async def set_status(review_id: UUID, status: str, *, note: str | None, now: datetime) -> None:
    """Write what staff have decided; reports so far are dealt with."""
    await db.execute(
        "UPDATE reviews_review SET status = $2, moderation_note = $3, moderated_at = $4, held_by = NULL,"
        " report_count = 0, version = version + 1 WHERE id = $1",
        review_id, status, note, now,
    )  # fmt: skip
    await db.execute(
        "UPDATE reviews_report SET handled_at = $2 WHERE review_id = $1 AND handled_at IS NULL", review_id, now
    )


async def set_reply(review_id: UUID, text: str | None, *, now: datetime) -> None:
    """Write the shop's reply, or take it away."""
    await db.execute(
        "UPDATE reviews_review SET reply = $2, replied_at = CASE WHEN $2::text IS NULL THEN NULL ELSE $3::timestamptz"
        " END, version = version + 1 WHERE id = $1",
        review_id, text, now,
    )  # fmt: skip


async def set_verified(customer_id: UUID, product_ids: Collection[UUID]) -> Sequence[UUID]:
    """Make the badge of the person's reviews of these products what the deliveries say; return what changed."""
    rows = await db.fetch_all(
        """
        UPDATE reviews_review r SET is_verified = NOT r.is_verified WHERE r.customer_id = $1
            AND r.product_id = ANY ($2::uuid[]) AND r.is_verified <> EXISTS (
                SELECT FROM reviews_delivery d WHERE d.customer_id = r.customer_id AND d.product_id = r.product_id
                    AND d.delivered_at IS NOT NULL AND d.refunded_at IS NULL)
        RETURNING r.product_id
        """,
        customer_id, list(product_ids),
    )  # fmt: skip
    return [row["product_id"] for row in rows]
