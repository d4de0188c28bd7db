"""Accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.ids import new_id

_ACCOUNT = (
    "id, email, email_normalized, name, password_hash, email_verified_at, status, locale, created_at,"
    " otp_confirmed_at, customer_group"
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


async def for_login(normalized: str, pair_hash: bytes, *, since: datetime) -> db.Row | None:
    """Return the account of the address, and as is_known_here whether the pair signed in since then."""
    return await db.fetch_one(
        "SELECT EXISTS (SELECT FROM users_known_pair WHERE hash = $2 AND last_used_at > $3) AS is_known_here,"
        f" {_ACCOUNT} email_normalized = $1",
        normalized, pair_hash, since,
    )  # fmt: skip


async def by_id(account_id: UUID) -> db.Row | None:
    """Return the account, erased ones too."""
    return await db.fetch_one(f"SELECT {_ACCOUNT} id = $1", account_id)


async def lock(account_id: UUID) -> db.Row | None:
    """Return the active account, its row locked: whoever changes an account locks it before its tokens."""
    return await db.fetch_one(f"SELECT {_ACCOUNT} id = $1 AND status = 'active' FOR UPDATE", account_id)


async def lock_any(account_id: UUID) -> db.Row | None:
    """Return the account whatever its state, its row locked."""
    return await db.fetch_one(f"SELECT {_ACCOUNT} id = $1 FOR UPDATE", account_id)


async def set_password(account_id: UUID, password_hash: str, *, now: datetime) -> None:
    await db.execute(
        "UPDATE users_account SET password_hash = $2, updated_at = $3 WHERE id = $1", account_id, password_hash, now
    )


async def add_vouched(
    account_id: UUID, *, email: str, normalized: str, name: str, locale: str, now: datetime
) -> UUID | None:
    """Add a verified account without a password; return its id, or None where the address has an account."""
    made: UUID | None = await db.fetch_value(
        "INSERT INTO users_account"
        " (id, email, email_normalized, name, email_verified_at, locale, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $6, $5, $6, $6) ON CONFLICT (email_normalized) DO NOTHING RETURNING id",
        account_id, email, normalized, name, locale, now,
    )  # fmt: skip
    return made


async def add_imported(rows: Sequence[tuple[str, str, str, str | None, bool]], *, locale: str, now: datetime) -> int:
    """Add (email, normalized, name, password_hash, is_verified); return how many addresses were new.

    In the order of the addresses, so that two imports at once wait for each other and do not lock crosswise.
    """
    ordered = sorted(rows, key=lambda row: row[1])
    emails, normalized, names, hashes, verified = ([row[at] for row in ordered] for at in range(5))
    return await db.execute(
        "INSERT INTO users_account"
        " (id, email, email_normalized, name, password_hash, email_verified_at, locale, created_at, updated_at)"
        " SELECT id, email, normalized, name, hash, CASE WHEN verified THEN $8::timestamptz END, $7, $8, $8"
        " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])"
        " AS t (id, email, normalized, name, hash, verified)"
        " ON CONFLICT (email_normalized) DO NOTHING",
        [new_id() for _ in ordered], emails, normalized, names, hashes, verified, locale, now,
    )  # fmt: skip


async def upgrade_hash(account_id: UUID, old: str, new: str, *, now: datetime) -> bool:
    """Return True where the account still had the old hash of the same password; its sessions go on.

    A login that was checked against the old one a moment ago is still opened: `upgraded_from` tells.
    """
    return bool(
        await db.execute(
            "UPDATE users_account SET password_hash = $3, updated_at = $4,"
            " upgraded_from = sha256(convert_to($2 || $3, 'UTF8'))"
            " WHERE id = $1 AND password_hash = $2 AND status = 'active'",
            account_id, old, new, now,
        )
    )  # fmt: skip


async def dearest_bcrypt(highest: int) -> int | None:
    """Return the highest cost of a bcrypt hash up to `highest`, or None; read from an index of such hashes alone."""
    cost = await db.fetch_value(
        "SELECT max(substr(password_hash, 5, 2)) FROM users_account"
        " WHERE password_hash LIKE '$2%' AND substr(password_hash, 5, 2) BETWEEN '04' AND $1",
        f"{highest:02}",
    )
    return int(cost) if cost and cost.isdecimal() and cost.isascii() else None


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
    """Return True where the account held no staff role and is now nobody's; False for one that was before."""
    return bool(
        await db.execute(
            "UPDATE users_account SET email = $2, email_normalized = $2, name = '', password_hash = NULL,"
            " email_verified_at = NULL, last_login_at = NULL, otp_confirmed_at = NULL, upgraded_from = NULL,"
            " customer_group = NULL,"
            " status = 'erased', updated_at = $3 WHERE id = $1 AND status <> 'erased'"
            " AND NOT EXISTS (SELECT FROM users_staff WHERE account_id = $1)",
            account_id, email, now,
        )
    )  # fmt: skip
