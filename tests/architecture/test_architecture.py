"""The shape of the repository: what each distribution holds, who may import whom, what is named where."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from feria_core.plugins import discover

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.parent.name for path in (ROOT / "modules").glob("*/pyproject.toml"))
DISTRIBUTIONS = ["core", "workers", *(f"modules/{name}" for name in MODULES)]
# In parts, so that this file does not find itself.
REGISTRY_HOSTS = [
    f"{host}.{end}"
    for host, end in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("docker", "io"),
        ("ghcr", "io"), ("quay", "io"), ("jfrog", "io"), ("unpkg", "com"), ("jsdelivr", "net"),
    )
]  # fmt: skip


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def package_of(distribution: str) -> Path:
    """Return the import package of a distribution's folder."""
    return next((ROOT / distribution).glob("feria_*/__init__.py")).parent


def files_of_the_repository() -> Iterator[Path]:
    """Give what git tracks, and what it would: nothing that .gitignore leaves out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    for name in sorted(filter(None, listed.decode().split("\0"))):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            yield path


def imported_packages(path: Path) -> set[str]:
    """Return the top packages that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_distribution_has_its_papers(distribution: str) -> None:
    folder = ROOT / distribution
    project = toml(folder / "pyproject.toml")["project"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert len(readme) > 300, f"{distribution}/README.md says too little"
    assert f"## {project['version']}" in (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert (package_of(distribution) / "py.typed").is_file()
    assert project["requires-python"] == toml(ROOT / "pyproject.toml")["project"]["requires-python"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_found_by_its_entry_point(name: str) -> None:
    project = toml(ROOT / "modules" / name / "pyproject.toml")["project"]
    assert project["name"] == f"feria-{name}"
    assert project["entry-points"]["feria.modules"] == {name: f"feria_{name}.module:module"}
    assert discover()[name].version == project["version"]


def test_plugins_toml_names_every_module() -> None:
    assert sorted(toml(ROOT / "plugins.toml")["modules"]) == MODULES


def test_the_workspace_names_every_module() -> None:
    root = toml(ROOT / "pyproject.toml")
    profiles = toml(ROOT / "feria" / "pyproject.toml")["project"]["optional-dependencies"]
    offered = {Requirement(need).name for profile in ("shop", "site") for need in profiles[profile]}
    names = {f"feria-{name}" for name in MODULES}
    assert names == offered
    assert names <= set(root["tool"]["uv"]["sources"])
    assert {f"modules/{name}" for name in MODULES} <= set(root["tool"]["mypy"]["mypy_path"].split(":"))


def test_the_import_contracts_hold_every_module() -> None:
    """What import-linter checks is checked for all: deleting a module's folder breaks no import."""
    linter = toml(ROOT / "pyproject.toml")["tool"]["importlinter"]
    packages = {f"feria_{name}" for name in MODULES}
    contracts = {contract["name"]: contract for contract in linter["contracts"]}
    independent = contracts["Modules never import each other"]
    nameless = contracts["Core and workers know no module by name"]
    assert set(linter["root_packages"]) == packages | {"feria_core", "feria_workers"}
    assert (independent["type"], set(independent["modules"])) == ("independence", packages)
    assert (nameless["type"], set(nameless["forbidden_modules"])) == ("forbidden", packages)
    assert set(nameless["source_modules"]) == {"feria_core", "feria_workers"}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_no_source_imports_a_module_of_another_distribution(distribution: str) -> None:
    own = package_of(distribution)
    foreign = {f"feria_{name}" for name in MODULES} - {own.name}
    for path in sorted(own.rglob("*.py")):
        assert not imported_packages(path) & foreign, path.relative_to(ROOT)


def test_no_file_names_the_host_of_a_registry() -> None:
    hosts = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS), re.IGNORECASE)
    found = []
    for path in files_of_the_repository():
        match = hosts.search(path.read_bytes().decode("utf-8", errors="ignore"))
        if match:
            found.append(f"{path.relative_to(ROOT)}: {match.group()}")
    assert found == []
