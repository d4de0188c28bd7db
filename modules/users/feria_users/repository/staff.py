"""Roles, and who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.ids import new_id


async def ensure_role(name: str, permissions: Sequence[str], *, now: datetime) -> None:
    """Make the role where there is none of that name."""
    await db.execute(
        "INSERT INTO users_role (id, name, permissions, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (name) DO NOTHING",
        new_id(), name, list(permissions), now,
    )  # fmt: skip


async def role_names() -> list[str]:
    rows = await db.fetch_all("SELECT name FROM users_role ORDER BY name")
    return [row["name"] for row in rows]


async def demand_otp(role: str, *, is_demanded: bool) -> db.Row | None:
    """Set whether the role demands a second factor; return its id and what it was, or None for an unknown role."""
    return await db.fetch_one(
        "UPDATE users_role r SET requires_otp = $2 FROM (SELECT id, requires_otp FROM users_role WHERE name = $1"
        " FOR UPDATE) was WHERE r.id = was.id RETURNING r.id, was.requires_otp AS was_demanded",
        role, is_demanded,
    )  # fmt: skip


async def appoint(account_id: UUID, role: str, *, now: datetime) -> None:
    """Give the account the role; giving it again changes nothing."""
    await db.execute(
        "INSERT INTO users_staff (id, account_id, role_id, created_at)"
        " SELECT $1, $2, id, $4 FROM users_role WHERE name = $3 ON CONFLICT (account_id, role_id) DO NOTHING",
        new_id(), account_id, role, now,
    )  # fmt: skip


async def holds_role(account_id: UUID) -> bool:
    return bool(await db.fetch_value("SELECT EXISTS (SELECT FROM users_staff WHERE account_id = $1)", account_id))


async def members() -> Sequence[db.Row]:
    """Return email, name, status and roles of everybody who holds a role."""
    return await db.fetch_all(
        "SELECT a.email, a.name, a.status, array_agg(r.name ORDER BY r.name) AS roles"
        " FROM users_staff st JOIN users_account a ON a.id = st.account_id JOIN users_role r ON r.id = st.role_id"
        " GROUP BY a.id ORDER BY a.email_normalized"
    )


async def save_account(
    account_id: UUID, *, email: str, normalized: str, name: str, password_hash: str, locale: str, now: datetime
) -> UUID:
    """Return the id of the address's account, made or found, active, verified and with this password."""
    found: UUID = await db.fetch_value(
        "INSERT INTO users_account"
        " (id, email, email_normalized, name, password_hash, email_verified_at, locale, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $7, $6, $7, $7)"
        " ON CONFLICT (email_normalized) DO UPDATE SET password_hash = $5, status = 'active', updated_at = $7,"
        " email_verified_at = coalesce(users_account.email_verified_at, $7) RETURNING id",
        account_id, email, normalized, name, password_hash, locale, now,
    )  # fmt: skip
    return found
