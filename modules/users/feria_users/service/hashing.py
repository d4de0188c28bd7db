"""argon2id, in a few threads of its own: never on the event loop, never inside a transaction."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from feria_core import db
from feria_core.runtime import settings
from feria_users.repository import accounts
from feria_users.service.foreign_hashes import MAX_BCRYPT_COST, bcrypt_cost, bcrypt_matches, spend_bcrypt
from feria_users.settings import UsersSettings

T = TypeVar("T")

# OWASP ASVS 5.0, appendix C: t=2 with at least 19 MiB. 35 ms of CPU were measured, 257 ms with the library's defaults.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16)
# Of a random password that nobody knows, with the cost above: an unknown address takes as long as a known one.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$I9HmPFUI10OErfmAVZKzpA$Ci/ETHacMo4VuLv5ZGCUejAdDOaqCfgJdr8FczB1wGs"

# A thirtieth of the event loop's weight on a core that both want (sched(7)): a reader waits for one slice of a hash
# in about a hundred answers, and a login on such a core still takes its second, not its minute.
NICENESS = 15
_DEAREST_S = 30.0
_dearest: tuple[float, int | None] = (0.0, None)


async def hash_password(password: str) -> str:
    """Return the hash in argon2's own notation, cost and salt included."""
    return await _in_pool(lambda: _HASHER.hash(_prepared(password)))


async def verify_password(stored: str | None, password: str) -> bool:
    """Return True where `password` is the one of `stored`; without a stored one it takes as long and is False.

    Bcrypt hashes of an import cost something else than ours. While there are any, every check does the work of
    both kinds: ours, and one of the dearest bcrypt hash that is stored. A hash of cost 10 where the dearest is 12
    is followed by dummies of 10 and 11 (2^10 + 2^10 + 2^11 = 2^12), so known, imported and unknown addresses take
    the same time. The price falls away with the last such hash. Argon2 of another cost is not evened out: it is
    told from ours by its time, not from its like, until the first login upgrades it.
    """
    dearest = await _dearest_bcrypt()
    return await _in_pool(lambda: _checked(stored or _DUMMY, password, dearest)) and stored is not None


def needs_upgrade(stored: str) -> bool:
    """Return True for a hash of another kind or cost than `hash_password` makes."""
    return bcrypt_cost(stored) is not None or _HASHER.check_needs_rehash(stored)


def _checked(stored: str, password: str, dearest: int | None) -> bool:
    cost = bcrypt_cost(stored)
    if cost is None:
        spend_bcrypt(range(dearest, dearest + 1) if dearest else range(0))
        return _matches(stored, password)
    spend_bcrypt(range(cost, dearest or cost))
    _matches(_DUMMY, password)
    return bcrypt_matches(stored, password)


async def _dearest_bcrypt() -> int | None:
    """Return the highest cost of a stored bcrypt hash, as of the last half minute."""
    global _dearest  # noqa: PLW0603 - one answer for the process
    until, cost = _dearest
    if time.monotonic() >= until:
        cost = await accounts.dearest_bcrypt(MAX_BCRYPT_COST)
        _dearest = (time.monotonic() + _DEAREST_S, cost)
    return cost


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _prepared(password))
    except (VerificationError, ValueError):  # whatever stands there that is no hash of argon2
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
    return ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_yield_to_readers)


def _yield_to_readers() -> None:
    """Give this thread less weight than the event loop's, where threads have a priority of their own.

    On busy cores a reader is then answered before a password is hashed; on idle ones nothing changes.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
