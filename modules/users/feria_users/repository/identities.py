"""Identities at providers, and sign-ins with them that are under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.ids import new_id


async def account_of(issuer: str, subject: str) -> UUID | None:
    """Return the account that the identity belongs to, or None."""
    found: UUID | None = await db.fetch_value(
        "SELECT account_id FROM users_identity WHERE issuer = $1 AND subject = $2", issuer, subject
    )
    return found


async def link(account_id: UUID, issuer: str, subject: str, *, now: datetime) -> bool:
    """Return True where the identity is now the account's; False where it is already somebody's."""
    return bool(
        await db.execute(
            "INSERT INTO users_identity (id, account_id, issuer, subject, created_at, last_used_at)"
            " VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (issuer, subject) DO NOTHING",
            new_id(), account_id, issuer, subject, now,
        )
    )  # fmt: skip


async def touch(issuer: str, subject: str, *, now: datetime) -> None:
    await db.execute(
        "UPDATE users_identity SET last_used_at = $3 WHERE issuer = $1 AND subject = $2", issuer, subject, now
    )


async def of(account_id: UUID) -> Sequence[db.Row]:
    """Return the account's identities, the oldest first."""
    return await db.fetch_all(
        "SELECT id, issuer, created_at, last_used_at FROM users_identity WHERE account_id = $1 ORDER BY id", account_id
    )


async def one(account_id: UUID, identity_id: UUID) -> db.Row | None:
    """Return the account's identity of that id."""
    return await db.fetch_one(
        "SELECT id, issuer, created_at, last_used_at FROM users_identity WHERE id = $1 AND account_id = $2",
        identity_id, account_id,
    )  # fmt: skip


async def unlink(account_id: UUID, identity_id: UUID, *, usable_issuers: Sequence[str]) -> bool:
    """Return True where the identity is gone; False for the last way to sign in. The caller holds the account."""
    return bool(
        await db.execute(
            "DELETE FROM users_identity i USING users_account a WHERE i.id = $2 AND i.account_id = $1 AND a.id = $1"
            " AND (a.password_hash IS NOT NULL OR EXISTS (SELECT FROM users_identity o WHERE o.account_id = $1"
            " AND o.id <> $2 AND o.issuer = ANY($3::text[])))",
            account_id, identity_id, list(usable_issuers),
        )
    )  # fmt: skip


async def delete_all(account_id: UUID) -> None:
    await db.execute("DELETE FROM users_identity WHERE account_id = $1", account_id)


async def begin(
    state_hash: bytes, browser_hash: bytes, *, provider: str, issuer: str, account_id: UUID | None, expires_at: datetime
) -> None:
    """Remember a sign-in under way; with an account, only its second factor is missing."""
    await db.execute(
        "INSERT INTO users_sign_in (state_hash, browser_hash, provider, issuer, account_id, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        state_hash, browser_hash, provider, issuer, account_id, expires_at,
    )  # fmt: skip


async def claim(state_hash: bytes, browser_hash: bytes, *, provider: str, now: datetime) -> db.Row | None:
    """Return issuer, account_id and expires_at to the one caller who completes the sign-in, None to all others.

    Who has the state but not the browser's secret, or another provider, leaves the sign-in as it is.
    """
    return await db.fetch_one(
        "DELETE FROM users_sign_in WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND expires_at > $4"
        " RETURNING issuer, account_id, expires_at",
        state_hash, browser_hash, provider, now,
    )  # fmt: skip
