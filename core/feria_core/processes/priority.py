"""Giving way: work that may take longer, so that requests do not."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")
# Who is woken waits for a lower one's turn to end; the kernel's own turns are of 3 ms and more. The least it takes.
_TURN_NS = 100_000
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_OTHER, _IDLE = 0, 5


def give_way(niceness: int, *, unless_idle: bool = False) -> None:
    """Let whatever else wants the processor go first: this process gets the weight of `niceness` (1 to 19).

    With `unless_idle` it gets next to nothing while others want the processor (SCHED_IDLE).

    Linux with autogroups shares the processor among sessions before it looks at niceness, so a process that leads a
    session of its own has that of the session raised as well (sched(7), "The autogroup feature"); without that it
    would take half of a busy core whatever its niceness. Its turns are made short (sched_setattr(2), sched_runtime,
    which other policies than deadlines have from Linux 6.12 on): by niceness alone it would hold a core for
    milliseconds while a request has just been woken.
    """
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # no autogroups here
            _AUTOGROUP.write_text(str(niceness), encoding="ascii")
    number = _SCHED_SETATTR.get(os.uname().machine) if sys.platform == "linux" else None
    if number is not None:
        _schedule(number, _IDLE if unless_idle else _OTHER, os.getpriority(os.PRIO_PROCESS, 0))


def _schedule(number: int, policy: int, niceness: int) -> None:
    """Call sched_setattr(2) for this process; a system that forbids it leaves everything as it is."""
    attributes = struct.pack("=IIQiIQQQ", 48, policy, 0, niceness, 0, _TURN_NS, 0, 0)
    ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(attributes, 48), 0)
