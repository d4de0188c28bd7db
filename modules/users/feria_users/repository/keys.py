"""Signing keys: readable by the database role of the application only, like everything here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

# Any number that no other advisory lock of the application takes.
_LOCK = 0x66_65_72_69_61_01


async def current() -> db.Row | None:
    """Return id and private_jwk of the key that signs now."""
    return await db.fetch_one("SELECT id, private_jwk FROM users_signing_key WHERE retired_at IS NULL")


async def lock_for_creation() -> None:
    """Let one process at a time look for a key and make one, until its transaction ends."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def add(key_id: UUID, private_jwk: str, *, now: datetime) -> None:
    await db.execute(
        "INSERT INTO users_signing_key (id, private_jwk, created_at) VALUES ($1, $2, $3)", key_id, private_jwk, now
    )


async def retire_current(*, now: datetime) -> None:
    """Let the key that signs now only verify from now on."""
    await db.execute("UPDATE users_signing_key SET retired_at = $1 WHERE retired_at IS NULL", now)


async def listed() -> Sequence[db.Row]:
    """Return id, created_at and retired_at of every key, the latest first."""
    return await db.fetch_all("SELECT id, created_at, retired_at FROM users_signing_key ORDER BY created_at DESC, id")


async def verifying(*, retired_after: datetime) -> Sequence[db.Row]:
    """Return the keys whose tokens may still be about, the signing one first."""
    return await db.fetch_all(
        "SELECT id, private_jwk FROM users_signing_key WHERE retired_at IS NULL OR retired_at > $1"
        " ORDER BY created_at DESC",
        retired_after,
    )
