"""Room for others: a child that can wait is held while the rest of the machine is busy.

A low priority is not enough for that. A core on which anything runs, be it at the lowest priority, is not idle, so the
scheduler of Linux brings nothing over to it from a core where work waits until its next regular balancing, some
milliseconds later: what shares a full machine with such a child answers twice as late.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from feria_core.processes.child import Child
from feria_core.processes.usage import BUSY, HUNDREDTHS, Usage, usage_of

LOOKED_EVERY_S = 0.05
# What others use is that of so many looks together, since the kernel counts in hundredths of a second.
LOOKS = 8
# A machine that is never quiet lets a child on for one look in so many seconds: a fiftieth of the time.
LONGEST_HELD_S = 2.5


@asynccontextmanager
async def leaving_room(child: Child, *, after_s: float = 0.0) -> AsyncIterator[None]:
    """Hold the child again and again, as long as others use a quarter of the machine or more, until the block ends.

    It is not held before it has used `after_s` seconds of the processor: what is done by then is not worth minutes. It
    is let on at the end of the block, and for a moment every few seconds on a machine that is never quiet. Only Linux
    tells what others use: elsewhere the child is left alone.

    Raises ValueError for a child that is stopped by anything but SIGKILL: one that is held hears no other signal, and
    would stay behind for good where its parent dies meanwhile.
    """
    if child.stop_signal is not signal.SIGKILL:
        raise ValueError(f"{child.name} is stopped by {child.stop_signal.name}: held, it would hear SIGKILL alone")
    looking = asyncio.create_task(_leave_room(child, after_s * HUNDREDTHS)) if sys.platform == "linux" else None
    try:
        yield
    finally:
        if looking is not None:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


async def _leave_room(child: Child, begins: float) -> None:
    looks: deque[Usage] = deque(maxlen=LOOKS)
    held_since: float | None = None
    try:
        while (look := usage_of(child.pid)) is not None:
            looks.append(look)
            others, now = look.others_since(looks[0]), time.monotonic()
            if held_since is None and look.own >= begins and others >= BUSY:
                child.process.send_signal(signal.SIGSTOP)
                held_since = now
            elif held_since is not None and (others < BUSY or now - held_since >= LONGEST_HELD_S):
                child.process.send_signal(signal.SIGCONT)
                held_since = None
            await asyncio.sleep(LOOKED_EVERY_S)
    finally:
        child.process.send_signal(signal.SIGCONT)
