"""Second factors and recovery codes. The secret is stored as it is, see the README; codes are hashed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

# The demand of a role is met by a factor that is on, in a session that was opened with it.
UNMET = (
    "NOT (s.second_factor AND a.otp_confirmed_at IS NOT NULL) AND EXISTS (SELECT FROM users_staff st"
    " JOIN users_role r ON r.id = st.role_id WHERE st.account_id = a.id AND r.requires_otp)"
)


async def begin(account_id: UUID, secret: str, *, now: datetime) -> bool:
    """Return True where the secret now waits to be confirmed; False where a factor is on already."""
    return bool(
        await db.execute(
            "INSERT INTO users_otp AS o (account_id, secret, created_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (account_id) DO UPDATE SET secret = $2, created_at = $3, last_step = 0"
            " WHERE o.confirmed_at IS NULL",
            account_id, secret, now,
        )
    )  # fmt: skip


async def find(account_id: UUID) -> db.Row | None:
    """Return secret, created_at and confirmed_at, or None without a factor."""
    return await db.fetch_one(
        "SELECT secret, created_at, confirmed_at FROM users_otp WHERE account_id = $1", account_id
    )


async def confirm(account_id: UUID, secret: str, *, step: int, now: datetime) -> bool:
    """Return True where this put the waiting secret in force; the code that showed it is used up."""
    confirmed = await db.execute(
        "UPDATE users_otp SET confirmed_at = $4, last_step = $3"
        " WHERE account_id = $1 AND secret = $2 AND confirmed_at IS NULL",
        account_id, secret, step, now,
    )  # fmt: skip
    if confirmed:
        await db.execute(
            "UPDATE users_account SET otp_confirmed_at = $2, updated_at = $2 WHERE id = $1", account_id, now
        )
    return bool(confirmed)


async def use_step(account_id: UUID, secret: str, step: int) -> bool:
    """Return True for the one caller who uses the code of this time step, or of a later one, first."""
    return bool(
        await db.execute(
            "UPDATE users_otp SET last_step = $3"
            " WHERE account_id = $1 AND secret = $2 AND confirmed_at IS NOT NULL AND last_step < $3",
            account_id, secret, step,
        )
    )  # fmt: skip


async def use_recovery_code(account_id: UUID, code_hash: bytes, *, now: datetime) -> bool:
    """Return True for the one caller who uses the code first."""
    return bool(
        await db.execute(
            "UPDATE users_recovery_code SET used_at = $3 WHERE hash = $2 AND account_id = $1 AND used_at IS NULL",
            account_id, code_hash, now,
        )
    )  # fmt: skip


async def replace_recovery_codes(account_id: UUID, hashes: Sequence[bytes], *, now: datetime) -> None:
    await db.execute("DELETE FROM users_recovery_code WHERE account_id = $1", account_id)
    await db.execute(
        "INSERT INTO users_recovery_code (hash, account_id, created_at) SELECT unnest($2::bytea[]), $1, $3",
        account_id, list(hashes), now,
    )  # fmt: skip


async def delete(account_id: UUID) -> bool:
    """Take the factor off, codes included; return True where one was on."""
    await db.execute("DELETE FROM users_recovery_code WHERE account_id = $1", account_id)
    await db.execute("DELETE FROM users_otp WHERE account_id = $1", account_id)
    return bool(
        await db.execute(
            "UPDATE users_account SET otp_confirmed_at = NULL WHERE id = $1 AND otp_confirmed_at IS NOT NULL",
            account_id,
        )
    )


async def standing(account_id: UUID, session_id: UUID | None) -> db.Row | None:
    """Return is_on, is_demanded (by a role, and not met) and whether the session was opened with the factor."""
    return await db.fetch_one(
        f"SELECT a.otp_confirmed_at IS NOT NULL AS is_on, s.second_factor AS is_shown, {UNMET} AS is_demanded"
        " FROM users_account a JOIN users_session s ON s.account_id = a.id WHERE a.id = $1 AND s.id = $2",
        account_id, session_id,
    )  # fmt: skip


async def keep_only(account_id: UUID, session_id: UUID | None, *, now: datetime) -> None:
    """End every other session of the account; this one counts as opened with the second factor."""
    await db.execute(
        "UPDATE users_session SET revoked_at = $3"
        " WHERE account_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid",
        account_id, session_id, now,
    )  # fmt: skip
    await db.execute(
        "UPDATE users_session SET second_factor = true WHERE id = $2 AND account_id = $1", account_id, session_id
    )
