"""Making a new module a member of the workspace: the lists of the root pyproject.toml, and the migrations link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit

WORKSPACE = "feria-workspace"


def find_workspace(folder: Path) -> Path | None:
    """Return the root of the workspace that `folder` lies in, or None."""
    for candidate in (folder, *folder.parents):
        file = candidate / "pyproject.toml"
        if file.is_file():
            project = tomlkit.parse(file.read_text(encoding="utf-8")).get("project", {})
            if project.get("name") == WORKSPACE:
                return candidate
    return None


def join(root: Path, name: str) -> None:
    """Enter the module into the root pyproject.toml and link its migrations; repeats safely."""
    file, package = root / "pyproject.toml", f"feria_{name}"
    document: Any = tomlkit.parse(file.read_text(encoding="utf-8"))
    tool = document["tool"]
    source = tomlkit.inline_table()
    source["workspace"] = True
    tool["uv"]["sources"].setdefault(f"feria-{name.replace('_', '-')}", source)
    paths = tool["mypy"]["mypy_path"].split(":")
    if f"modules/{name}" not in paths:
        tool["mypy"]["mypy_path"] = ":".join([*paths, f"modules/{name}"])
    linter = tool["importlinter"]
    lists = [linter["root_packages"]]
    for contract in linter["contracts"]:
        # Of the contracts, those that list the modules: they are independent, and core knows none of them.
        if contract["type"] == "independence":
            lists.append(contract["modules"])
        elif "feria_workers" in contract.get("source_modules", ()):
            lists.append(contract["forbidden_modules"])
    for each in lists:
        if package not in each:
            each.append(package)
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    link = root / "migrations" / name
    if not link.is_symlink():
        link.symlink_to(Path("..") / "modules" / name / package / "migrations")
