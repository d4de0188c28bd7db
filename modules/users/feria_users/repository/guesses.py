"""Guesses at one account from anywhere, and the client addresses that its logins came from before."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from feria_core import db

# One statement decides and counts; the row lock of the upsert makes fifty at once pass one by one. A refused
# guess counts for nothing, so the delay grows with what was tried, not with what knocked meanwhile. A time that
# refuses nobody is long ago, not now: of two processes one is always a moment behind.
_COUNT = """
INSERT INTO users_guess AS g (hash, failures, refused_until, expires_at)
VALUES ($1, 1, 'epoch', $2::timestamptz + $3::interval)
ON CONFLICT (hash) DO UPDATE SET
    is_refused = g.expires_at > $2 AND g.refused_until > $2,
    failures = CASE WHEN g.expires_at <= $2 THEN 1
                    WHEN g.refused_until > $2 THEN g.failures
                    ELSE least(g.failures + 1, 1000000) END,
    refused_until = CASE WHEN g.expires_at <= $2 THEN 'epoch'::timestamptz
                         WHEN g.refused_until > $2 THEN g.refused_until
                         WHEN g.failures + 1 < $4::int THEN 'epoch'::timestamptz
                         ELSE $2 + least($5::interval,
                                         make_interval(secs => power(2, least(g.failures + 1 - $4::int, 20)))) END,
    expires_at = CASE WHEN g.expires_at > $2 AND g.refused_until > $2 THEN g.expires_at ELSE $2 + $3::interval END
RETURNING is_refused, refused_until
"""


async def count(
    account_hash: bytes, *, now: datetime, memory: timedelta, free: int, longest: timedelta
) -> datetime | None:
    """Count one guess; return None where it may be tried, else until when nobody's may.

    The first `free` pass at once; after each further one the account rests twice as long, up to `longest`.
    """
    row = await db.fetch_one(_COUNT, account_hash, now, memory, free, longest)
    assert row is not None  # noqa: S101 - an upsert always returns its row
    until: datetime = row["refused_until"]
    return until if row["is_refused"] else None


async def forget(account_hash: bytes) -> None:
    await db.execute("DELETE FROM users_guess WHERE hash = $1", account_hash)


async def remember(pair_hash: bytes, account_id: UUID, *, now: datetime) -> None:
    await db.execute(
        "INSERT INTO users_known_pair (hash, account_id, last_used_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (hash) DO UPDATE SET account_id = $2, last_used_at = $3",
        pair_hash, account_id, now,
    )  # fmt: skip
