"""`feria module new`: what it writes passes lint, types and its own tests, as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from feria_core.commands.module.scaffold import NAME, Scaffold, render

ROOT = Path(__file__).parents[2]
FERIA = [sys.executable, "-m", "feria_core.cli"]


def run(folder: Path, *command: str, path: str = "") -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FERIA_", "DATABASE_", "REDIS_", "PYTEST_"))}
    return subprocess.run(
        command,
        cwd=folder,
        env={**inherited, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def assert_passes(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module made outside of the workspace by the command."""
    folder = tmp_path_factory.mktemp("outside")
    assert_passes(run(folder, *FERIA, "module", "new", "gift_tags", "--outside", "."))
    return folder / "gift_tags"


def test_lint_and_format_pass(made: Path) -> None:
    assert_passes(run(made, sys.executable, "-m", "ruff", "check", "--no-cache", "."))
    assert_passes(run(made, sys.executable, "-m", "ruff", "format", "--no-cache", "--check", "."))


def test_strict_types_pass(made: Path) -> None:
    assert_passes(run(made, sys.executable, "-m", "mypy", "--cache-dir", str(made / ".mypy"), "feria_gift_tags"))


def test_its_own_tests_pass_where_it_is_installed(made: Path) -> None:
    site = made.parent / "site"
    install = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation"]
    assert_passes(run(made, sys.executable, "-m", *install, "--python", sys.executable, "--target", str(site), "."))
    done = run(made, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path=str(site))
    assert_passes(done)
    assert "12 passed" in done.stdout


@pytest.mark.parametrize("name", ["ab", "zebra", "a" * 30, "a_gift"])
def test_any_name_is_formatted_and_sorted_as_the_workspace_wants_it(tmp_path: Path, name: str) -> None:
    render(Scaffold(name, outside=False), tmp_path / "modules" / name)
    config = tmp_path / "pyproject.toml"
    shutil.copy(ROOT / "pyproject.toml", config)
    (tmp_path / "core").symlink_to(ROOT / "core")  # what is first-party is looked up in the folders that `src` names
    assert_passes(run(tmp_path, sys.executable, "-m", "ruff", "check", "--no-cache", "modules"))
    assert_passes(run(tmp_path, sys.executable, "-m", "ruff", "format", "--no-cache", "--check", "modules"))


def test_inside_the_workspace_it_becomes_a_member(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "migrations").mkdir()
    before = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    assert_passes(run(tmp_path, *FERIA, "module", "new", "gift_tags"))
    after = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    tool = after["tool"]
    assert tool["uv"]["sources"].pop("feria-gift-tags") == {"workspace": True}
    assert tool["mypy"]["mypy_path"].endswith(":modules/gift_tags")
    linter = tool["importlinter"]
    named = [linter["root_packages"], linter["contracts"][0]["modules"], linter["contracts"][1]["forbidden_modules"]]
    assert [each.pop() for each in named] == ["feria_gift_tags"] * 3
    tool["mypy"]["mypy_path"] = tool["mypy"]["mypy_path"].removesuffix(":modules/gift_tags")
    assert after == before
    assert (tmp_path / "migrations" / "gift_tags" / "0_init.py").is_file()
    assert "[tool" not in (tmp_path / "modules" / "gift_tags" / "pyproject.toml").read_text().replace("[tool.uv.", "")
    again = run(tmp_path, *FERIA, "module", "new", "gift_tags")
    assert again.returncode == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize("name", ["Gift", "gift-tags", "9gifts", "gift__tags", "_gift", "gift_", "g", "g" * 31, "../x"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert NAME.fullmatch(name) is None


def test_outside_of_a_workspace_a_folder_is_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path, *FERIA, "module", "new", "gifts")
    assert done.returncode == 2
    assert "name a folder with --outside DIR" in done.stderr
    assert list(tmp_path.iterdir()) == []
