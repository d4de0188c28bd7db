"""`feria run --reload`: code that is saved is served, the servers stay, and a slip in it ends nothing."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import answers, descendants, feria, wait_for
from shop import Http

pytestmark = pytest.mark.journey

MANIFEST = """
    from feria_core.module import Module

    module = Module(blueprints=("feria_notices.api:blueprint",))
"""
ROUTE = """
    from feria_core.http import PUBLIC, ApiBlueprint

    blueprint = ApiBlueprint("notices", __name__)


    @blueprint.endpoint("GET", "/api/notices", access=PUBLIC, returns=dict[str, str])
    async def notices() -> dict[str, str]:
        \"\"\"What is to be read today.\"\"\"
        return {"notice": "NOTICE"}
"""
METADATA = "Metadata-Version: 2.1\nName: feria-notices\nVersion: 0.1.0\nSummary: Notices\n"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Write a module that is importable beside Feria's; return its folder."""
    root = tmp_path / "path"
    package, info = root / "feria_notices", root / "feria_notices-0.1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text('"""Notices."""\n', encoding="utf-8")
    (package / "module.py").write_text(textwrap.dedent(MANIFEST), encoding="utf-8")
    say(package, "the first")
    (info / "METADATA").write_text(METADATA, encoding="utf-8")
    (info / "entry_points.txt").write_text("[feria.modules]\nnotices = feria_notices.module:module\n", encoding="utf-8")
    return package


@pytest.fixture
def running(module: Path, tmp_path: Path) -> Iterator[tuple[Http, Path]]:
    plugins, log = tmp_path / "plugins.toml", tmp_path / "log.txt"
    plugins.write_text("[modules.notices]\nenabled = true\n", encoding="utf-8")
    path = os.pathsep.join([str(module.parent), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {"FERIA_PLUGINS": str(plugins), "PYTHONPATH": path, "FERIA_CORE__FRONTEND": "none"}
    arguments = ("run", "--reload", "--no-demo", "--port", "0", "--data", str(tmp_path / "data"))
    with feria(*arguments, environment=environment, log=log) as process:

        def ready() -> re.Match[str] | None:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            return re.search(r"^ready (http://\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)

        wait_for(lambda: ready() is not None, within_s=120, what="the shop is ready")
        found = ready()
        assert found is not None
        servers = {child.pid for child in descendants(process, "postgres")}
        yield Http(found[1]), log
        assert {child.pid for child in descendants(process, "postgres")} & servers, "the database stays"


def test_a_route_that_is_saved_is_served_and_a_slip_waits_for_the_next(
    running: tuple[Http, Path], module: Path
) -> None:
    http, _ = running
    assert http.get("/api/notices").json == {"notice": "the first"}
    say(module, "the second")
    wait_for(lambda: notice(http) == "the second", within_s=60, what="the change is served")
    (module / "api.py").write_text("this is no Python", encoding="utf-8")
    wait_for(lambda: not answers(http.base + "/healthz"), within_s=60, what="the slip was tried")
    say(module, "the third")
    wait_for(lambda: notice(http) == "the third", within_s=60, what="what was mended is served")


def say(package: Path, text: str) -> None:
    (package / "api.py").write_text(textwrap.dedent(ROUTE).replace("NOTICE", text), encoding="utf-8")


def notice(http: Http) -> str | None:
    try:
        return str(http.get("/api/notices").json["notice"])
    except (OSError, KeyError, TypeError):
        return None  # between two processes nobody listens
