"""Giving way: work that may take longer, so that requests do not."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")


def give_way(niceness: int) -> None:
    """Let whatever else wants the processor go first: this process gets the weight of `niceness` (1 to 19).

    Linux with autogroups shares the processor among sessions before it looks at niceness, so a process that leads a
    session of its own has that of the session raised as well (sched(7), "The autogroup feature"); without that it
    would take half of a busy core whatever its niceness.
    """
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # no autogroups here
            _AUTOGROUP.write_text(str(niceness), encoding="ascii")
