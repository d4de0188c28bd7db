"""Start to ready, and the memory of each process."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from tests.benchmarks.environment import PLUGINS

from feria_core.embedded import remove_servers_data


def start_and_weigh() -> dict[str, float]:
    """Return seconds to ready of a first and a second `feria run`, and unique memory in MB by process."""
    folder = Path(tempfile.mkdtemp(prefix="feria-bench-run-"))
    found: dict[str, float] = {}
    for label in ("first start to ready, s", "second start to ready, s"):
        began = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "feria_core.cli",
            "run",
            "--port",
            "0",
            "--data",
            str(folder),
            "--plugins",
            str(PLUGINS),
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if re.match(r"ready http://", line):
                break
        found[label] = time.perf_counter() - began
        if label.startswith("second"):
            time.sleep(2)
            found |= _memory(process.pid)
        process.terminate()
        process.wait(40)
        process.stdout.close()
    remove_servers_data(folder)
    return found


def _memory(pid: int) -> dict[str, float]:
    names = {"feria_workers": "worker, MB unique", "devservices": "mailbox and gateway, MB unique"}
    found: dict[str, float] = {"supervisor, MB unique": _unique(psutil.Process(pid))}
    web = []
    for child in psutil.Process(pid).children(recursive=True):
        line = " ".join(child.cmdline())
        for mark, name in names.items():
            if mark in line:
                found[name] = _unique(child)
        if "feria_core.web" in line or "multiprocessing" in line:
            web.append(_unique(child))
    found["web process, MB unique"] = max(web)
    found["web, all its processes, MB unique"] = sum(web)
    return found


def _unique(process: psutil.Process) -> float:
    return float(process.memory_full_info().uss) / 1e6
