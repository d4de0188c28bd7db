"""Accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_core import db

_ACCOUNT = (
    "id, email, email_normalized, name, password_hash, email_verified_at, status, locale, created_at"
    " FROM users_account WHERE"
)

# One statement for a new and for a known address: neither the answer nor its time tells them apart. The newest
# registration of an unverified address counts for signing in; which one counts in the end is decided by the
# link that is opened, since each carries the name and password of its own registration.
_REGISTER = """
WITH account AS (
    INSERT INTO users_account AS a (id, email, email_normalized, name, password_hash, locale, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
    ON CONFLICT (email_normalized) DO UPDATE SET
        name = CASE WHEN a.email_verified_at IS NULL THEN $4 ELSE a.name END,
        password_hash = CASE WHEN a.email_verified_at IS NULL THEN $5 ELSE a.password_hash END
    RETURNING id, email, email_normalized, status, locale, email_verified_at
), link AS (
    INSERT INTO users_one_time_token
        (hash, account_id, purpose, email_normalized, name, password_hash, created_at, expires_at)
    SELECT $8, id, 'verify_email', email_normalized, $4, $5, $7, $9 FROM account
    WHERE email_verified_at IS NULL AND status = 'active'
)
SELECT id, email, status, locale, email_verified_at IS NOT NULL AS is_verified FROM account
"""


async def register(
    account_id: UUID,
    *,
    email: str,
    normalized: str,
    name: str,
    password_hash: str,
    locale: str,
    now: datetime,
    link_hash: bytes,
    link_expires_at: datetime,
) -> db.Row:
    """Return the account of the address, made where there is none, with a link to verify it where that is due."""
    row = await db.fetch_one(
        _REGISTER, account_id, email, normalized, name, password_hash, locale, now, link_hash, link_expires_at
    )
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return row


async def by_email(normalized: str) -> db.Row | None:
    """Return the account of the address, whatever its state."""
    return await db.fetch_one(f"SELECT {_ACCOUNT} email_normalized = $1", normalized)


async def by_id(account_id: UUID) -> db.Row | None:
    """Return the account, erased ones too."""
    return await db.fetch_one(f"SELECT {_ACCOUNT} id = $1", account_id)


async def lock(account_id: UUID) -> db.Row | None:
    """Return the active account, its row locked: whoever changes an account locks it before its tokens."""
    return await db.fetch_one(f"SELECT {_ACCOUNT} id = $1 AND status = 'active' FOR UPDATE", account_id)


async def set_password(account_id: UUID, password_hash: str, *, now: datetime) -> None:
    await db.execute(
        "UPDATE users_account SET password_hash = $2, updated_at = $3 WHERE id = $1", account_id, password_hash, now
    )


async def mark_verified(account_id: UUID, *, now: datetime) -> bool:
    """Return True where this made the address a verified one."""
    return bool(
        await db.execute(
            "UPDATE users_account SET email_verified_at = $2, updated_at = $2"
            " WHERE id = $1 AND email_verified_at IS NULL",
            account_id, now,
        )
    )  # fmt: skip


async def set_profile(account_id: UUID, *, name: str | None, locale: str | None, now: datetime) -> None:
    """Change what is not None."""
    await db.execute(
        "UPDATE users_account SET name = coalesce($2, name), locale = coalesce($3, locale), updated_at = $4"
        " WHERE id = $1 AND status = 'active'",
        account_id, name, locale, now,
    )  # fmt: skip


async def erase(account_id: UUID, *, email: str, now: datetime) -> bool:
    """Return True where the account was active, held no staff role and is now nobody's."""
    return bool(
        await db.execute(
            "UPDATE users_account SET email = $2, email_normalized = $2, name = '', password_hash = NULL,"
            " email_verified_at = NULL, last_login_at = NULL, status = 'erased', updated_at = $3"
            " WHERE id = $1 AND status = 'active'"
            " AND NOT EXISTS (SELECT FROM users_staff WHERE account_id = $1)",
            account_id, email, now,
        )
    )  # fmt: skip
