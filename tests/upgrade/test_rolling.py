"""An upgrade while people shop: old and new processes side by side, and nobody gets an error."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from balancer import Balancer, balancing
from releases import Site
from servers import answers, feria

from feria_core._internal.migrations import connect
from feria_core.plugins import discover
from feria_core.testing.deployment import write_plugins
from feria_core.testing.ports import free_port

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

BUYERS = 8


class Load:
    """Requests without a pause over a balancer; what is not as it should be is kept."""

    def __init__(self, base: str, *, shop: bool) -> None:
        self.base = base
        self.shop = shop
        self.asked = 0
        self.wishes: set[str] = set()
        self.failures: list[str] = []
        self.versions: Counter[str] = Counter()
        self._enough = asyncio.Event()

    async def run(self) -> None:
        """Ask until `stop`."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
            await asyncio.gather(*(self._buyer(http, number) for number in range(BUYERS)))

    async def until(self, asked: int) -> None:
        """Return once so many requests were answered."""
        while self.asked < asked:
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        self._enough.set()

    async def _buyer(self, http: aiohttp.ClientSession, number: int) -> None:
        turn = number
        while not self._enough.is_set():
            turn += 1
            if turn % 3 == 0:
                await self._wish(http)
            elif self.shop and turn % 3 == 1:
                await self._ask(http, "GET", ("/api/products", "/api/cart", "/api/blog/posts")[turn % 9 // 3])
            else:
                await self._ask(http, "GET", "/api/wishes")

    async def _wish(self, http: aiohttp.ClientSession) -> None:
        made = await self._ask(http, "POST", "/api/wishes", {"text": "a pony"})
        if made is not None:
            self.wishes.add(made["id"])

    async def _ask(self, http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
        try:
            async with http.request(method, self.base + path, json=body) as answer:
                document = await answer.json()
                is_good = answer.status == (201 if method == "POST" else 200)
        except (OSError, aiohttp.ClientError) as error:
            is_good, document = False, repr(error)
        self.asked += 1
        if not is_good:
            self.failures.append(f"{method} {path}: {document}")
            return None
        self.versions[document.get("version", "")] += 1
        return document


@pytest.mark.parametrize(
    ("requests", "whole_shop"),
    [pytest.param(500, False, id="500 requests"),
     pytest.param(20_000, True, id="20,000 requests of a whole shop", marks=pytest.mark.soak)],
)  # fmt: skip
async def test_a_module_and_core_are_upgraded_under_load_without_an_error(
    requests: int, whole_shop: bool, tmp_path: Path, own_database_url: str, server_urls: tuple[str, str]
) -> None:
    old, new = sites(tmp_path, own_database_url, server_urls[1], whole_shop=whole_shop)
    assert old.feria("migrate", "up").returncode == 0
    part = requests // 5
    async with balancing() as (balancer, base):
        with ExitStack() as stack:
            first = await started(stack, balancer, old, tmp_path)
            old_worker = stack.enter_context(
                feria("worker", environment=old.process_environment, log=tmp_path / "worker.log")
            )
            load = Load(base, shop=whole_shop)
            running = asyncio.create_task(load.run())
            await load.until(part)
            migrated = await asyncio.to_thread(new.feria, "migrate", "up")
            assert migrated.returncode == 0, migrated.stderr
            assert "applied wishes: 1_mood.py" in migrated.stdout
            assert "applied core:" in migrated.stdout
            assert "applied ribbons" not in migrated.stdout
            await load.until(2 * part)  # the old version on the new tables
            assert await asyncio.to_thread(answers, f"http://127.0.0.1:{first['port']}/readyz")
            stack.enter_context(feria("worker", environment=new.process_environment, log=tmp_path / "worker2.log"))
            second = await started(stack, balancer, new, tmp_path)
            await load.until(load.asked + part)  # both versions side by side
            old_worker.terminate()
            await balancer.drain(first["machine"])
            first["process"].terminate()
            await asyncio.to_thread(first["process"].wait, 60)
            seen = second["machine"].answered
            await load.until(max(requests, load.asked + part))
            assert second["machine"].answered > seen
            load.stop()
            await running
            assert load.failures == []
            assert load.asked >= requests
            assert set(load.versions) >= {"1.0", "1.1"}
            await everything_arrives(own_database_url, load.wishes)


def sites(tmp_path: Path, database_url: str, redis_url: str, *, whole_shop: bool) -> tuple[Site, Site]:
    """Return a deployment before and after: wishes 1.0 and 1.1, core a minor ahead, all else as it was."""
    names = {"wishes", "ribbons", *(discover() if whole_shop else ())}
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "FERIA_PLUGINS": str(write_plugins(tmp_path / "plugins.toml", enabled=names)),
        "FERIA_DATA": str(tmp_path),
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__SMTP_PORT": "1",
    }
    old, new = Site(tmp_path / "old", environment), Site(tmp_path / "new", environment)
    old.wishes("1.0")
    new.wishes("1.1")
    new.core_ahead("0.3.0")
    for site in (old, new):
        site.ribbons()
    return old, new


async def started(stack: ExitStack, balancer: Balancer, site: Site, tmp_path: Path) -> dict[str, Any]:
    """Start a web process and let requests come to it once it is ready."""
    port = free_port()
    log = tmp_path / f"web{port}.log"
    process = stack.enter_context(
        feria("serve", "--port", str(port), environment=site.process_environment, log=log)
    )  # fmt: skip
    for _ in range(2400):
        assert process.poll() is None, log.read_text()
        if await asyncio.to_thread(answers, f"http://127.0.0.1:{port}/readyz"):
            return {"process": process, "port": port, "machine": balancer.add("127.0.0.1", port)}
        await asyncio.sleep(0.05)
    raise AssertionError(log.read_text())


async def everything_arrives(url: str, wishes: set[str]) -> None:
    """Each wish stands once, its job was done once, and the module that did not change has heard of it once."""
    connection = await connect(url)
    try:
        for _ in range(2400):
            row = await connection.fetchrow(
                "SELECT count(*) AS wishes, count(r.wish_id) AS tied, coalesce(sum(granted), 0) AS granted,"
                " coalesce(max(granted), 0) AS most FROM wishes_wish w LEFT JOIN ribbons_ribbon r ON r.wish_id = w.id"
            )
            if row["wishes"] == row["tied"] == row["granted"]:
                break
            await asyncio.sleep(0.1)
        assert tuple(row) == (len(wishes), len(wishes), len(wishes), 1)
        versions = await connection.fetch("SELECT DISTINCT version FROM core_outbox WHERE name = 'wishes.made'")
        assert {each["version"] for each in versions} == {1, 2}
        dead = await connection.fetch("SELECT name, last_error FROM core_job WHERE state = 'dead'")
        assert [each["name"] for each in dead if each["name"].startswith(("wishes.", "ribbons."))] == []
    finally:
        await connection.close()
