"""Make what is generated for frontends: the client's types, and the storefront that `feria run` serves. Needs Node.

    python tools/frontend.py client        # clients/typescript/src/schema.ts from the server's own description
    python tools/frontend.py storefront    # core/feria_core/storefront from examples/storefront

Both are checked in, since a newcomer has no Node; a stamp beside each says what it was made from, and tests compare.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "clients" / "typescript"
STOREFRONT = ROOT / "examples" / "storefront"
TYPES = CLIENT / "src" / "schema.ts"
BUILT = ROOT / "core" / "feria_core" / "storefront"
TYPES_STAMP = CLIENT / "schema.sha256"
BUILT_STAMP = STOREFRONT / "built.sha256"


def main() -> int:
    """Make what the command line names; return the exit code."""
    if shutil.which("npm") is None:
        sys.exit("npm is not installed: install Node 20 or newer, then run this again")
    for target in sys.argv[1:] or ["client", "storefront"]:
        {"client": make_client, "storefront": make_storefront}[target]()
    return 0


def make_client() -> None:
    """Write the types of the server's description, and of what they are."""
    install(CLIENT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        run([str(ROOT / ".venv" / "bin" / "feria"), "openapi", "--output", str(path)], ROOT)
        options = ["--alphabetize", "--default-non-nullable=false", "--output", str(TYPES)]
        run(["npx", "--no-install", "openapi-typescript", str(path), *options], CLIENT)
        described = json.loads(path.read_text(encoding="utf-8"))
    TYPES_STAMP.write_text(fingerprint(described) + "\n", encoding="utf-8")
    run(["npx", "--no-install", "tsc", "--noEmit"], CLIENT)


def make_storefront() -> None:
    """Check and build the storefront into core."""
    install(CLIENT)
    install(STOREFRONT)
    run(["npm", "run", "--silent", "build"], STOREFRONT)
    BUILT_STAMP.write_text(source_fingerprint() + "\n", encoding="utf-8")


def install(folder: Path) -> None:
    """Install what a package's lock names, where that is not there."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".feria-installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        run(["npm", "ci", "--silent"], folder)
        stamp.write_text(wanted, encoding="utf-8")


def fingerprint(described: dict[str, Any]) -> str:
    """Return what changes when types do: all of the description but its words."""
    text = json.dumps(_without_words(described), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def source_fingerprint() -> str:
    """Return what changes when the storefront must be built anew: its files, and the client's that run in it."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(command: list[str], folder: Path) -> None:
    """Run a command there; end the program with its exit code where it fails."""
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def _sources() -> Iterator[Path]:
    for name in ("index.html", "package-lock.json", "vite.config.ts"):
        yield STOREFRONT / name
    yield from sorted(path for path in (STOREFRONT / "src").rglob("*") if path.is_file())
    # Types leave nothing behind in what browsers run.
    yield from sorted(path for path in (CLIENT / "src").glob("*.ts") if path != TYPES)


def _without_words(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_words(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not _is_words(key, value)}
    return {key: _without_words(value) for key, value in kept.items() if key != "info"}


def _is_words(key: str, value: Any) -> bool:
    return key in {"description", "summary", "title", "examples"} and not isinstance(value, dict)


if __name__ == "__main__":
    sys.exit(main())
