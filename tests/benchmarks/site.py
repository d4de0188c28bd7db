"""The site without a shop: start, memory, projects while GitHub fails, and answers while the mail server stalls.

`python -m tests.benchmarks.site` alone; `make bench` prints it too. GitHub and the mail server are fakes in threads of
this process, the load comes from a process of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import asyncpg
import psutil
from rich.console import Console
from rich.table import Table
from tests.benchmarks.load import Measured, measure_apart, request

from feria_core.embedded import remove_servers_data, start_servers
from feria_core.testing.deployment import write_plugins
from feria_core.testing.github.app import serving as serving_github
from feria_core.testing.github.behaviour import Do, Rule
from feria_core.testing.github.payloads import repository
from feria_core.testing.github.service import FakeGitHub
from feria_core.testing.mailbox import Mailbox
from feria_core.testing.ports import free_port

CONNECTIONS = 16
STARTS = 3
STALL_ROUNDS, STALL_S = 5, 30.0
PROJECTS = 120
PASSWORD = "correct horse battery"
PAGES = ("/api/events", "/api/projects", "/api/contributions", "/api/testimonials", "/sitemap.xml")
FAULTS = {
    "answers": [], "answers 500": [Rule(Do.STATUS)], "times out": [Rule(Do.STALL, seconds=20)],
    "403 until a reset": [Rule(Do.PRIMARY_LIMIT)], "429": [Rule(Do.SECONDARY_LIMIT)],
    "broken JSON": [Rule(Do.BROKEN_JSON)], "100 MB": [Rule(Do.HUGE)], "redirects elsewhere": [Rule(Do.REDIRECT)],
    "closes the connection": [Rule(Do.DROP)],
}  # fmt: skip


class Site:
    """A site's processes: what they need, and how to start them."""

    def __init__(self, folder: Path, modules: tuple[str, ...], outside: Outside) -> None:
        self.servers = start_servers(folder)
        settings = {"landing": {"github_organisation": outside.github.owner, "github_api_url": outside.github.url}}
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.servers.urls.database_url,
            "REDIS_URL": self.servers.urls.redis_url,
            "FERIA_PLUGINS": str(write_plugins(folder / "plugins.toml", enabled=modules, settings=settings)),
            "FERIA_CORE__LOG_LEVEL": "error",
            "FERIA_CORE__SMTP_HOST": "127.0.0.1",
            "FERIA_CORE__SMTP_PORT": str(outside.mailbox.port),
            "FERIA_CORE__TRUSTED_PROXIES": "127.0.0.1/32",
        }
        self.run("migrate", "up")

    def run(self, *arguments: str, text: str = "") -> None:
        """Run a command of the site until it ends."""
        command = [sys.executable, "-m", "feria_core.cli", *arguments]
        subprocess.run(
            command, env=self.environment, check=True, input=text, text=True, stdout=subprocess.DEVNULL
        )  # fmt: skip

    @contextmanager
    def process(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command of the site while the block runs."""
        command = [sys.executable, "-m", "feria_core.cli", *arguments]
        child = subprocess.Popen(command, env={**self.environment, **environment})
        try:
            yield child
        finally:
            child.terminate()
            child.wait(60)

    @contextmanager
    def web(self, **environment: str) -> Iterator[tuple[str, int, float]]:
        """Serve; give the address, the pid and the seconds to ready."""
        port, began = free_port(), time.perf_counter()
        with self.process("serve", "--port", str(port), **environment) as child:
            base = f"http://127.0.0.1:{port}"
            while not _answers(f"{base}/readyz"):
                time.sleep(0.02)
            yield base, child.pid, time.perf_counter() - began

    def sql(self, *statements: str) -> None:
        """Run statements."""

        async def run() -> None:
            connection = await asyncpg.connect(self.environment["DATABASE_URL"])
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

        asyncio.run(run())


class Outside:
    """GitHub and a mail server, in an event loop of their own thread."""

    def __init__(self, folder: Path) -> None:
        self.github, self.mailbox = FakeGitHub(), Mailbox(folder)
        self.github.repositories = [repository(f"project-{n}", number=n) for n in range(1, PROJECTS + 1)]
        self._ready, self._over = threading.Event(), threading.Event()

    async def _serve(self) -> None:
        # Who hangs up in the middle of 100 MB is no news.
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
        async with serving_github(self.github), self.mailbox:
            self._ready.set()
            await asyncio.to_thread(self._over.wait)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)


def measure_site(seconds: float) -> tuple[dict[str, Measured], list[tuple[str, float, str]], dict[str, float]]:
    """Return figures of answers, ratios with their targets, and what starting and memory are."""
    folder = Path(tempfile.mkdtemp(prefix="feria-bench-site-"))
    with Outside(folder / "mail") as outside:
        small = Site(folder, ("landing", "users"), outside)
        try:
            started = _start_and_weigh(small, "landing and users")
            with small.process("worker"):
                with small.web() as (base, _, _):
                    found = _while_github_fails(small, outside, base, seconds, "")
                with small.web(FERIA_CORE__CACHE_MAX_BYTES="0") as (base, _, _):
                    found |= _while_github_fails(small, outside, base, seconds, ", cache off")
                    stalled, ratio = _while_mail_stalls(outside, base, seconds)
        finally:
            small.servers.stop()
            remove_servers_data(folder)
    with Outside(folder / "mail-2") as outside:
        whole = Site(folder, ("landing", "users", "blog"), outside)
        try:
            started |= _start_and_weigh(whole, "and blog")
        finally:
            whole.servers.stop()
            remove_servers_data(folder)
    return found | stalled, [("p95 while the mail server stalls / while it answers", ratio, "at most 1.2")], started


def _start_and_weigh(site: Site, label: str) -> dict[str, float]:
    """Return the median seconds to ready, and unique megabytes of the web process as it is used more and more."""
    site.run("staff", "create", "--email", "staff@example.org", "--password-stdin", text=PASSWORD)
    starts = []
    for _ in range(STARTS):
        with site.web() as (base, pid, seconds):
            starts.append(seconds)
            found = {f"{label}: web process ready, MB unique": _unique(pid)}
            for path in PAGES:
                _get(base + path)
            found[f"{label}: after its pages, MB unique"] = _unique(pid)
            token = _sign_in(base)
            _get(f"{base}/api/admin/contacts", token)
            found[f"{label}: with staff signed in, MB unique"] = _unique(pid)
    return {f"{label}: start to ready, s": statistics.median(starts), **found}


def _while_github_fails(site: Site, outside: Outside, base: str, seconds: float, label: str) -> dict[str, Measured]:
    """Return how fast projects are answered from the store while a worker finds GitHub failing."""
    deadline = time.monotonic() + 90
    site.sql("INSERT INTO landing_github_feed (name) VALUES ('projects') ON CONFLICT DO NOTHING")
    while not json.loads(_get(f"{base}/api/projects"))["items"]:
        if time.monotonic() > deadline:
            raise RuntimeError("no worker has read the projects")
        time.sleep(0.5)
    found = {}
    for name, rules in FAULTS.items():
        outside.github.rules[:] = [Rule(one.do, times=1000, seconds=one.seconds) for one in rules]
        # The copy is old, may be asked for again, and a visitor has asked: the worker's next look calls GitHub.
        site.sql(
            "UPDATE landing_github_feed SET fetched_at = now() - interval '2 days', not_before = NULL, failures = 0,"
            " attempted_at = NULL, claim = NULL, claimed_until = NULL, requested_at = now()",
            "UPDATE core_schedule SET last_run = now() - interval '1 hour' WHERE name = 'landing.refresh_github'",
        )
        found[f"projects, GitHub {name}{label}"] = measure_apart(
            [request(base, "/api/projects?limit=20")], base, connections=CONNECTIONS, seconds=seconds
        )
    outside.github.rules.clear()
    return found


def _while_mail_stalls(outside: Outside, base: str, seconds: float) -> tuple[dict[str, Measured], float]:
    """Return figures of reading and of contacting, and the ratio of the 95th percentiles; rounds take turns."""
    numbers = itertools.count(1)

    def mixed() -> list[bytes]:
        """Each visitor reads three pages and writes to the team, from an address of his own."""
        message = {"name": "Ana", "email": "ana@example.org", "subject": "A table", "message": "Do you deliver?"}
        asked = []
        for number in itertools.islice(numbers, 3000):
            headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
            asked += [request(base, path) for path in PAGES[:3]]
            asked.append(request(base, "/api/contact", body=message, headers=headers))
        return asked

    rounds: dict[str, list[Measured]] = {"answers": [], "stalls": []}
    for number in range(STALL_ROUNDS * 2):
        state = ("answers", "stalls")[(number + number // 2) % 2]
        outside.mailbox.stall(STALL_S if state == "stalls" else 0)
        rounds[state].append(measure_apart(mixed(), base, connections=4, seconds=seconds))
    outside.mailbox.stall(0)
    median = {state: sorted(of, key=lambda one: one.p95_ms)[len(of) // 2] for state, of in rounds.items()}
    named = {f"reading and contacting, mail server {state}": figure for state, figure in median.items()}
    return named, median["stalls"].p95_ms / median["answers"].p95_ms


def _unique(pid: int) -> float:
    """Return the unique megabytes of the largest process below `pid`, which is the one that answers."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return (
        max(float(one.memory_full_info().uss) for one in processes if "feria_core.web" in " ".join(one.cmdline())) / 1e6
    )


def _sign_in(base: str) -> str:
    body = json.dumps({"email": "staff@example.org", "password": PASSWORD}).encode()
    asked = urllib.request.Request(f"{base}/api/auth/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["access_token"])


def _get(url: str, token: str = "") -> bytes:
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(asked) as answer:
        return bytes(answer.read())


def _answers(url: str) -> bool:
    try:
        return bool(_get(url))
    except OSError:
        return False


def main() -> None:
    """Measure and print."""
    found, ratios, started = measure_site(3.0)
    console, table = Console(width=120), Table("", "per second", "p50 ms", "p95 ms", "errors")
    for name, figure in found.items():
        table.add_row(
            name, f"{figure.per_second:,.0f}", f"{figure.p50_ms:.2f}", f"{figure.p95_ms:.2f}", str(figure.errors)
        )
    console.print(table)
    rest: list[tuple[str, Any]] = [*((name, value) for name, value, _ in ratios), *started.items()]
    for name, value in rest:
        console.print(f"{name}: {value:.2f}")


if __name__ == "__main__":
    main()
