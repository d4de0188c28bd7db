"""Sessions of the pages: the browser holds a random id, the table what the id opens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from cryptography.fernet import Fernet, InvalidToken

from feria_admin.pages.api_call import call
from feria_core import clock, db
from feria_core.errors import Unavailable

LIFE, IDLE = timedelta(hours=12), timedelta(hours=2)
# Fresh tokens are fetched so long before the old ones end: a page makes several calls.
REFRESH_BEFORE = timedelta(seconds=60)
MAX_ID = 100

_OPEN = """
INSERT INTO admin_page_session (id_hash, user_id, sealed, access_until, created_at, used_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $5, $6)
"""
_FIND = (
    "SELECT sealed, access_until, used_at FROM admin_page_session WHERE id_hash = $1 AND ends_at > $2 AND used_at > $3"
)
# Only while nobody else has stored what the same refresh answered.
_RENEW = "UPDATE admin_page_session SET sealed = $2, access_until = $3 WHERE id_hash = $1 AND sealed = $4"


@dataclass(frozen=True)
class Session:
    """An open session: what its cookie holds, and the tokens that it stands for."""

    id: str
    access_token: str
    refresh_token: str

    @property
    def csrf(self) -> str:
        """What each form of this session carries."""
        return hmac.new(self.id.encode(), b"csrf", hashlib.sha256).hexdigest()


async def begin(tokens: Mapping[str, Any], user_id: UUID) -> Session:
    """Return a new session for the tokens of a login; what has ended meanwhile is forgotten."""
    session = Session(secrets.token_urlsafe(32), tokens["access_token"], tokens["refresh_token"])
    now = clock.now()
    await db.execute("DELETE FROM admin_page_session WHERE ends_at < $1", now)
    until = now + timedelta(seconds=tokens["expires_in"])
    await db.execute(_OPEN, _hash(session.id), user_id, _seal(session), until, now, now + LIFE)
    return session


async def find(session_id: str | None, *, locale: str) -> Session | None:
    """Return the session of a cookie with tokens that hold, or None where it has ended here or at the API."""
    if not session_id or len(session_id) > MAX_ID or not session_id.isascii():
        return None
    now = clock.now()
    row = await db.fetch_one(_FIND, _hash(session_id), now, now - IDLE)
    if row is None:
        return None
    try:
        access, refresh = orjson.loads(_lock(session_id).decrypt(bytes(row["sealed"])))
    except InvalidToken:
        return None
    session = Session(session_id, access, refresh)
    if row["used_at"] < now - timedelta(minutes=1):
        await db.execute("UPDATE admin_page_session SET used_at = $2 WHERE id_hash = $1", _hash(session_id), now)
    if row["access_until"] - REFRESH_BEFORE > now:
        return session
    return await _renewed(session, bytes(row["sealed"]), locale)


async def forget(session_id: str) -> None:
    """End the session of the pages; repeats safely."""
    await db.execute("DELETE FROM admin_page_session WHERE id_hash = $1", _hash(session_id))


async def _renewed(session: Session, sealed: bytes, locale: str) -> Session | None:
    """Trade the refresh token; two at once get the same successor from the API, so either may store it."""
    answer = await call("POST", "/api/auth/refresh", locale=locale, body={"refresh_token": session.refresh_token})
    if answer.status == 401:  # noqa: PLR2004 - the session has ended at the API
        await forget(session.id)
        return None
    if not answer.ok:
        raise Unavailable("Your sign-in could not be renewed just now: try again in a moment.")
    fresh = Session(session.id, answer.json["access_token"], answer.json["refresh_token"])
    until = clock.now() + timedelta(seconds=answer.json["expires_in"])
    await db.execute(_RENEW, _hash(session.id), _seal(fresh), until, sealed)
    return fresh


def _seal(session: Session) -> bytes:
    return _lock(session.id).encrypt(orjson.dumps([session.access_token, session.refresh_token]))


def _lock(session_id: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + session_id.encode()).digest()))


def _hash(session_id: str) -> bytes:
    return hashlib.sha256(b"find:" + session_id.encode()).digest()
