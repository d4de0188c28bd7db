"""Turns between all processes of a machine that hash passwords, of however many web processes they are.

What each of them leaves to readers by resting is nothing where another one hashes meanwhile: so the rest is part of
the turn, and there are fewer turns than cores.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Much longer than any turn: whoever holds the names for so long is not one of us, and passwords are checked all the
# same.
WAIT_S = 3.0
# Who waits looks so often; who has had a turn stays away for longer, or he would take every turn himself.
_LOOK_AGAIN_S, _STAY_AWAY_S = 0.005, 0.015
_NAME = f"\0feria-hashing-{os.getuid()}"


@contextmanager
def turn(places: int, *, wait_s: float = WAIT_S) -> Iterator[bool]:
    """Wait for one of `places` of this machine and user, and hold it; yields False where none came free in `wait_s`.

    A place is a name in Linux's abstract namespace of sockets (unix(7)): one process can have it, it is free the
    moment that this one ends in whatever way, and it leaves nothing in any folder.
    """
    until = time.monotonic() + wait_s
    with socket.socket(socket.AF_UNIX) as place:
        while not (has := _sits(place, places)) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN_S)
        yield has
    time.sleep(_STAY_AWAY_S)


def _sits(place: socket.socket, places: int) -> bool:
    for number in range(places):
        try:
            place.bind(f"{_NAME}-{number}")
        except OSError:  # somebody has it
            continue
        return True
    return False
