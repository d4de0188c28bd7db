"""The site alone, users and landing, in its own processes: nothing of the shop, and limits that hold behind a proxy."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest
from servers import answers, feria, wait_for

from feria_core._internal.migrations import connect
from feria_core.testing.databases import empty_database
from feria_core.testing.deployment import write_plugins
from feria_core.testing.mailbox import Mailbox
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey
MESSAGE = {"name": "Ana", "email": "ana@example.org", "subject": "A table", "message": "Do you deliver?"}
# What the shop brings, and what a process of the site loads where it is used: tokens, mails, calendars, the API's
# description, pictures, colours.
HEAVY = (
    "sklearn", "scipy", "numpy", "stripe", "PIL", "icalendar", "aiohttp", "nh3", "markdown_it", "dateutil",
    "joserfc", "cryptography", "jwt", "redis", "arq", "bcrypt", "babel", "quart_schema", "attr", "rich", "pygments",
    "hpack", "Stemmer",
)  # fmt: skip
LARGEST_BYTES = 70_000_000


@pytest.fixture
def empty_database_url(server_urls: tuple[str, str]) -> Iterator[str]:
    """A database without any table."""
    with empty_database(server_urls[0], f"feria_site_{os.getpid()}") as url:
        yield url


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The plugins.toml of a site without a shop."""
    return write_plugins(tmp_path / "plugins.toml", enabled=["users", "landing"])


@pytest.mark.parametrize("names", [("users", "landing"), ("users", "landing", "blog")])
def test_a_web_process_of_the_site_imports_nothing_heavy(names: tuple[str, ...], tmp_path: Path) -> None:
    plugins = write_plugins(tmp_path / "plugins.toml", enabled=names)
    code = (
        "import os, sys, json; os.environ['FERIA_SERVER_PID'] = str(os.getppid());"
        "from feria_core.web import application; application();"
        "loaded = [name.partition('.')[0] for name, module in sys.modules.items() if module is not None];"
        "print(json.dumps(sorted(set(loaded))))"
    )
    environment = {
        "FERIA_PLUGINS": str(plugins), "DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://x", "PATH": "",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("feria_")} == {"feria_core", *(f"feria_{one}" for one in names)}


async def test_the_site_has_no_shop_and_counts_the_right_hop_behind_its_proxy(
    empty_database_url: str, server_urls: tuple[str, str], site: Path, tmp_path: Path
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with Mailbox(tmp_path / "mail") as mailbox:
        environment = {
            "DATABASE_URL": empty_database_url,
            "REDIS_URL": server_urls[1],
            "FERIA_PLUGINS": str(site),
            "FERIA_CORE__LOG_LEVEL": "error",
            "FERIA_CORE__SMTP_HOST": "127.0.0.1",
            "FERIA_CORE__SMTP_PORT": str(mailbox.port),
            "FERIA_CORE__TRUSTED_PROXIES": "127.0.0.1/32",
        }
        migrate = [sys.executable, "-m", "feria_core.cli", "migrate", "up"]
        subprocess.run(migrate, env={**os.environ, **environment}, check=True, capture_output=True, timeout=120)
        connection = await connect(empty_database_url)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert {row["tablename"].partition("_")[0] for row in tables} == {"aerich", "core", "landing", "users"}

        with feria("serve", "--port", str(port), environment=environment, log=tmp_path / "web.log") as served:
            wait_for(lambda: answers(f"{base}/readyz"), within_s=60, what="the web process is ready")
            await _count_hops(base)
            _is_small(served.pid)
        with feria("worker", environment=environment, log=tmp_path / "worker.log"):
            async with asyncio.timeout(60):
                while await connection.fetchval("SELECT count(*) FROM core_mail WHERE sent_at IS NULL"):
                    await asyncio.sleep(0.1)
        stored = await connection.fetchval("SELECT count(*) FROM landing_contact")
        assert sorted(mail["to"] for mail in mailbox.mails()) == sorted(
            ["ana@example.org", "shop@localhost.localdomain"] * stored
        )
        await connection.close()


def _is_small(pid: int) -> None:
    """After all of its pages, a path of the shop among them, each process is small and has nothing of the shop."""
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        assert process.memory_full_info().uss <= LARGEST_BYTES, process.cmdline()
        files = {part for one in process.memory_maps() for part in Path(one.path).parts}
        assert not files & {"numpy", "scipy", "sklearn", "PIL", "cryptography"}


async def _count_hops(base: str) -> None:
    async with aiohttp.ClientSession() as http:

        async def send(forwarded_for: str) -> int:
            headers = {"X-Forwarded-For": forwarded_for}
            async with http.post(f"{base}/api/contact", json=MESSAGE, headers=headers) as answer:
                return answer.status

        # The attacker writes a victim's address, and many others, in front of his own, which the proxy adds.
        in_a_row = [await send(f"198.51.100.7, 203.0.113.{n}, 192.0.2.66") for n in range(4)]
        at_once = await asyncio.gather(*(send(f"198.51.100.7, 203.0.113.{n}, 192.0.2.66") for n in range(20)))
        assert [*in_a_row, *at_once].count(202) == 3
        assert await send("198.51.100.7") == 202
        household = await asyncio.gather(*(send(f"2001:db8:1:2::{n:x}") for n in range(1, 41)))
        assert household.count(202) == 3
        async with http.get(f"{base}/api/products") as answer:
            assert answer.status == 404
        for path in ("/api/events", "/api/projects", "/api/testimonials", "/api/events.ics", "/sitemap.xml"):
            async with http.get(base + path) as answer:
                assert answer.status == 200, path
