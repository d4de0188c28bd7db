"""Passwords as argon2id hashes; the work is done in processes apart, never inside a transaction."""

from __future__ import annotations

import time
from typing import Any

from feria_core import db
from feria_core.runtime import settings
from feria_users.repository import accounts
from feria_users.service import hash_processes
from feria_users.service.foreign_hashes import MAX_BCRYPT_COST, bcrypt_cost
from feria_users.service.hash_work import hasher
from feria_users.settings import UsersSettings

# OWASP ASVS 5.0, appendix C: t=2 with at least 19 MiB, one lane. 35 ms of CPU were measured, 257 ms with the
# library's defaults.
_COST = (2, 19_456, 1)
# Of a random password that nobody knows, with the cost above: an unknown address takes as long as a known one.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$I9HmPFUI10OErfmAVZKzpA$Ci/ETHacMo4VuLv5ZGCUejAdDOaqCfgJdr8FczB1wGs"

_DEAREST_S = 30.0
_dearest: tuple[float, int | None] = (0.0, None)


async def hash_password(password: str) -> str:
    """Return the hash in argon2's own notation, cost and salt included. Raises Unavailable."""
    return str(await _work(password=password, cost=_COST))


async def verify_password(stored: str | None, password: str) -> bool:
    """Return True where `password` is the one of `stored`; without a stored one it takes as long and is False.

    Bcrypt hashes of an import cost something else than ours. While there are any, every check does the work of
    both kinds: ours, and one of the dearest bcrypt hash that is stored. A hash of cost 10 where the dearest is 12
    is followed by dummies of 10 and 11 (2^10 + 2^10 + 2^11 = 2^12), so known, imported and unknown addresses take
    the same time. The price falls away with the last such hash. Argon2 of another cost is not evened out: it is
    told from ours by its time, not from its like, until the first login upgrades it. Raises Unavailable.
    """
    dearest = await _dearest_bcrypt()
    is_right = await _work(stored=stored or _DUMMY, password=password, dummy=_DUMMY, dearest=dearest)
    return bool(is_right) and stored is not None


def needs_upgrade(stored: str) -> bool:
    """Return True for a hash of another kind or cost than `hash_password` makes."""
    return bcrypt_cost(stored) is not None or hasher(_COST).check_needs_rehash(stored)


async def _dearest_bcrypt() -> int | None:
    """Return the highest cost of a stored bcrypt hash, as of the last half minute."""
    global _dearest  # noqa: PLW0603 - one answer for the process
    until, cost = _dearest
    if time.monotonic() >= until:
        cost = await accounts.dearest_bcrypt(MAX_BCRYPT_COST)
        _dearest = (time.monotonic() + _DEAREST_S, cost)
    return cost


async def _work(**question: Any) -> Any:
    if db.current_transaction() is not None:
        raise RuntimeError("a password was to be hashed inside a transaction: hash it before, locks are held there")
    bounds = settings(UsersSettings)
    return await hash_processes.answer(
        question, at_a_time=bounds.hash_concurrency, cores=bounds.hash_cores, gives_way=bounds.hashing_gives_way
    )
