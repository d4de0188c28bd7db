"""Make `.venv` with everything that Feria needs, from requirements.lock, and this checkout's distributions editable.

Runs on the standard library of Python 3.11 to 3.13 alone. With uv (on the PATH, or as a module) it takes seconds,
with pip a minute. Nothing happens where the environment is up to date.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "feria-bootstrap"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
# What every process of Feria imports.
COMPILED = (
    "anyio", "asyncpg", "click", "flask", "h2", "hypercorn", "jinja2", "joserfc", "msgspec", "packaging",
    "prometheus_client", "pydantic", "pydantic_core", "pypika_tortoise", "quart", "quart_schema", "structlog",
    "tortoise", "typing_extensions.py", "typing_inspection", "uvicorn", "werkzeug",
)  # fmt: skip
OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> int:
    """Bring the environment up to date; return the exit code."""
    wanted = fingerprint()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return 0
    uv = find_uv()
    print(f"preparing {VENV.name} with {'uv' if uv else 'pip'} ...", flush=True)
    if not PYTHON.exists():
        make_environment(uv)
    install(uv or fetched_uv())
    if sys.dont_write_bytecode:
        compile_libraries()
    STAMP.write_text(wanted, encoding="utf-8")
    return 0


def fingerprint() -> str:
    """Return what changes when the environment must be made anew."""
    digest = hashlib.sha256()
    for path in [LOCK, *distributions_files()]:
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()} {ROOT}"


def distributions() -> list[Path]:
    """Return the folders of the workspace's distributions."""
    return [
        ROOT / "feria",
        ROOT / "core",
        ROOT / "workers",
        *sorted(path.parent for path in ROOT.glob("modules/*/pyproject.toml")),
    ]


def distributions_files() -> list[Path]:
    """Return the pyproject.toml of each distribution."""
    return [folder / "pyproject.toml" for folder in distributions()]


def find_uv() -> list[str] | None:
    """Return the command of uv where it is there or can be had, else None."""
    if os.environ.get("FERIA_INSTALLER") == "pip":
        return None
    for command in (["uv"], [sys.executable, "-m", "uv"]):
        # On the PATH there may be a shim of a version manager that finds no uv behind it.
        if command[0] != "uv" or shutil.which("uv"):
            probe = subprocess.run([*command, "--version"], capture_output=True, check=False)
            if probe.returncode == 0:
                return command
    return None


def fetched_uv() -> list[str] | None:
    """Return uv as the lock has it, installed by pip into the environment; None where that fails or is not wanted."""
    if os.environ.get("FERIA_INSTALLER") == "pip":
        return None
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    end = next(number for number in range(start + 1, len(lines)) if not lines[number].startswith(" "))
    part = VENV / "uv.lock.txt"
    part.write_text("\n".join(lines[start:end]) + "\n", encoding="utf-8")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--require-hashes", "--requirement", str(part)], capture_output=True, check=False)
    return [str(VENV / "bin" / "uv")] if done.returncode == 0 else None


def find_python() -> str:
    """Return a Python of a supported version: this one, else the newest on the PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    sys.exit("feria needs Python 3.11, 3.12 or 3.13: install one, then run make again")


def make_environment(uv: list[str] | None) -> None:
    """Create the empty environment."""
    python = find_python()
    if uv:
        run([*uv, "venv", "--quiet", "--allow-existing", "--python", python, str(VENV)])
        return
    made = subprocess.run([python, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        return
    # Debian ships venv apart; virtualenv from the index does the same with pip alone.
    shutil.rmtree(VENV, ignore_errors=True)
    helper = ROOT / ".venv-helper"
    run([python, "-m", "pip", "install", "--quiet", "--target", str(helper), "virtualenv"])
    run([python, "-m", "virtualenv", "--quiet", str(VENV)], PYTHONPATH=str(helper))
    shutil.rmtree(helper, ignore_errors=True)


def install(uv: list[str] | None) -> None:
    """Install the locked libraries with their hashes, then the distributions without dependencies of their own."""
    editable = [argument for folder in distributions() for argument in ("--editable", str(folder))]
    options = ["--no-deps", "--no-build-isolation"]  # uv_build is in the lock, so nothing unlocked is downloaded
    if uv:
        # Hard links fail across file systems with a warning that would only worry a newcomer.
        pip = [*uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
        run([*pip, "--require-hashes", "--requirements", str(LOCK)], UV_LINK_MODE="copy")
        run([*pip, *options, *editable], UV_LINK_MODE="copy")
        return
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--requirement", str(LOCK)])
    run([*pip, *options, *editable], PATH=f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")


def compile_libraries() -> None:
    """Write the bytecode that PYTHONDONTWRITEBYTECODE keeps the first start from writing: one second for each start."""
    [libraries] = (VENV / "lib").glob("python3.*/site-packages")
    found = [str(libraries / name) for name in COMPILED if (libraries / name).exists()]
    run([str(PYTHON), "-m", "compileall", "-q", "-j", "0", *found])


def run(command: list[str], **environment: str) -> None:
    """Run a command of the installation; end with its exit code where it fails."""
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)
    if done.returncode:
        sys.exit(f"the installation failed at: {' '.join(command[:6])} ... (see above)")


if __name__ == "__main__":
    sys.exit(main())
