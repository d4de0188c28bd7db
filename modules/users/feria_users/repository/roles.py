"""Roles: sets of permissions with a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

_ROLE = (
    "r.id, r.name, r.permissions, r.requires_otp, r.created_at,"
    " (SELECT count(*) FROM users_staff st WHERE st.role_id = r.id) AS members FROM users_role r"
)


async def listed() -> Sequence[db.Row]:
    """Return every role, by name."""
    return await db.fetch_all(f"SELECT {_ROLE} ORDER BY r.name")


async def one(role_id: UUID) -> db.Row | None:
    return await db.fetch_one(f"SELECT {_ROLE} WHERE r.id = $1", role_id)


async def lock(role_id: UUID) -> db.Row | None:
    """Return the role, locked: nobody is given it and nobody changes it before this transaction ends."""
    return await db.fetch_one(f"SELECT {_ROLE} WHERE r.id = $1 FOR UPDATE OF r", role_id)


async def hold(names: Sequence[str]) -> Sequence[db.Row]:
    """Return the roles of these names, which stay as they are until this transaction ends."""
    return await db.fetch_all(
        f"SELECT {_ROLE} WHERE r.name = ANY($1::text[]) ORDER BY r.id FOR SHARE OF r", list(names)
    )


async def add(role_id: UUID, name: str, permissions: Sequence[str], *, requires_otp: bool, now: datetime) -> bool:
    """Return False where the name is taken."""
    return bool(
        await db.execute(
            "INSERT INTO users_role (id, name, permissions, requires_otp, created_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (name) DO NOTHING",
            role_id, name, list(permissions), requires_otp, now,
        )
    )  # fmt: skip


async def change(role_id: UUID, *, permissions: Sequence[str], requires_otp: bool) -> None:
    await db.execute(
        "UPDATE users_role SET permissions = $2, requires_otp = $3 WHERE id = $1",
        role_id, list(permissions), requires_otp,
    )  # fmt: skip


async def delete(role_id: UUID) -> bool:
    """Return False where somebody holds the role."""
    return bool(
        await db.execute(
            "DELETE FROM users_role WHERE id = $1 AND NOT EXISTS (SELECT FROM users_staff WHERE role_id = $1)", role_id
        )
    )
