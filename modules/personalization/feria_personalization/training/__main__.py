"""The training process, started by a worker or a command: `python -m feria_personalization.training ID [in-turn]`.

A process of its own, so that what numpy, scipy and scikit-learn weigh is gone when it ends, at the lowest priority, so
that it takes what others leave, unless it is said to take its turn. It ends with whoever started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from feria_core.processes import die_with_parent, give_way
from feria_personalization.training import IN_TURN

NICENESS = 19


def main() -> int:
    """Train, and return the exit code: 0 where a new model is in service."""
    die_with_parent(signal.SIGKILL)
    if sys.argv[2:] != [IN_TURN]:
        _take_what_is_left()
    _use_one_core()
    return asyncio.run(_train(UUID(sys.argv[1])))


def _take_what_is_left() -> None:
    """Give every other process its turn first, on Linux even before the lowest priority."""
    with contextlib.suppress(OSError):
        give_way(NICENESS)
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _use_one_core() -> None:
    """Use one thread, said before numpy is imported: more would take the web processes' cores from them."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")


async def _train(training_id: UUID) -> int:
    from feria_core.app import open_runtime
    from feria_core.config import load_config
    from feria_core.logs import configure_logs
    from feria_core.runtime import load_runtime
    from feria_core.work import close_database
    from feria_personalization.training.progress import told
    from feria_personalization.training.run import Superseded, train

    config = load_config(Path(os.environ["FERIA_PLUGINS"]))
    configure_logs(config.core)
    await open_runtime(load_runtime(config))
    try:
        async with told(training_id) as progress:
            await train(training_id, progress)
    except Superseded as reason:
        sys.stderr.write(f"{reason}\n")
        return 3
    finally:
        await close_database()
    return 0


if __name__ == "__main__":
    sys.exit(main())
