"""The identities at providers that open one's account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.errors import NotFound
from feria_users.errors import LastSignIn
from feria_users.oidc import providers
from feria_users.repository import accounts, identities
from feria_users.service import mails


@dataclass(frozen=True)
class LinkedIdentity:
    """An identity; `provider` is None where its provider is not enabled any more."""

    id: UUID
    provider: str | None
    label: str
    created_at: datetime
    last_used_at: datetime


async def linked(account_id: UUID) -> Sequence[LinkedIdentity]:
    """Return the account's identities, the oldest first."""
    return [_shown(row) for row in await identities.of(account_id)]


async def unlink(account_id: UUID, identity_id: UUID | None) -> None:
    """Take the identity off the account and tell its owner. Raises NotFound, LastSignIn.

    Another way stays: a password, or another identity whose provider is enabled.
    """
    async with db.transaction():
        account = await accounts.lock(account_id)
        row = await identities.one(account_id, identity_id) if account and identity_id else None
        if account is None or row is None:
            raise NotFound("You have no such identity: GET /api/users/me/identities lists yours.")
        usable = [provider.issuer for provider in providers.enabled()]
        if not await identities.unlink(account_id, row["id"], usable_issuers=usable):
            raise LastSignIn
        await mails.send_identity_unlinked(account["email"], _shown(row).label, locale=account["locale"])


def _shown(row: db.Row) -> LinkedIdentity:
    provider = next((each for each in providers.enabled() if each.issuer == row["issuer"]), None)
    return LinkedIdentity(
        id=row["id"],
        provider=provider.name if provider else None,
        label=provider.label if provider else row["issuer"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )
