"""Hashes that other systems made: bcrypt, and argon2 of another cost. They hold until the next login upgrades them."""

from __future__ import annotations

import re

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

# bcrypt looks at so many bytes, and so did the system that made the hash: it cut, or never saw the rest.
BCRYPT_BYTES = 72
# 14 takes 1.1 s of CPU; whoever stores hashes of more makes each login of that account a small attack.
MAX_BCRYPT_COST = 14
BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
MAX_MEMORY_KIB, MAX_TIME, MAX_PARALLELISM = 256 * 1024, 10, 8
MAX_HASH = 300
_SALT = b"CCCCCCCCCCCCCCCCCCCCC."


def is_usable(stored: str) -> bool:
    """Return True for a hash that a login can be checked against at a bearable cost."""
    if BCRYPT.fullmatch(stored):
        return True
    if len(stored) > MAX_HASH or not stored.isascii():
        return False
    try:
        found = extract_parameters(stored)
    except (InvalidHashError, ValueError, IndexError):
        return False
    return (
        found.memory_cost <= MAX_MEMORY_KIB
        and 1 <= found.time_cost <= MAX_TIME
        and 1 <= found.parallelism <= MAX_PARALLELISM
        and stored.count("$") == 5  # noqa: PLR2004 - type, version, parameters, salt, hash
    )


def bcrypt_cost(stored: str) -> int | None:
    """Return the cost of a bcrypt hash, or None for any other."""
    return int(stored[4:6]) if BCRYPT.fullmatch(stored) else None


def bcrypt_matches(stored: str, password: str) -> bool:
    """Return True where the first 72 bytes are those of the hash, as they were typed: nothing was composed then."""
    import bcrypt  # where one is checked: web processes only tell such hashes by their looks

    try:
        return bcrypt.checkpw(password.encode("utf-8", "surrogatepass")[:BCRYPT_BYTES], stored.encode())
    except ValueError:
        return False


def spend_bcrypt(costs: range) -> None:
    """Spend what one check of each cost takes."""
    import bcrypt

    for cost in costs:
        bcrypt.hashpw(b"nobody's", b"$2b$%02d$" % cost + _SALT)
