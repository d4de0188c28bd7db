"""The folder in which PostgreSQL keeps its data and its socket, and the user it runs as.

PostgreSQL refuses to run as root. There it runs as `postgres`, else `nobody`, with its home in /var/lib, since a
project's folder is often closed to others; a link in the data folder says where.
"""

from __future__ import annotations

import os
import pwd
from itertools import count
from pathlib import Path

from feria_core.embedded.server import ServerFailed

STATE_ROOT = Path("/var/lib")
_ACCOUNTS = ("postgres", "nobody")
_PREFIX = "feria-"


def postgres_home(data_dir: Path) -> tuple[Path, str | None]:
    """Return the home, made where missing, and the user to run as, None for the one of this process.

    Only that user (and root) can enter the home. Raises ServerFailed where another user's data is in the way.
    """
    link = data_dir / "postgres"
    if os.geteuid() == 0:
        return _home_of_another_user(data_dir, link)
    link.mkdir(mode=0o700, exist_ok=True)
    if not os.access(link, os.R_OK | os.W_OK | os.X_OK):
        raise ServerFailed(
            f"{link} is closed to you, it was probably started as root: start it as root again, or choose another "
            "folder with --data."
        )
    return link.resolve(), None


def private_home(data_dir: Path) -> Path | None:
    """Return the home under /var/lib that the data folder links to, or None."""
    link = data_dir / "postgres"
    if not link.is_symlink():
        return None
    home = link.readlink()
    return home if home.parent == STATE_ROOT and home.name.startswith(_PREFIX) else None


def _home_of_another_user(data_dir: Path, link: Path) -> tuple[Path, str]:
    home = private_home(data_dir)
    if home is None:
        if os.path.lexists(link):
            raise ServerFailed(
                f"{link} was not made by root: start it as the user who made it, or choose another folder with --data."
            )
        home = _free_name(data_dir)
    if not home.exists():  # a new one, or this is a new container around an old data folder
        home.mkdir(mode=0o700)
    if not link.is_symlink():
        link.symlink_to(home)
    if home.stat().st_uid == 0:
        account = _account()
        os.chown(home, account.pw_uid, account.pw_gid)
    return home, pwd.getpwuid(home.stat().st_uid).pw_name


def _free_name(data_dir: Path) -> Path:
    """Return an unused name: whoever removed the data folder or moved it elsewhere wants to start anew here."""
    import hashlib  # 4 MB, needed on the first start only

    stem = f"{_PREFIX}{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(home for name in names if not (home := STATE_ROOT / name).exists())


def _account() -> pwd.struct_passwd:
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerFailed(
        f"PostgreSQL does not run as root and there is no user {' or '.join(_ACCOUNTS)} here: start it as an ordinary "
        "user, or set DATABASE_URL."
    )
