"""The work on passwords: argon2id, and bcrypt of imports. Run as a program it does it for a web process.

A process of its own, because a thread is not enough: with a low priority it would be set aside while it holds what
the event loop needs (the interpreter's lock, the lock of the memory map), and with an ordinary one it takes the
readers' time. Imports next to nothing of core, so that it starts in a tenth of a second and stays small.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from feria_core.processes import give_way
from feria_core.processes.usage import BUSY, Usage, usage_of
from feria_users.service.foreign_hashes import bcrypt_cost, bcrypt_matches, spend_bcrypt
from feria_users.service.hash_turns import turn

# A thirtieth of the event loop's weight on a core that both want (sched(7)): readers are answered first, and a login
# on a core that is never idle still takes its second, not its minute.
NICENESS = 15
# A core on which a hash is made is not idle, so the scheduler of Linux moves no reader to it who waits elsewhere. While
# others use the machine, the process therefore rests between two hashes, so many times as long as one takes, and none
# of its like takes its turn meanwhile.
REST = 2


def hasher(cost: Sequence[int]) -> PasswordHasher:
    """Return argon2id of `cost`: passes, memory in KiB, lanes."""
    return PasswordHasher(
        time_cost=cost[0], memory_cost=cost[1], parallelism=cost[2], hash_len=32, salt_len=16
    )  # fmt: skip


def hashed(password: str, *, cost: Sequence[int]) -> str:
    """Return the hash in argon2's own notation, cost and salt included."""
    return hasher(cost).hash(_prepared(password))


def checked(stored: str, password: str, *, dummy: str, dearest: int | None) -> bool:
    """Return True where `password` is the one of `stored`, after the work of both kinds of hashes.

    `dummy` is a hash of ours that nobody knows the password of, `dearest` the highest cost of a bcrypt hash that
    is stored, None where there is none.
    """
    cost = bcrypt_cost(stored)
    if cost is None:
        spend_bcrypt(range(dearest, dearest + 1) if dearest else range(0))
        return _matches(stored, password)
    spend_bcrypt(range(cost, dearest or cost))
    _matches(dummy, password)
    return bcrypt_matches(stored, password)


def main() -> None:
    """Answer line by line on the socket that is standard input, until the other side closes it.

    `--cores N` is how many of them to share with others like it; with `--gives-way` it rests while others are busy.
    """
    give_way(NICENESS)
    _, *options = sys.argv
    if "--cores" in options:
        _share(int(options[options.index("--cores") + 1]))
    gives_way = "--gives-way" in options and sys.platform == "linux"
    with socket.socket(fileno=0) as line, line.makefile("rwb") as stream:
        for question in stream:
            with _giving_way() if gives_way else nullcontext():
                stream.write(json.dumps(_answer(json.loads(question))).encode() + b"\n")
                stream.flush()


@contextmanager
def _giving_way() -> Iterator[None]:
    """Hash in turn with all of its like, on half of the cores at most, and rest where others were busy meanwhile."""
    with turn(max(len(os.sched_getaffinity(0)) // 2, 1)):
        before, began = usage_of(os.getpid()), time.process_time()
        yield
        if before is not None:
            _rest(before, time.process_time() - began)


def _rest(before: Usage, worked_s: float) -> None:
    """Leave the machine to others where these were busy while the work was done."""
    now = usage_of(os.getpid())
    if now is not None and now.others_since(before) >= BUSY:
        time.sleep(REST * worked_s)


def _share(cores: int) -> None:
    """Stay on the last `cores` that this process may use, as every one like it does; macOS has no such bound."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def _answer(question: dict[str, Any]) -> str | bool:
    work = checked if "stored" in question else hashed
    return work(**question)


def _matches(stored: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(stored, _prepared(password))
    except (VerificationError, ValueError):  # whatever stands there that is no hash of argon2
        return False


def _prepared(password: str) -> bytes:
    """Keyboards write one letter in several ways, so the composed form counts (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


if __name__ == "__main__":
    main()
