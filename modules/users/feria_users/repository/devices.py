"""Devices that an account has signed in from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_core import db

# The statement that opens the session holds the account's row, so of two first logins one sees the other's device.
_NOTE = """
WITH noted AS (
    INSERT INTO users_device AS d (hash, account_id, first_used_at, last_used_at) VALUES ($1, $2, $3, $3)
    ON CONFLICT (hash) DO UPDATE SET last_used_at = $3
    RETURNING xmax = 0 AS is_new
)
SELECT is_new AND EXISTS (SELECT FROM users_device WHERE account_id = $2 AND hash <> $1) FROM noted
"""


async def note(device_hash: bytes, account_id: UUID, *, now: datetime) -> bool:
    """Return True where the account never signed in from this device, but did from another."""
    return bool(await db.fetch_value(_NOTE, device_hash, account_id, now))
