"""The example of a module by others: its own tests pass beside this checkout, where it is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from feria_core.testing.plugin import URLS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "gift_notes"
BUILD = ["--offline", "--quiet", "--no-deps", "--no-build-isolation", "--python", sys.executable]


@pytest.mark.timeout(600)
def test_gift_notes_passes_its_own_tests_installed_apart(tmp_path: Path) -> None:
    assert "gift_notes" not in {entry.name for entry in entry_points(group="feria.modules")}
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "uv", "pip", "install", *BUILD, "--target", str(target), str(EXAMPLE)]
    subprocess.run(install, check=True)
    # Servers and template of its own: this run's know no gift notes.
    apart = {name: value for name, value in os.environ.items() if name not in URLS and "PYTEST" not in name}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
               "-c", str(EXAMPLE / "pyproject.toml"), "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests")]  # fmt: skip
    done = subprocess.run(
        command,
        env={**apart, "PYTHONPATH": str(target)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
