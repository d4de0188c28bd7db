"""Statements about subscriptions, what was asked for, and the proof of consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from feria_core import clock, db
from feria_core.db import Row
from feria_core.ids import new_id
from feria_core.runtime import settings
from feria_landing.addresses import EmailAddress
from feria_landing.settings import LandingSettings

COLUMNS = """
id, email, email_key, status, lists, locale, unsubscribe_token, created_at, confirmed_at, unsubscribed_at, updated_at
"""
# Who asks again keeps what was confirmed; who has gone is pending again until the link is followed.
_ENSURE = """
INSERT INTO landing_subscription AS s
    (id, email, email_key, status, lists, locale, unsubscribe_token, created_at, updated_at)
VALUES ($1, $2, $3, 'pending', '{}', $4, $5, $6, $6)
ON CONFLICT (email_key) DO UPDATE SET updated_at = $6, locale = $4,
    status = CASE WHEN s.status = 'unsubscribed' THEN 'pending' ELSE s.status END
RETURNING id
"""
_CONFIRM = """
UPDATE landing_subscription SET status = 'confirmed', confirmed_at = $3, unsubscribed_at = NULL, updated_at = $3,
    lists = ARRAY(
        SELECT DISTINCT code FROM unnest(CASE WHEN status = 'confirmed' THEN lists ELSE '{}' END || $2::text[]) AS code
        ORDER BY code)
WHERE id = $1 RETURNING lists
"""
_LISTED = f"""
SELECT {COLUMNS} FROM landing_subscription
WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR lists @> ARRAY[$2::text])
    AND ($3::text IS NULL OR strpos(email_key, lower($3)) > 0) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5
"""


async def add_signup(
    signup_id: UUID, email: str, email_key: str, lists: Sequence[str], locale: str, address_hash: bytes | None
) -> None:
    """Write what was asked for."""
    await db.execute(
        "INSERT INTO landing_signup (id, email, email_key, lists, locale, address_hash, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        signup_id, email, email_key, list(lists), locale, address_hash, clock.now(),
    )  # fmt: skip


async def take_signup(signup_id: UUID) -> Row | None:
    """Delete and return what was asked for, None where that was done before."""
    return await db.fetch_one(
        "DELETE FROM landing_signup WHERE id = $1 RETURNING id, email, lists, locale, address_hash", signup_id
    )


async def lock_address(address: EmailAddress) -> None:
    """Let nobody else write about the address until the transaction ends; taken before any row of it."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "landing:" + address.hash.hex())


async def by_key(email_key: str, *, lock: bool = False) -> Row | None:
    """Return the subscription of an address."""
    sql = f"SELECT {COLUMNS} FROM landing_subscription WHERE email_key = $1" + (" FOR UPDATE" if lock else "")
    return await db.fetch_one(sql, email_key)


async def by_id(subscription_id: UUID, *, lock: bool = False) -> Row | None:
    """Return a subscription."""
    sql = f"SELECT {COLUMNS} FROM landing_subscription WHERE id = $1" + (" FOR UPDATE" if lock else "")
    return await db.fetch_one(sql, subscription_id)


async def by_token(token: str) -> Row | None:
    """Return the subscription that this link ends."""
    return await db.fetch_one(f"SELECT {COLUMNS} FROM landing_subscription WHERE unsubscribe_token = $1", token)


async def by_confirmation(token_hash: bytes) -> Row | None:
    """Return the subscription that this link confirms, whether or not it still does."""
    return await db.fetch_one(
        f"SELECT {COLUMNS} FROM landing_subscription"
        " WHERE id = (SELECT subscription_id FROM landing_confirmation WHERE token_hash = $1)",
        token_hash,
    )


async def ensure_subscription(signup: Row, email_key: str, token: str, now: datetime) -> UUID:
    """Return the id of the address's subscription, made where there is none."""
    found: UUID = await db.fetch_value(_ENSURE, new_id(), signup["email"], email_key, signup["locale"], token, now)
    return found


async def add_confirmation(
    token_hash: bytes, subscription_id: UUID, lists: Sequence[str], expires_at: datetime
) -> None:  # fmt: skip
    """Write the link that confirms."""
    await db.execute(
        "INSERT INTO landing_confirmation (token_hash, subscription_id, lists, expires_at) VALUES ($1, $2, $3, $4)",
        token_hash, subscription_id, list(lists), expires_at,
    )  # fmt: skip


async def use_confirmation(token_hash: bytes, now: datetime) -> Row | None:
    """Use the link up; None where it was used, has expired or was never given out. Of twins one gets it."""
    return await db.fetch_one(
        "UPDATE landing_confirmation SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
        " RETURNING subscription_id, lists",
        token_hash, now,
    )  # fmt: skip


async def confirm(subscription_id: UUID, lists: Sequence[str], now: datetime) -> list[str]:
    """Let the subscription hold with these lists besides those confirmed before; return all of them."""
    found: list[str] = await db.fetch_value(_CONFIRM, subscription_id, list(lists), now)
    return found


async def end(subscription_id: UUID, now: datetime) -> None:
    """End the subscription; open links that would confirm it go too."""
    await db.execute(
        "UPDATE landing_subscription SET status = 'unsubscribed', lists = '{}', unsubscribed_at = $2, updated_at = $2"
        " WHERE id = $1",
        subscription_id, now,
    )  # fmt: skip
    await db.execute("DELETE FROM landing_confirmation WHERE subscription_id = $1", subscription_id)


async def add_consent(
    subscription_id: UUID, action: str, lists: Sequence[str], *, consent_id: UUID, address_hash: bytes | None
) -> None:
    """Write one line of the proof of consent."""
    await db.execute(
        "INSERT INTO landing_consent (id, subscription_id, action, lists, text_version, address_hash, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        consent_id, subscription_id, action, list(lists), settings(LandingSettings).consent_version, address_hash,
        clock.now(),
    )  # fmt: skip


async def consents(subscription_id: UUID) -> Sequence[Row]:
    """Return the proof of consent, the first first."""
    return await db.fetch_all(
        "SELECT id, action, lists, text_version, encode(address_hash, 'hex') AS address_hash, at FROM landing_consent"
        " WHERE subscription_id = $1 ORDER BY at, id",
        subscription_id,
    )


async def listed(
    status: str | None, code: str | None, text: str | None, before: UUID | None, limit: int
) -> Sequence[Row]:
    """Return subscriptions, the latest first."""
    return await db.fetch_all(_LISTED, status, code, text or None, before, limit)


async def delete(subscription_id: UUID) -> None:
    """Delete the subscription and all that belongs to it."""
    await db.execute("DELETE FROM landing_subscription WHERE id = $1", subscription_id)


async def sweep(now: datetime) -> int:
    """Delete links that have expired and subscriptions that nobody confirmed in a month; return how many."""
    month_ago: Any = now - timedelta(days=30)
    await db.execute("DELETE FROM landing_confirmation WHERE expires_at < $1", month_ago)
    await db.execute("DELETE FROM landing_signup WHERE created_at < $1", month_ago)
    return await db.execute(
        "DELETE FROM landing_subscription s WHERE status = 'pending' AND updated_at < $1 AND confirmed_at IS NULL"
        " AND NOT EXISTS (SELECT FROM landing_consent c WHERE c.subscription_id = s.id AND c.action = 'confirmed')",
        month_ago,
    )
