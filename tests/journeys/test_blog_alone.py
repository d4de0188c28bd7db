"""A site of blog and users alone, in real processes: no shop behind it, and posts to the second through the cache."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from servers import FERIA, answers, feria, wait_for
from shop import Http

from feria_core.testing.databases import cloned_database
from feria_core.testing.deployment import write_plugins
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey

PASSWORD = "correct horse battery"
OF_THE_SHOP = ("sklearn", "scipy", "stripe", "PIL", "numpy")


@pytest.fixture(scope="module")
def site(server_urls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Http, Http, int]]:
    """Two web processes, signed in as staff, and the pid of the first."""
    folder = tmp_path_factory.mktemp("site")
    plugins = write_plugins(folder / "plugins.toml", enabled=["blog", "users"])
    with cloned_database(server_urls[0], f"feria_site_{os.getpid()}") as url, ExitStack() as stack:
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": server_urls[1],
            "FERIA_PLUGINS": str(plugins),
            "FERIA_CORE__LOG_LEVEL": "error",
        }
        sites, pids = [], []
        for port in (free_port(), free_port()):
            command = ("serve", "--port", str(port))
            process = stack.enter_context(feria(*command, environment=environment, log=folder / f"{port}.log"))
            ready = f"http://127.0.0.1:{port}/readyz"
            wait_for(lambda ready=ready: answers(ready), within_s=90, what="the site is ready")
            sites.append(Http(f"http://127.0.0.1:{port}"))
            pids.append(process.pid)
        command_line = [*FERIA, "staff", "create", "--email", "staff@example.org", "--password-stdin"]
        subprocess.run(command_line, input=PASSWORD, text=True, env={**os.environ, **environment}, check=True)
        tokens = sites[0].post("/api/auth/login", {"email": "staff@example.org", "password": PASSWORD}).json
        staff = Http(sites[0].base, {"Authorization": f"Bearer {tokens['access_token']}"})
        yield staff, sites[1], pids[0]


def titles(http: Http) -> list[str]:
    return [post["title"] for post in http.get("/api/blog/posts").json["items"]]


def test_a_post_is_read_in_every_process_and_one_that_is_scheduled_appears_by_itself(site):
    staff, reader, _ = site
    assert titles(reader) == []
    body = {"title": "First", "body": "See [[x]].\n\n[[product:none]]", "format": "markdown", "status": "published"}
    written = staff.post("/api/admin/blog/posts", body)
    assert written.status == 201, written.json
    wait_for(lambda: titles(reader) == ["First"], within_s=20, what="the other process shows the post")
    at = datetime.now(UTC) + timedelta(seconds=4)
    soon = staff.post("/api/admin/blog/posts", {**body, "title": "Soon", "publish_at": at.isoformat()})
    assert soon.status == 201, soon.json
    seen_at = None

    def is_seen() -> bool:
        nonlocal seen_at
        is_listed = "Soon" in titles(reader)
        seen_at = datetime.now(UTC)
        return is_listed

    wait_for(is_seen, within_s=60, what="the scheduled post appears")
    assert seen_at is not None
    assert seen_at >= at
    assert reader.get("/api/blog/posts/soon").status == 200
    assert reader.get("/api/blog/posts/none").status == 404
    assert staff.call("POST", "/api/admin/blog/pictures").json["code"] == "module_disabled"
    assert reader.get("/api/products").json["code"] == "module_disabled"


def test_no_process_of_the_site_has_loaded_what_only_a_shop_needs(site):
    _, _, pid = site
    for process in psutil.Process(pid).children(recursive=True):
        loaded = {Path(mapped.path).parts[-2] for mapped in process.memory_maps() if mapped.path.endswith(".so")}
        assert not loaded & set(OF_THE_SHOP), process.cmdline()
