"""Sessions in which staff act for a customer: each hangs on the session of the staff who opened it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

MOST = 20
_OPEN = """
SELECT s.account_id AS customer_id, a.email, a.name, max(s.expires_at) AS expires_at
FROM users_session s JOIN users_account a ON a.id = s.account_id
WHERE s.acting_session_id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.status = 'active'
  AND NOT EXISTS (SELECT FROM users_staff WHERE account_id = a.id)
GROUP BY s.account_id, a.email, a.name ORDER BY max(s.expires_at), s.account_id LIMIT $3
"""


async def start(
    session_id: UUID,
    customer_id: UUID,
    *,
    staff_id: UUID,
    staff_session_id: UUID,
    secret: bytes,
    user_agent: str,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Return True where staff now act for the customer: an active account without a role. It cannot be refreshed."""
    return bool(
        await db.execute(
            "INSERT INTO users_session (id, account_id, secret, user_agent, created_at, last_used_at, expires_at,"
            " acting_staff_id, acting_session_id) SELECT $1, a.id, $3, $4, $5, $5, $6, $7, $8 FROM users_account a"
            " WHERE a.id = $2 AND a.status = 'active'"
            " AND NOT EXISTS (SELECT FROM users_staff WHERE account_id = a.id)",
            session_id, customer_id, secret, user_agent, now, expires_at, staff_id, staff_session_id,
        )
    )  # fmt: skip


async def open_on(staff_session_id: UUID, *, now: datetime) -> Sequence[db.Row]:
    """Return customer_id, email, name and expires_at of those who are acted for from this session of staff."""
    return await db.fetch_all(_OPEN, staff_session_id, now, MOST)


async def end(customer_id: UUID, *, staff_session_id: UUID, now: datetime) -> bool:
    """Return True where the customer was acted for from this session of staff, which is over now."""
    return bool(
        await db.execute(
            "UPDATE users_session SET revoked_at = $3"
            " WHERE account_id = $1 AND acting_session_id = $2 AND revoked_at IS NULL AND expires_at > $3",
            customer_id, staff_session_id, now,
        )
    )  # fmt: skip
