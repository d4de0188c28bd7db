"""Customers as staff see them: every account that was not erased, those of staff too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

_CUSTOMER = """
SELECT a.id, a.email, a.name, a.locale, a.status, a.customer_group AS "group", a.created_at, a.last_login_at,
       a.email_verified_at IS NOT NULL AS email_verified, a.otp_confirmed_at IS NOT NULL AS otp_enabled,
       EXISTS (SELECT FROM users_staff st WHERE st.account_id = a.id) AS is_staff
FROM users_account a WHERE a.status <> 'erased'
"""


async def page(
    *, prefix: str | None, words: str | None, group: str | None, status: str | None, before: UUID | None, limit: int
) -> Sequence[db.Row]:
    """Return accounts, the latest first, from the one after `before` on.

    `prefix` is a LIKE pattern of the compared address, `words` a tsquery of the name; one of the two is enough.
    """
    return await db.fetch_all(
        f"{_CUSTOMER} AND ($1::text IS NULL OR a.email_normalized LIKE $1"
        " OR to_tsvector('simple', a.name) @@ to_tsquery('simple', $2))"
        " AND ($3::text IS NULL OR a.customer_group = $3) AND ($4::text IS NULL OR a.status = $4)"
        " AND ($5::uuid IS NULL OR a.id < $5) ORDER BY a.id DESC LIMIT $6",
        prefix, words, group, status, before, limit,
    )  # fmt: skip


async def one(account_id: UUID) -> db.Row | None:
    return await db.fetch_one(f"{_CUSTOMER} AND a.id = $1", account_id)


async def set_group(account_id: UUID, group: str | None, *, now: datetime) -> bool:
    """Return True where the account, not erased, now belongs to the group."""
    return bool(
        await db.execute(
            "UPDATE users_account SET customer_group = $2, updated_at = $3 WHERE id = $1 AND status <> 'erased'",
            account_id, group, now,
        )
    )  # fmt: skip


async def set_status(account_id: UUID, status: str, *, now: datetime) -> bool:
    """Return True where the account, which holds no role, now has that status."""
    return bool(
        await db.execute(
            "UPDATE users_account SET status = $2, updated_at = $3 WHERE id = $1 AND status <> 'erased'"
            " AND NOT EXISTS (SELECT FROM users_staff WHERE account_id = $1)",
            account_id, status, now,
        )
    )  # fmt: skip
