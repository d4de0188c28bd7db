"""The reference in docs/ is what the code says: no setting, event, job, permission, command or code is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
PAGES = ("settings", "events", "jobs", "permissions", "commands", "errors", "metrics")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, ROOT / "tools" / "reference.py", folder], check=True, cwd=ROOT, timeout=250)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_code_says(made: Path, page: str) -> None:
    now, kept = (folder.joinpath(f"{page}.md").read_text(encoding="utf-8") for folder in (made, FOLDER))
    assert now == kept, "run `make reference`"


def test_there_is_no_other_page(made: Path) -> None:
    assert {path.name for path in made.iterdir()} | {"README.md"} == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("page", [page for page in PAGES if page != "commands"])
def test_everything_has_a_meaning(page: str) -> None:
    """The last column says what a row is for; events tell of their fields by name and type."""
    rows = [
        line
        for line in (FOLDER / f"{page}.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(("| `", "| [`"))
    ]
    empty = [row for row in rows if page != "events" and row.rstrip("| ") != row.rstrip(" ")[:-1].rstrip()]
    assert rows
    assert empty == []


def test_every_command_says_what_it_does() -> None:
    text = (FOLDER / "commands.md").read_text(encoding="utf-8")
    silent = [part.partition("\n")[0] for part in text.split("\n## ")[1:] if len(part.strip().splitlines()) < 4]
    assert silent == []
