"""API keys: made by staff within what they hold, shown once, gone from the next request on once revoked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from feria_admin.errors import KeyUnknown
from feria_admin.repository import api_keys
from feria_admin.schemas_keys import KeyBody
from feria_admin.service import grants
from feria_core import audit, clock, db
from feria_core.auth import Principal, current_principal
from feria_core.errors import Invalid
from feria_core.ids import new_id, new_token, token_hash

PREFIX = "fk_"
# 256 bits in base 64.
_KEY = re.compile(r"fk_[A-Za-z0-9_-]{43}")
SHOWN = len(PREFIX) + 8
USE_EVERY = timedelta(minutes=1)


async def create(body: KeyBody) -> tuple[db.Row, str]:
    """Make a key; return its row and the key itself, which is stored nowhere. Raises Invalid, PermissionNotHeld."""
    permissions = grants.check(body.permissions)
    now = clock.now()
    if body.expires_at is not None and body.expires_at <= now:
        raise Invalid.field("body", "expires_at", code="in_the_past", message="A key ends after now")
    key, key_id = PREFIX + new_token(), new_id()
    async with db.transaction():
        row = await api_keys.add(
            key_id, body.name, beginning=key[:SHOWN], digest=token_hash(key), permissions=permissions,
            by=current_principal().id, expires_at=body.expires_at, now=now,
        )  # fmt: skip
        await audit.record("api_key.created", "api_key", key_id, after=_audited(row))
    return row, key


async def listed(*, revoked: bool, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return keys, the latest first."""
    return await api_keys.page(revoked=revoked, now=clock.now(), before=before, limit=limit)


async def find(key_id: UUID | None) -> db.Row:
    """Return one key, revoked or not. Raises KeyUnknown."""
    row = await api_keys.one(key_id) if key_id else None
    if row is None:
        raise KeyUnknown
    return row


async def revoke(key_id: UUID | None) -> None:
    """Take the key back; of twins one does it. Raises KeyUnknown."""
    async with db.transaction():
        row = await api_keys.revoke(key_id, now=clock.now()) if key_id else None
        if row is None:
            raise KeyUnknown
        await audit.record("api_key.revoked", "api_key", row["id"], before=_audited(row))


class ApiKeys:
    """Authenticator and Rights of API keys: asked at each request, so a revoked key is known in every process."""

    kind = "api_key"

    async def permissions(self, person: UUID) -> frozenset[str]:
        """Return what the key may do now, in jobs that it has begun."""
        return frozenset(await api_keys.permissions(person, now=clock.now())) & grants.declared()

    def accepts(self, credential: str) -> bool:
        """Return True for what has the form of a key."""
        return _KEY.fullmatch(credential) is not None

    async def authenticate(self, credential: str) -> Principal | None:
        """Return the key as the one who asks; its time of use is written at most once a minute."""
        now = clock.now()
        row = await api_keys.holder(token_hash(credential), now=now)
        if row is None:
            return None
        if row["last_used_at"] is None or row["last_used_at"] <= now - USE_EVERY:
            await api_keys.note_use(row["id"], now=now, every=USE_EVERY)
        return Principal("api_key", row["id"], frozenset(row["permissions"]) & grants.declared())


def _audited(row: db.Row) -> dict[str, object]:
    # `beginning` is no secret; a field named after tokens or hashes would be masked.
    return {name: row[name] for name in ("name", "beginning", "permissions", "expires_at")}
