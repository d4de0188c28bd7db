"""argon2id, in a few threads of its own: never on the event loop, never inside a transaction."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from feria_core import db
from feria_core.runtime import settings
from feria_users.settings import UsersSettings

T = TypeVar("T")

# OWASP ASVS 5.0, appendix C: t=2 with at least 19 MiB. 35 ms of CPU were measured, 257 ms with the library's defaults.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16)
# Of a random password that nobody knows, with the cost above: an unknown address takes as long as a known one.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$I9HmPFUI10OErfmAVZKzpA$Ci/ETHacMo4VuLv5ZGCUejAdDOaqCfgJdr8FczB1wGs"


async def hash_password(password: str) -> str:
    """Return the hash in argon2's own notation, cost and salt included."""
    return await _in_pool(lambda: _HASHER.hash(_prepared(password)))


async def verify_password(stored: str | None, password: str) -> bool:
    """Return True where `password` is the one of `stored`; without a stored one it takes as long and is False."""
    return await _in_pool(lambda: _matches(stored or _DUMMY, password)) and stored is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _prepared(password))
    except (VerificationError, InvalidHashError):
        return False


def _prepared(password: str) -> bytes:
    """Keyboards write one letter in several ways, so the composed form counts (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


async def _in_pool(work: Callable[[], T]) -> T:
    if db.current_transaction() is not None:
        raise RuntimeError("a password was to be hashed inside a transaction: hash it before, locks are held there")
    return await asyncio.get_running_loop().run_in_executor(_pool(settings(UsersSettings).hash_concurrency), work)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="argon2")
