"""Who holds roles. Whatever could leave the shop without an owner holds the owners' role meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

_MEMBER = """
SELECT a.id, a.email, a.name, a.locale, a.status, a.otp_confirmed_at IS NOT NULL AS otp_enabled, a.last_login_at,
       a.created_at, a.password_hash IS NULL AND a.last_login_at IS NULL AS is_invited,
       array_agg(r.name ORDER BY r.name) AS roles,
       ARRAY(SELECT DISTINCT unnest(r2.permissions) FROM users_staff s2 JOIN users_role r2 ON r2.id = s2.role_id
             WHERE s2.account_id = a.id) AS permissions
FROM users_account a JOIN users_staff st ON st.account_id = a.id JOIN users_role r ON r.id = st.role_id
"""
_OWNS = """
EXISTS (SELECT FROM users_staff st JOIN users_role r ON r.id = st.role_id
        WHERE st.account_id = $1 AND r.name = 'owner')
"""
# An owner who was only invited, or is disabled, could not bring the others back.
_ANOTHER_OWNER = """
EXISTS (SELECT FROM users_staff st JOIN users_role r ON r.id = st.role_id JOIN users_account a ON a.id = st.account_id
        WHERE r.name = 'owner' AND a.id <> $1 AND a.status = 'active'
          AND (a.password_hash IS NOT NULL OR a.last_login_at IS NOT NULL))
"""


async def page(*, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return who holds a role, the latest account first, from the one after `before` on."""
    return await db.fetch_all(
        f"{_MEMBER} WHERE $1::uuid IS NULL OR a.id < $1 GROUP BY a.id ORDER BY a.id DESC LIMIT $2", before, limit
    )


async def one(account_id: UUID) -> db.Row | None:
    """Return the account with its roles and what they hold, None where it has none."""
    return await db.fetch_one(f"{_MEMBER} WHERE a.id = $1 GROUP BY a.id", account_id)


async def hold_owners() -> None:
    """Let one transaction at a time take owners away: of two who remove each other one stays."""
    await db.execute("SELECT FROM users_role WHERE name = 'owner' FOR NO KEY UPDATE")


async def withdraw(account_id: UUID, roles: Sequence[str]) -> int:
    """Take these roles from the account; return how many it has lost. The last owner stays one."""
    return await db.execute(
        "DELETE FROM users_staff m USING users_role mr WHERE mr.id = m.role_id AND m.account_id = $1"
        f" AND mr.name = ANY($2::text[]) AND (mr.name <> 'owner' OR {_ANOTHER_OWNER})",
        account_id, list(roles),
    )  # fmt: skip


async def set_status(account_id: UUID, status: str, *, now: datetime) -> bool:
    """Return True where the account, disabled or not, now has that status; the last owner is not disabled."""
    return bool(
        await db.execute(
            "UPDATE users_account SET status = $2, updated_at = $3 WHERE id = $1 AND status <> 'erased'"
            f" AND ($2 = 'active' OR NOT {_OWNS} OR {_ANOTHER_OWNER})",
            account_id, status, now,
        )
    )  # fmt: skip


async def vouch(account_id: UUID, *, now: datetime) -> None:
    """Make the account's address a verified one; a password that nobody has shown to be the owner's goes."""
    await db.execute(
        "UPDATE users_account SET email_verified_at = $2, password_hash = NULL, updated_at = $2"
        " WHERE id = $1 AND email_verified_at IS NULL",
        account_id, now,
    )  # fmt: skip
