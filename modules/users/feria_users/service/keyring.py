"""The keys that sign and verify access tokens: in PostgreSQL for all processes, parsed once in each."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from feria_core import cache, clock, db
from feria_core.ids import new_id, parse_id
from feria_core.runtime import settings
from feria_users.repository import keys
from feria_users.settings import UsersSettings

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

JWKS_TAG = "users.keys"
# A rotation reaches the verifying side of every process within this.
_FRESH_S = 10.0
# Unknown key ids, which anybody can write into a token, reload no more often than this.
# It is also how long a process may not know a fresh key, so it is short: the table has a handful of rows.
_RELOAD_S = 0.1


class Keyring:
    """Looks up keys by id. The signing key is asked for each time, so a rotation counts from the next token on."""

    def __init__(self) -> None:
        self._keys: dict[str, OKPKey] = {}
        self._loaded_at = float("-inf")

    async def signer(self, current: UUID | None = None) -> tuple[str, OKPKey]:
        """Return id and key to sign with; the first caller of a deployment makes it.

        Who has just read which key is the current one says so.
        """
        if str(current) in self._keys:
            return str(current), self._keys[str(current)]
        row = await keys.current() or await _create()
        kid = str(row["id"])
        if kid not in self._keys:
            self._keys[kid] = _parsed(row)
        return kid, self._keys[kid]

    async def verifier(self, kid: str) -> OKPKey | None:
        """Return the key of that id, or None where no token can still be valid under it."""
        if parse_id(kid) is None:
            return None
        age_s = time.monotonic() - self._loaded_at
        if age_s > _FRESH_S or (kid not in self._keys and age_s > _RELOAD_S):
            await self._load()
        return self._keys.get(kid)

    async def public_keys(self) -> list[dict[str, str]]:
        """Return the public half of every key whose tokens may be about, as JWKs."""
        await self.signer()
        await self._load()
        return [_public(kid, key) for kid, key in self._keys.items()]

    async def _load(self) -> None:
        rows = await keys.verifying(retired_after=clock.now() - _lasts())
        self._keys = {str(row["id"]): self._keys.get(str(row["id"])) or _parsed(row) for row in rows}
        self._loaded_at = time.monotonic()


async def rotate() -> str:
    """Let a fresh key sign from now on; return its id. The old one verifies until its last token is gone."""
    async with db.transaction():
        await keys.lock_for_creation()
        await keys.retire_current(now=clock.now())
        return str((await _add())["id"])


async def listed() -> list[tuple[str, datetime, str]]:
    """Return id, creation and state of every key: `signs`, `verifies until ...` or `over`."""
    now, lasts = clock.now(), _lasts()
    return [(str(row["id"]), row["created_at"], _state(row["retired_at"], now, lasts)) for row in await keys.listed()]


def _state(retired_at: datetime | None, now: datetime, lasts: timedelta) -> str:
    if retired_at is None:
        return "signs"
    until = retired_at + lasts
    return f"verifies until {until:%Y-%m-%d %H:%M:%S} UTC" if until > now else "over"


def _lasts() -> timedelta:
    """Return how long a retired key may still have tokens about."""
    return timedelta(seconds=settings(UsersSettings).access_token_s + _FRESH_S)


async def _create() -> db.Row:
    async with db.transaction():
        await keys.lock_for_creation()
        return await keys.current() or await _add()


async def _add() -> db.Row:
    from joserfc.jwk import OKPKey

    key: OKPKey = OKPKey.generate_key("Ed25519", private=True)
    key_id, private_jwk = new_id(), orjson.dumps(key.as_dict(private=True)).decode()
    await keys.add(key_id, private_jwk, now=clock.now())
    cache.touch(JWKS_TAG)
    return {"id": key_id, "private_jwk": private_jwk}


def _parsed(row: db.Row) -> OKPKey:
    from joserfc.jwk import OKPKey  # with cryptography 10 MB, which the first token is soon enough for

    return OKPKey.import_key(orjson.loads(row["private_jwk"]))


def _public(kid: str, key: OKPKey) -> dict[str, str]:
    members: dict[str, Any] = key.as_dict(private=False)
    return {"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": str(members["x"]), "alg": "EdDSA", "use": "sig"}


keyring = Keyring()
