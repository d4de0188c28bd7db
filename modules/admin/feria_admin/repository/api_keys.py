"""Rows of API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from feria_core import db

_COLUMNS = "id, name, beginning, permissions, created_by, created_at, expires_at, last_used_at, revoked_at"


async def add(
    key_id: UUID,
    name: str,
    *,
    beginning: str,
    digest: bytes,
    permissions: Sequence[str],
    by: UUID,
    expires_at: datetime | None,
    now: datetime,
) -> db.Row:
    row = await db.fetch_one(
        "INSERT INTO admin_api_key (id, name, beginning, hash, permissions, created_by, created_at, expires_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {_COLUMNS}",
        key_id, name, beginning, digest, list(permissions), by, now, expires_at,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - inserted
    return row


async def page(*, revoked: bool, now: datetime, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return keys, the latest first: those that hold, or with `revoked` those that no longer do."""
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM admin_api_key"
        " WHERE (revoked_at IS NOT NULL OR coalesce(expires_at <= $1, false)) = $2 AND ($3::uuid IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        now, revoked, before, limit,
    )  # fmt: skip


async def one(key_id: UUID) -> db.Row | None:
    return await db.fetch_one(f"SELECT {_COLUMNS} FROM admin_api_key WHERE id = $1", key_id)


async def permissions(key_id: UUID, *, now: datetime) -> list[str]:
    """Return what a key that holds now may do, nothing where it does not."""
    row = await db.fetch_one(
        "SELECT permissions FROM admin_api_key"
        " WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        key_id, now,
    )  # fmt: skip
    return list(row["permissions"]) if row else []


async def holder(digest: bytes, *, now: datetime) -> db.Row | None:
    """Return the key of that hash where it holds now."""
    return await db.fetch_one(
        "SELECT id, permissions, last_used_at FROM admin_api_key"
        " WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        digest, now,
    )  # fmt: skip


async def note_use(key_id: UUID, *, now: datetime, every: timedelta) -> None:
    """Write the time of use, by one of many requests at once; the others see that it is written."""
    await db.execute(
        "UPDATE admin_api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        key_id, now, now - every,
    )  # fmt: skip


async def revoke(key_id: UUID, *, now: datetime) -> db.Row | None:
    """Return the key as it was revoked now, or None where there is none that could be."""
    return await db.fetch_one(
        f"UPDATE admin_api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING {_COLUMNS}",
        key_id, now,
    )  # fmt: skip
