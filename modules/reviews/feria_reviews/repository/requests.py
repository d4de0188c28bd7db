"""Statements about requests for reviews: links that work once, and who wants no such mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id

_ADD = """
INSERT INTO reviews_request (id, customer_id, product_id, token_hash, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def add(customer_id: UUID, product_id: UUID, token_hash: bytes, *, now: datetime, expires_at: datetime) -> None:
    """Write a link's row."""
    await db.execute(_ADD, new_id(), customer_id, product_id, token_hash, now, expires_at)


async def find(token_hash: bytes, *, lock: bool = False) -> Row | None:
    """Return the link's row, locked where it is about to be used."""
    return await db.fetch_one(
        "SELECT id, customer_id, product_id, expires_at, used_at FROM reviews_request WHERE token_hash = $1"
        + (" FOR UPDATE" if lock else ""),
        token_hash,
    )


async def use(request_id: UUID, *, now: datetime) -> bool:
    """Mark the link as used; False where it was."""
    return bool(
        await db.execute("UPDATE reviews_request SET used_at = $2 WHERE id = $1 AND used_at IS NULL", request_id, now)
    )


async def delete_expired(before: datetime, *, limit: int) -> int:
    """Delete links that ended before then; return how many."""
    return await db.execute(
        "DELETE FROM reviews_request WHERE id IN"
        " (SELECT id FROM reviews_request WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit,
    )  # fmt: skip


async def opt_out(customer_id: UUID, *, now: datetime) -> None:
    """Ask the person for no reviews any more."""
    await db.execute(
        "INSERT INTO reviews_optout (customer_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", customer_id, now
    )


async def opt_in(customer_id: UUID) -> None:
    """Ask the person for reviews again."""
    await db.execute("DELETE FROM reviews_optout WHERE customer_id = $1", customer_id)


async def is_opted_out(customer_id: UUID) -> bool:
    """Return whether the person wants no requests."""
    return bool(await db.fetch_value("SELECT EXISTS (SELECT FROM reviews_optout WHERE customer_id = $1)", customer_id))
