"""Resolve requirements.lock: universal for the supported Pythons, with hashes, without addresses."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write the lock; return uv's exit code."""
    projects = [ROOT / "pyproject.toml", *ROOT.glob("*/pyproject.toml"), *ROOT.glob("modules/*/pyproject.toml")]
    own = sorted(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"] for path in projects)
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--all-extras", "--no-annotate", "--no-header", "--output-file", "requirements.lock",
        *(argument for name in own for argument in ("--no-emit-package", name)),
        *sys.argv[1:], "pyproject.toml",
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
