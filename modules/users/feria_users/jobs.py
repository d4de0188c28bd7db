"""Work of users that no request waits for."""

from __future__ import annotations

from uuid import UUID

from feria_core import clock, db
from feria_core.jobs import JobContext
from feria_users.service import privacy
from feria_users.service.passwords import send_reset_link

# Ended sessions stay a while, so that a stolen token that comes late is still told from an unknown one.
RULES = (
    ("users_session", "least(expires_at, revoked_at) < $1::timestamptz - interval '30 days'"),
    ("users_one_time_token", "expires_at < $1::timestamptz - interval '7 days'"),
    # No access token lives longer than 15 minutes.
    ("users_signing_key", "retired_at < $1::timestamptz - interval '20 minutes'"),
    ("users_otp", "confirmed_at IS NULL AND created_at < $1::timestamptz - interval '1 day'"),
    ("users_guess", "expires_at < $1::timestamptz"),
    ("users_known_pair", "last_used_at < $1::timestamptz - interval '90 days'"),
    ("users_device", "last_used_at < $1::timestamptz - interval '400 days'"),
    ("users_sign_in", "expires_at < $1::timestamptz"),
)
BITE = 1000


async def send_password_reset(ctx: JobContext, *, account_id: str | None) -> None:
    """Mail a reset link; without an account, as queued for an unknown address, there is nothing to do."""
    if account_id is None:
        return
    async with ctx.effect():
        await send_reset_link(UUID(account_id))


async def erase_rest(ctx: JobContext, *, account_id: str) -> None:
    """Erase once more, for what requests under way at the time of the first have stored."""
    async with ctx.effect():
        await privacy.erase_rest(UUID(account_id))


async def sweep(ctx: JobContext) -> None:
    """Delete what ended long ago, in small bites that hold no lock for long."""
    del ctx
    for table, condition in RULES:
        bite = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT {BITE}))"
        while await db.execute(bite, clock.now()) == BITE:
            pass
