"""A frontend at `/`: a folder of built files beside the API, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from quart import Quart

from feria_core.errors import StartRefused
from feria_core.http import frontend, problems

PAGE = {"Accept": "text/html"}


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., Quart]:
    """Return a function that builds an application with a frontend of those files."""

    def build(files: dict[str, bytes]) -> Quart:
        for name, body in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(body)
        app = Quart(__name__, static_folder=None)
        problems.install(app)
        frontend.install(app, str(tmp_path))

        @app.errorhandler(404)
        async def missing(_: Exception) -> object:
            return frontend.page_for(app) or problems.problem(status=404, code="not_found", title="", detail="")

        return app

    return build


async def test_an_own_frontend_is_served_with_its_deep_links(serve) -> None:
    client = serve(
        {"index.html": b"<p>mine</p>", "assets/a-1.js": b"go()" * 100, "robot.png": b"\x89PNG"}
    ).test_client()
    for path in ("/", "/any/place"):
        answer = await client.get(path, headers=PAGE)
        assert (answer.status_code, await answer.get_data()) == (200, b"<p>mine</p>")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert (await client.get("/robot.png")).headers["Content-Type"] == "image/png"
    for path in ("/assets/b.js", "/assets/../index.html", "/assets/%2e%2e/index.html", "/api/x", "/admin/x", "/x.png"):
        assert (await client.get(path, headers=PAGE)).status_code == 404, path
    assert (await client.post("/any/place", headers=PAGE)).status_code == 404


async def test_files_with_a_hash_are_packed_and_kept_for_ever(serve) -> None:
    client = serve({"index.html": b"x", "assets/a-1.js": b"go()" * 100}).test_client()
    plain = await client.get("/assets/a-1.js")
    packed = await client.get("/assets/a-1.js", headers={"Accept-Encoding": "gzip, br"})
    assert "immutable" in plain.headers["Cache-Control"]
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(await packed.get_data()) < len(await plain.get_data())
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = await client.get("/assets/a-1.js", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, await again.get_data()) == (304, b"")


@pytest.mark.parametrize("setting", [None, "none"])
async def test_without_a_frontend_nothing_is_at_the_root(setting: str | None) -> None:
    app = Quart(__name__, static_folder=None)
    frontend.install(app, setting)
    assert (await app.test_client().get("/", headers=PAGE)).status_code == 404


def test_a_folder_that_holds_no_frontend_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match=r"there is no index\.html"):
        frontend.install(Quart(__name__), str(tmp_path))


def test_the_shipped_storefront_has_no_script_or_style_in_its_page() -> None:
    page = frontend.read(frontend.SHIPPED)["index.html"].body.decode()
    assert "<style" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])
