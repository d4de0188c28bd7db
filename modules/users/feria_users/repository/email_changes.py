"""Changes of address: a link to the new one, put in force where nobody has taken it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from feria_core import db
from feria_core.ids import new_id

# The same for an address that is taken and for one that is not; an account that nobody has verified takes nothing,
# else who registers a stranger's address would keep its owner from using it.
_ASK = """
WITH link AS (
    INSERT INTO users_one_time_token
        (hash, account_id, purpose, email_normalized, new_email, new_email_normalized, created_at, expires_at)
    SELECT $1, id, 'change_email', email_normalized, $3, $4, $5, $6 FROM users_account WHERE id = $2
)
SELECT email FROM users_account
WHERE email_normalized = $4 AND id <> $2 AND (email_verified_at IS NOT NULL OR status <> 'active')
"""


async def ask(
    token_hash: bytes, account_id: UUID, *, email: str, normalized: str, now: datetime, expires_at: datetime
) -> str | None:
    """Store the link of a change; return the address as its present owner wrote it, None where nobody has it."""
    taken: str | None = await db.fetch_value(_ASK, token_hash, account_id, email, normalized, now, expires_at)
    return taken


async def withdraw(account_id: UUID) -> None:
    """Void the changes that were asked for and not confirmed."""
    await db.execute(
        "DELETE FROM users_one_time_token WHERE account_id = $1 AND purpose = 'change_email' AND used_at IS NULL",
        account_id,
    )


async def wanted(token_hash: bytes) -> tuple[str, str]:
    """Return the new address of a link that was just used, and its normal form."""
    row = await db.fetch_one(
        "SELECT new_email, new_email_normalized FROM users_one_time_token WHERE hash = $1", token_hash
    )
    assert row is not None  # noqa: S101 - the caller has used it in this transaction
    return row["new_email"], row["new_email_normalized"]


async def put_in_force(account: db.Row, *, email: str, normalized: str, now: datetime) -> bool:
    """Give the locked account the address; False where another account has it. The old one is remembered."""
    await db.execute(
        "DELETE FROM users_account WHERE email_normalized = $1 AND id <> $2 AND email_verified_at IS NULL"
        " AND status = 'active'",
        normalized, account["id"],
    )  # fmt: skip
    try:
        async with db.savepoint():
            await db.execute(
                "UPDATE users_account SET email = $2, email_normalized = $3, email_verified_at = $4, updated_at = $4"
                " WHERE id = $1",
                account["id"], email, normalized, now,
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        return False
    if account["email_verified_at"] is not None and account["email_normalized"] != normalized:
        await _remember(account)
    return True


async def past(account_id: UUID) -> Sequence[db.Row]:
    """Return email, email_normalized and until of the addresses that the account had before."""
    return await db.fetch_all(
        "SELECT email, email_normalized, until FROM users_past_email WHERE account_id = $1 ORDER BY id", account_id
    )


async def _remember(account: db.Row) -> None:
    # The database's clock, which also dates what core stores about the address.
    await db.execute(
        "INSERT INTO users_past_email (id, account_id, email, email_normalized, until)"
        " VALUES ($1, $2, $3, $4, clock_timestamp())",
        new_id(), account["id"], account["email"], account["email_normalized"],
    )  # fmt: skip
