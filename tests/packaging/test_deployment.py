"""A deployment from wheels alone: an empty environment, a folder of wheels, plugins.toml, and no repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feria_core._internal.migrations import connect
from feria_core.testing.databases import TEMPLATE, dumped_schema
from feria_core.testing.deployment import write_plugins
from feria_core.testing.ports import free_port

ROOT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv"]
SITE = ("users", "blog", "landing")
SHOP = ("users", "catalog", "cart", "checkout", "orders")

# What is apart from the suite is the same on the Pythons that the suite does not run on.
OTHER_PYTHONS = [pytest.param(version, marks=pytest.mark.soak) for version in ("3.11", "3.12", "3.13")]
PYTHONS = [pytest.param("", id="this Python"), *OTHER_PYTHONS]

pytestmark = pytest.mark.timeout(900)


class Deployment:
    """An environment with what a profile installs, in a folder of its own."""

    def __init__(self, folder: Path, wheels: Path, python: str) -> None:
        self.folder, self.wheels = folder, wheels
        self.bin = folder / "venv" / "bin"
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
        uv("venv", "--python", python, str(folder / "venv"))

    def install(self, profile: str, *more: str) -> None:
        """Install the locked libraries, then Feria's wheels from the folder alone."""
        pip = ("pip", "install", "--python", str(self.bin / "python"))
        locked = ("--require-hashes", "--requirements", str(self.wheels / f"requirements-{profile}.txt"))
        # `make env` has left the libraries of this Python in uv's cache, where no index need be asked.
        if tried(*pip, "--offline", *locked).returncode:
            uv(*pip, *locked)
        uv(*pip, "--no-index", "--find-links", str(self.wheels), f"feria[{profile}]", *more)

    def enable(self, *modules: str) -> None:
        write_plugins(self.folder / "plugins.toml", enabled=modules)

    def feria(self, *arguments: str) -> str:
        """Run a command to its end and return its output; fails the test with it otherwise."""
        done = subprocess.run(
            [str(self.bin / "feria"), *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command until the block ends; it must then end by itself with exit code 0."""
        log = self.folder / f"{arguments[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(self.bin / "feria"), *arguments],
                env=self.environment, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            yield process
            assert process.poll() is None, log.read_text(encoding="utf-8")
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        assert code == 0, log.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Feria's wheels, and beside them the example's."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([sys.executable, str(ROOT / "tools" / "wheels.py"), str(folder)], check=True, capture_output=True)
    uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder),
       str(ROOT / "examples" / "gift_notes"))  # fmt: skip
    return folder


@pytest.fixture(params=PYTHONS)
def python(request: pytest.FixtureRequest) -> str:
    """The interpreter of the environment: that of this run, or one of another version where the machine has it."""
    version: str = request.param
    if not version:
        return sys.executable
    of_pyenv = [str(path) for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    for candidate in (*of_pyenv, shutil.which(f"python{version}") or ""):
        if candidate and subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
            return candidate
    pytest.skip(f"there is no Python {version} here")


@pytest.fixture
async def deployment(tmp_path: Path, wheels: Path, python: str, server_urls: tuple[str, str]) -> Deployment:
    """An empty environment with an empty database."""
    made = Deployment(tmp_path, wheels, python)
    name = f"feria_wheels_{os.getpid()}"
    admin = await connect(server_urls[0].replace(TEMPLATE, "postgres"))
    await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    made.environment |= {"DATABASE_URL": server_urls[0].replace(TEMPLATE, name), "REDIS_URL": server_urls[1]}
    return made


def uv(*arguments: str) -> None:
    """Run uv; fails the test with what it says."""
    done = tried(*arguments)
    assert done.returncode == 0, done.stderr


def tried(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run uv apart from any checkout; return how it ended."""
    return subprocess.run([*UV, "--quiet", *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "UV_LINK_MODE": "copy"}, cwd="/")  # fmt: skip


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def until(holds: Callable[[], bool], what: str, *, within_s: float = 120) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s: {what}")


def has_ready(url: str) -> bool:
    return bool(json.loads(read(f"{url}/readyz")))


def log_has(deployment: Deployment, name: str, text: str) -> bool:
    return text in (deployment.folder / f"{name}.log").read_text(encoding="utf-8")


def serves(deployment: Deployment, modules: tuple[str, ...]) -> dict[str, object]:
    """Start web and worker, see both at work, and return the OpenAPI document."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        deployment.running("worker"),
        deployment.running("serve", "--host", "127.0.0.1", "--port", str(port), "--processes", "1"),
    ):
        until(lambda: has_ready(url), "the shop is ready")
        until(lambda: log_has(deployment, "worker", "job.finished"), "a worker has done a scheduled job")
        shown = json.loads(read(f"{url}/api/modules"))
        assert {entry["name"] for entry in shown["items"] if entry["status"] == "enabled"} == set(modules)
        document: dict[str, object] = json.loads(read(f"{url}/openapi.json"))
    return document


async def test_a_site_runs_from_wheels_alone(deployment: Deployment) -> None:
    deployment.install("site")
    deployment.enable(*SITE)
    migrated = deployment.feria("migrate", "up")
    assert set(re.findall(r"applied (\w+):", migrated)) == {"core", *SITE}
    assert "nothing to do" in deployment.feria("migrate", "plan")
    paths = serves(deployment, SITE)["paths"]
    assert isinstance(paths, dict)
    assert "/api/blog/posts" in paths
    assert "/api/cart" not in paths
    assert str(ROOT) not in "".join(path.read_text(encoding="utf-8") for path in deployment.folder.glob("*.log"))


async def test_a_module_by_others_comes_runs_beside_a_shop_of_wheels_and_goes(deployment: Deployment) -> None:
    deployment.install("shop", "feria-gift-notes")
    deployment.enable(*SHOP)
    deployment.feria("migrate", "up")
    before = dumped_schema(deployment.environment["DATABASE_URL"])
    deployment.feria("modules", "enable", "gift_notes")
    assert "applied gift_notes: 0_init.py" in deployment.feria("migrate", "up")
    paths = serves(deployment, (*SHOP, "gift_notes"))["paths"]
    assert isinstance(paths, dict)
    assert "/api/account/gift-notes" in paths
    await note_in(deployment.environment["DATABASE_URL"])
    deployment.feria("modules", "disable", "gift_notes")
    assert "undone gift_notes: 0_init.py" in deployment.feria("modules", "purge", "gift_notes", "--yes")
    assert dumped_schema(deployment.environment["DATABASE_URL"]) == before


async def note_in(url: str) -> None:
    """Leave a note as a shopper does, beside what the module's jobs and events left."""
    connection = await connect(url)
    await connection.execute(
        "INSERT INTO gift_notes_note (id, order_id, text, created_at)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'For Ana', now())"
    )
    await connection.close()
