"""`python -m feria_workers`: one worker process, started by `feria worker`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from feria_core.config import load_config
from feria_core.errors import StartRefused
from feria_core.processes import die_with_parent
from feria_workers.process import QUEUES, run_worker


def main() -> int:
    """Run until stopped; return the exit code."""
    die_with_parent()
    plugins = Path(sys.argv[1])
    queues = sys.argv[2].split(",") if len(sys.argv) > 2 else QUEUES  # noqa: PLR2004 - the optional second argument
    try:
        asyncio.run(run_worker(load_config(plugins), queues))
    except StartRefused as refusal:
        sys.stderr.write(f"feria: {refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
