"""A person's own account: profile and devices."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_core import clock, db
from feria_core.errors import Invalid, NotFound, Unauthenticated
from feria_core.runtime import core_settings
from feria_users.repository import accounts, sessions


async def profile(account_id: UUID) -> db.Row:
    """Return the account. Raises Unauthenticated where it has just ceased to be."""
    row = await accounts.by_id(account_id)
    if row is None or row["status"] != "active":
        raise Unauthenticated
    return row


async def change_profile(account_id: UUID, *, name: str | None, locale: str | None) -> db.Row:
    """Change what is not None; return the account. Raises Invalid for a language that the shop does not speak."""
    offered = core_settings().locales
    if locale is not None and locale not in offered:
        raise Invalid.field(
            "body", "locale", code="unknown_locale",
            message=f"'{locale}' is not a language of this shop: take one of {', '.join(offered)}.",
        )  # fmt: skip
    async with db.transaction():
        await accounts.set_profile(account_id, name=name, locale=locale, now=clock.now())
    return await profile(account_id)


async def devices(account_id: UUID, *, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return the living sessions, the latest login first."""
    return await sessions.alive(account_id, now=clock.now(), before=before, limit=limit)


async def end_session(account_id: UUID, session_id: UUID | None) -> None:
    """End one of the account's own sessions. Raises NotFound for any other."""
    if session_id is None or not await sessions.revoke(session_id, now=clock.now(), account_id=account_id):
        raise NotFound("You have no such session: GET /api/users/me/sessions lists yours.")
