"""The links of mails: stored hashed, good for one use, bound to the address they were sent to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_core import db

_IS_GOOD = (
    "t.hash = $1 AND t.purpose = $2 AND t.used_at IS NULL AND t.expires_at > $3"
    " AND a.id = t.account_id AND a.status = 'active' AND a.email_normalized = t.email_normalized"
)


async def add(
    token_hash: bytes, *, account_id: UUID, purpose: str, normalized: str, now: datetime, expires_at: datetime
) -> None:
    await db.execute(
        "INSERT INTO users_one_time_token (hash, account_id, purpose, email_normalized, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        token_hash, account_id, purpose, normalized, now, expires_at,
    )  # fmt: skip


async def peek(token_hash: bytes, purpose: str, *, now: datetime) -> db.Row | None:
    """Return account_id and email behind a token that holds, leaving it unused."""
    return await db.fetch_one(
        f"SELECT a.id AS account_id, a.email FROM users_one_time_token t, users_account a WHERE {_IS_GOOD}",
        token_hash, purpose, now,
    )  # fmt: skip


async def use(token_hash: bytes, purpose: str, *, now: datetime) -> db.Row | None:
    """Return name and password_hash that the token carries; of many callers one gets them, the others None."""
    return await db.fetch_one(
        f"UPDATE users_one_time_token t SET used_at = $3 FROM users_account a WHERE {_IS_GOOD}"
        " RETURNING t.name, t.password_hash",
        token_hash, purpose, now,
    )  # fmt: skip


async def delete_unused(account_id: UUID) -> None:
    """Void every link that the account has not used yet."""
    await db.execute("DELETE FROM users_one_time_token WHERE account_id = $1 AND used_at IS NULL", account_id)


async def delete_all(account_id: UUID) -> None:
    await db.execute("DELETE FROM users_one_time_token WHERE account_id = $1", account_id)
