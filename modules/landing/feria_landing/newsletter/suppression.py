"""Addresses that are never mailed, known by a hash alone."""

from __future__ import annotations

from feria_core import clock, db
from feria_landing.addresses import EmailAddress


async def is_suppressed(address: EmailAddress) -> bool:
    """Return whether landing may not mail the address."""
    return bool(await db.fetch_value("SELECT 1 FROM landing_suppression WHERE email_hash = $1", address.hash))


async def add(address: EmailAddress, reason: str) -> bool:
    """Never mail the address again; False where that was so before."""
    return bool(
        await db.execute(
            "INSERT INTO landing_suppression (email_hash, reason, created_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (email_hash) DO NOTHING",
            address.hash, reason, clock.now(),
        )
    )  # fmt: skip


async def remove(address: EmailAddress) -> bool:
    """Let the address be mailed again; False where it could be before."""
    return bool(await db.execute("DELETE FROM landing_suppression WHERE email_hash = $1", address.hash))
