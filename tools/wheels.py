"""Build what a deployment installs: wheels and sdists of all distributions, and the locked libraries of each profile.

    python tools/wheels.py [FOLDER]      # default: dist

`requirements-<profile>.txt` is the part of requirements.lock that a profile of `feria` needs, with its hashes.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from bootstrap import LOCK, ROOT, distributions
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROFILES = ("shop", "site", "all", "embedded")
# Nothing of an earlier build may be installed beside a new one.
MADE = ("feria*.whl", "feria*.tar.gz", "requirements-*.txt")


def main() -> int:
    """Build everything into the folder; return the exit code."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in MADE:
        for path in folder.glob(pattern):
            path.unlink()
    for distribution in distributions():
        build(distribution, folder)
    pinned = pins(LOCK.read_text(encoding="utf-8"))
    for profile in PROFILES:
        names = closure([Requirement(f"feria[{profile}]")])
        text = "".join(block for name, block in pinned.items() if name in names)
        (folder / f"requirements-{profile}.txt").write_text(text, encoding="utf-8")
    print(f"{len(list(folder.glob('feria*.whl')))} wheels in {folder}")
    return 0


def build(distribution: Path, folder: Path) -> None:
    """Build the sdist of a distribution's folder, and its wheel out of that sdist; ends the program where it fails."""
    # The builder is in the lock, so nothing unlocked is downloaded.
    command = [
        sys.executable, "-m", "uv", "build", "--quiet", "--offline", "--no-build-isolation", "--no-create-gitignore",
        "--python", sys.executable, "--out-dir", str(folder), str(distribution),
    ]  # fmt: skip
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"{distribution.name} cannot be built (see above)")


def pins(lock: str) -> dict[str, str]:
    """Return the lock's lines of each library by its canonical name."""
    blocks = re.findall(r"^([\w.-]+)(==[^\n]*\n(?: [^\n]*\n)*)", lock, re.MULTILINE)
    found: dict[str, str] = {}
    for name, rest in blocks:
        # A library may be pinned twice, for different Pythons.
        found[canonicalize_name(name)] = found.get(canonicalize_name(name), "") + name + rest
    return found


def closure(wanted: Iterable[Requirement]) -> set[str]:
    """Return the names of what these need, on any supported Python and system."""
    found: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(need.name), extra) for need in wanted for extra in ("", *need.extras)]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting += needs_of(*part)
    return {name for name, _ in found}


def needs_of(name: str, extra: str) -> Iterator[tuple[str, str]]:
    """Give the names and extras that an installed distribution needs, for one of its extras where it is named."""
    try:
        needs = requires(name) or []
    except PackageNotFoundError:
        return  # for another system or Python than this one
    for need in map(Requirement, needs):
        of_extra = re.search(r"extra == ['\"]([\w.-]+)['\"]", str(need.marker or ""))
        if (of_extra.group(1) if of_extra else "") == extra:
            yield from ((canonicalize_name(need.name), each) for each in ("", *need.extras))


if __name__ == "__main__":
    sys.exit(main())
