"""Statements about photos; the review's row is locked by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.contracts.media import StoredImage
from feria_core.db import Row

_ADD = """
INSERT INTO reviews_photo (id, review_id, key, url, width, height, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id, url, width, height
"""


async def add(photo_id: UUID, review_id: UUID, image: StoredImage, *, now: datetime) -> Row:
    """Write a photo's row and return it."""
    row = await db.fetch_one(_ADD, photo_id, review_id, image.key, image.url, image.width, image.height, now)
    assert row is not None  # noqa: S101 - inserted
    return row


async def find_by_key(review_id: UUID, key: str) -> Row | None:
    """Return the review's photo of that picture."""
    return await db.fetch_one(
        "SELECT id, url, width, height FROM reviews_photo WHERE review_id = $1 AND key = $2", review_id, key
    )


async def count(review_id: UUID) -> int:
    """Return how many photos the review has."""
    return int(await db.fetch_value("SELECT count(*) FROM reviews_photo WHERE review_id = $1", review_id))


async def delete(review_id: UUID, photo_id: UUID) -> bool:
    """Delete a photo; False where the review has none of that id."""
    return bool(await db.execute("DELETE FROM reviews_photo WHERE id = $2 AND review_id = $1", review_id, photo_id))


async def delete_all(review_id: UUID) -> Sequence[UUID]:
    """Delete the review's photos and return their ids in order."""
    rows = await db.fetch_all("DELETE FROM reviews_photo WHERE review_id = $1 RETURNING id", review_id)
    return sorted(row["id"] for row in rows)
