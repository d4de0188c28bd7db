"""One effect for one key: the key is claimed in PostgreSQL before the work, its answer kept 24 hours after."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.errors import BadRequest, Conflict, FeriaError
from feria_core.ids import new_id

KEEP = timedelta(hours=24)
# A claim whose process died is free again after this; the work behind it is idempotent by its own keys.
CLAIM = timedelta(seconds=60)
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")


class KeyRequired(BadRequest):
    code, title = "idempotency_key_required", "This call must be repeatable"


class KeyReused(FeriaError):
    code, status, title = "idempotency_key_reused", 422, "The key belongs to another request"


class InProgress(Conflict):
    code, title = "idempotency_in_progress", "The first request is still running"


@dataclass(frozen=True)
class StoredAnswer:
    """The first answer to a key: status, content type and other headers worth repeating, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    """The right to do the work of a key; hand it to `finish` or `release`."""

    scope: str
    key: str
    id: UUID


def check_key(key: str | None) -> str:
    """Return the key. Raises KeyRequired without one, BadRequest for one that is not 1..255 visible ASCII."""
    if not key:
        raise KeyRequired(
            "Send an Idempotency-Key header with a fresh random value, and the same value when you repeat."
        )
    if not _VISIBLE_ASCII.fullmatch(key):
        raise BadRequest("The Idempotency-Key must be 1 to 255 visible ASCII characters, for example a UUID.")
    return key


def request_hash(method: str, path: str, body: bytes) -> bytes:
    """Return what tells one request from another under the same key."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode("utf-8", "surrogatepass"), body))).digest()


async def claim(scope: str, key: str, digest: bytes) -> Claim | StoredAnswer:
    """Claim `key` within `scope` (who asks), or return the answer that it got before.

    Raises KeyReused where another request used the key, InProgress where the first is still running.
    """
    now = clock.now()
    mine = Claim(scope, key, new_id())
    taken = await db.fetch_value(
        "INSERT INTO core_idempotency AS i (scope, key, request_hash, claim, locked_until, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (scope, key) DO UPDATE SET request_hash = $3, claim = $4, locked_until = $5, expires_at = $6,"
        " status = NULL, headers = NULL, body = NULL"
        " WHERE i.expires_at < $7 OR (i.status IS NULL AND i.locked_until < $7 AND i.request_hash = $3)"
        " RETURNING claim",
        scope, key, digest, mine.id, now + CLAIM, now + KEEP, now,
    )  # fmt: skip
    return mine if taken == mine.id else await _stored(mine, digest)


async def finish(mine: Claim, answer: StoredAnswer) -> None:
    """Keep the answer, for everybody who repeats the key."""
    await db.execute(
        "UPDATE core_idempotency SET status = $4, headers = $5, body = $6 WHERE scope = $1 AND key = $2 AND claim = $3",
        mine.scope, mine.key, mine.id, answer.status, orjson.dumps(answer.headers).decode(), answer.body,
    )  # fmt: skip


async def release(mine: Claim) -> None:
    """Give the key back: nothing was done, a repetition may try."""
    await db.execute(
        "DELETE FROM core_idempotency WHERE scope = $1 AND key = $2 AND claim = $3 AND status IS NULL",
        mine.scope, mine.key, mine.id,
    )  # fmt: skip


async def _stored(mine: Claim, digest: bytes) -> StoredAnswer:
    row = await db.fetch_one(
        "SELECT request_hash, status, headers::text AS headers, body FROM core_idempotency"
        " WHERE scope = $1 AND key = $2",
        mine.scope, mine.key,
    )  # fmt: skip
    if row is not None and row["request_hash"] != digest:
        raise KeyReused(f"The key '{mine.key}' was used with another body or path: take a fresh one for a new request.")
    if row is None or row["status"] is None:
        raise InProgress(
            "The first request with this key has no answer yet: repeat it shortly.", headers={"Retry-After": "1"}
        )
    return StoredAnswer(row["status"], orjson.loads(row["headers"]), row["body"])
