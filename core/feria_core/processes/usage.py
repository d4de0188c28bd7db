"""What a process and all others have used of the machine's cores. Only Linux tells (proc(5))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# From this share of all cores on that others use, who can wait leaves the machine to them.
BUSY = 0.25
HUNDREDTHS = 100  # of a second, as proc(5) counts
_MACHINE = Path("/proc/stat")


@dataclass(frozen=True)
class Usage:
    """Hundredths of a second of all cores since the machine started: in all, not idle, and of one process."""

    all: int
    busy: int
    own: int

    def others_since(self, earlier: Usage) -> float:
        """Return which share of all cores others than the process have used since an earlier look, 0 to 1."""
        others = (self.busy - earlier.busy) - (self.own - earlier.own)
        return others / max(self.all - earlier.all, 1)


def usage_of(pid: int) -> Usage | None:
    """Return what the cores and the process have used since they are there; None where the process has ended."""
    try:
        # user, nice, system, idle, iowait, irq, softirq, steal; what guests use is part of user.
        cores = [int(part) for part in _MACHINE.read_text(encoding="ascii").split(maxsplit=9)[1:9]]
        # The name, in brackets, may hold blanks; behind it utime and stime are the 12th and 13th.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return Usage(sum(cores), sum(cores) - cores[3] - cores[4], int(fields[11]) + int(fields[12]))
