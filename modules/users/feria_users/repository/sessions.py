"""Sessions and their refresh tokens: a session is a family of tokens of which one is live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from feria_core import db, limits
from feria_users.repository.second_factor import UNMET

# The update of the account is the lock: a login with a password that is being changed, into an account that is
# being disabled, or without the second factor that is being put on, waits for that and then finds no row. A hash
# that was only upgraded meanwhile still counts.
_OWNER = """
UPDATE users_account SET last_login_at = $7
WHERE id = $2 AND status = 'active' AND email_verified_at IS NOT NULL AND ($9 OR otp_confirmed_at IS NULL)
  AND ($3::text IS NULL OR password_hash = $3 OR upgraded_from = sha256(convert_to($3 || password_hash, 'UTF8')))
"""
_SESSION = """
INSERT INTO users_session (id, account_id, secret, user_agent, created_at, last_used_at, expires_at, second_factor)
SELECT $1, id, $5, $6, $7, $7, $8, $9 FROM owner RETURNING id
"""
_LIVE = "INSERT INTO users_refresh_token (hash, session_id, created_at) SELECT $4, id, $7 FROM session"
_START = f"WITH owner AS ({_OWNER} RETURNING id), session AS ({_SESSION}) {_LIVE}"

# The same and all else that a login writes and reads, for the usual one: from a device that the account was used
# from before, so nobody needs to be told. One statement in place of nine, each of which readers would wait for. Wrong
# passwords are forgiven in any case: who comes so far has shown who he is.
_START_AT_KNOWN_DEVICE = f"""
WITH owner AS ({_OWNER} AND EXISTS (SELECT FROM users_device WHERE hash = $10 AND account_id = $2) RETURNING id),
session AS ({_SESSION}),
device AS (UPDATE users_device SET last_used_at = $7 FROM owner WHERE hash = $10),
pair AS (
    INSERT INTO users_known_pair (hash, account_id, last_used_at) SELECT $11, id, $7 FROM owner
    ON CONFLICT (hash) DO UPDATE SET account_id = excluded.account_id, last_used_at = excluded.last_used_at
),
guessed_here AS ({limits.forgetting("$12")}),
guessed_anywhere AS (DELETE FROM users_guess WHERE hash = $13)
{_LIVE} RETURNING (SELECT id FROM users_signing_key WHERE retired_at IS NULL) AS signing_key
"""

_FIND = """
SELECT t.session_id, t.used_at, s.secret, s.account_id,
       s.revoked_at IS NULL AND s.expires_at > $2 AND a.status = 'active' AS is_alive
FROM users_refresh_token t JOIN users_session s ON s.id = t.session_id JOIN users_account a ON a.id = s.account_id
WHERE t.hash = $1
"""

# Only the caller who finds the token unused gets to insert its successor.
_ROTATE = """
WITH used AS (
    UPDATE users_refresh_token t SET used_at = $3
    FROM users_session s JOIN users_account a ON a.id = s.account_id
    WHERE t.hash = $1 AND t.used_at IS NULL AND s.id = t.session_id
      AND s.revoked_at IS NULL AND s.expires_at > $3 AND a.status = 'active'
    RETURNING t.session_id
), kept AS (
    UPDATE users_session s SET last_used_at = $3, expires_at = least($3 + $4, s.created_at + $5)
    FROM used WHERE s.id = used.session_id RETURNING s.id
)
INSERT INTO users_refresh_token (hash, session_id, created_at) SELECT $2, id, $3 FROM kept
"""

_PRINCIPAL = f"""
SELECT a.email, a.locale, s.acting_staff_id, s.acting_session_id,
       EXISTS (SELECT FROM users_staff st WHERE st.account_id = a.id) AS is_staff,
       {UNMET} AS lacks_otp,
       ARRAY(SELECT DISTINCT unnest(r.permissions) FROM users_staff st JOIN users_role r ON r.id = st.role_id
             WHERE st.account_id = a.id) AS permissions
FROM users_session s JOIN users_account a ON a.id = s.account_id
WHERE s.id = $1 AND a.id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND a.status = 'active'
"""


@dataclass(frozen=True)
class NewSession:
    """What is stored of a session; without a `password_hash` somebody else has vouched for the person."""

    id: UUID
    account_id: UUID
    password_hash: str | None
    token_hash: bytes
    secret: bytes
    user_agent: str | None
    now: datetime
    expires_at: datetime
    second_factor: bool


@dataclass(frozen=True)
class KnownAs:
    """What guards count an account and the client's address by: as a pair, its wrong passwords, and from anywhere."""

    pair_hash: bytes
    guesses_key: str
    account_hash: bytes


async def start(new: NewSession) -> bool:
    """Return True where the session was opened: the account is active and still has that password and factor."""
    return bool(await db.execute(_START, *_values(new)))


async def start_at_known_device(new: NewSession, device_hash: bytes, known: KnownAs) -> tuple[bool, UUID | None]:
    """Return whether the session was opened, and the id of the key that signs now, None where there is none yet.

    Not opened either where the account was never used from this device. Wrong passwords are forgiven.
    """
    row = await db.fetch_one(
        _START_AT_KNOWN_DEVICE, *_values(new), device_hash, known.pair_hash, known.guesses_key, known.account_hash
    )
    return row is not None, row["signing_key"] if row else None


def _values(new: NewSession) -> tuple[Any, ...]:
    return (
        new.id, new.account_id, new.password_hash, new.token_hash, new.secret, new.user_agent, new.now,
        new.expires_at, new.second_factor,
    )  # fmt: skip


async def find_token(token_hash: bytes, *, now: datetime) -> db.Row | None:
    """Return session_id, used_at, secret, account_id and is_alive of a refresh token, used ones too."""
    return await db.fetch_one(_FIND, token_hash, now)


async def rotate(token_hash: bytes, successor_hash: bytes, *, now: datetime, idle: timedelta, age: timedelta) -> bool:
    """Return True where the token was live: it is used now, and its successor is the live one."""
    return bool(await db.execute(_ROTATE, token_hash, successor_hash, now, idle, age))


async def principal(session_id: UUID, account_id: UUID, *, now: datetime) -> db.Row | None:
    """Return email, locale, is_staff, permissions and lacks_otp of who asks, or None where an end was put to it.

    Of a session in which staff act for the customer also whose (acting_staff_id) and on which (acting_session_id).
    """
    return await db.fetch_one(_PRINCIPAL, session_id, account_id, now)


async def permissions_of_staff(account_id: UUID) -> list[str]:
    """Return what the roles of an active account permit, none where it is no staff."""
    rows = await db.fetch_all(
        "SELECT DISTINCT unnest(r.permissions) AS name FROM users_staff st JOIN users_role r ON r.id = st.role_id"
        " JOIN users_account a ON a.id = st.account_id WHERE a.id = $1 AND a.status = 'active'",
        account_id,
    )
    return [row["name"] for row in rows]


async def revoke(session_id: UUID, *, now: datetime, account_id: UUID | None = None) -> bool:
    """Return True where the session lived (and, with `account_id`, was that account's)."""
    return bool(
        await db.execute(
            "UPDATE users_session SET revoked_at = $2"
            " WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 AND ($3::uuid IS NULL OR account_id = $3)",
            session_id, now, account_id,
        )
    )  # fmt: skip


async def revoke_all(account_id: UUID, *, now: datetime) -> None:
    await db.execute(
        "UPDATE users_session SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL", account_id, now
    )


async def delete_all(account_id: UUID) -> None:
    """Forget the devices of an account, tokens included."""
    await db.execute("DELETE FROM users_session WHERE account_id = $1", account_id)


async def alive(account_id: UUID, *, now: datetime, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return the account's living sessions, the latest login first, from the one after `before` on."""
    return await db.fetch_all(
        "SELECT id, user_agent, created_at, last_used_at FROM users_session"
        " WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND ($3::uuid IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        account_id, now, before, limit,
    )  # fmt: skip
