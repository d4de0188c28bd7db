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
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may forbid it
            os.sched_setscheduler(0, os.SCHED_IDLE if unless_idle else os.SCHED_OTHER, os.sched_param(0))
        _take_short_turns(os.SCHED_IDLE if unless_idle else os.SCHED_OTHER)


def _take_short_turns(policy: int) -> None:
    """Call sched_setattr(2) for this process; where that is not to be had, everything is as it was."""
    number = _SCHED_SETATTR.get(os.uname().machine)
    if number is not None:
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        attributes = struct.pack("=IIQiIQQQ", 48, policy, 0, niceness, 0, _TURN_NS, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(attributes, 48), 0)
