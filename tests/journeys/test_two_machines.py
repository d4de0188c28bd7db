"""Two web and two worker machines behind a load balancer, over PgBouncer and one Redis: any of them may go.

A machine is a process with its own address of the loopback network, its own data folder, and nothing in common with
the others but PostgreSQL, Redis and the folder of pictures.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from balancer import Balancer, Machine, balancing
from pooling import installed, pgbouncer
from servers import answers, feria
from test_race import Buyer, make_variants

from feria_core._internal.migrations import connect
from feria_core.testing.mailbox import Mailbox
from feria_core.testing.ports import free_port

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

BUYERS = 24
HERE = Path(__file__).parent
# Those that are about the shop; the others look at one `feria run`, or start what they need themselves.
JOURNEYS = ("order_life", "reviews", "recommending", "storefront", "staff_pages")


@dataclass
class Place:
    """All machines, and what they share."""

    folder: Path
    environment: dict[str, str]
    balancer: Balancer
    base: str
    database_url: str
    stack: ExitStack
    webs: dict[str, Any] = field(default_factory=dict)
    workers: dict[str, Any] = field(default_factory=dict)

    async def start_web(self, host: str) -> None:
        """Start a web machine, and let requests come to it once it is ready."""
        port, log = free_port(), self.folder / f"web-{host}.log"
        serve = ("serve", "--host", host, "--port", str(port))
        process = self.stack.enter_context(feria(*serve, environment=self._own(host), log=log))
        await until(lambda: answers(f"http://{host}:{port}/readyz"), log)
        self.webs[host] = (process, self.balancer.add(host, port))

    async def start_worker(self, name: str) -> None:
        log = self.folder / f"{name}.log"
        process = self.stack.enter_context(feria("worker", environment=self._own(name), log=log))
        await until(lambda: "worker.ready" in log.read_text(), log)
        self.workers[name] = process

    def kill_web(self, host: str) -> None:
        """Take its power away: the balancer finds out by itself."""
        process, _ = self.webs.pop(host)
        kill(process)

    def machine(self, host: str) -> Machine:
        found: Machine = self.webs[host][1]
        return found

    def kill_worker(self, name: str) -> None:
        kill(self.workers.pop(name))

    def _own(self, name: str) -> dict[str, str]:
        return {**self.environment, "FERIA_DATA": str(self.folder / name)}


def kill(process: Any) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    for each in (*children, psutil.Process(process.pid)):
        each.kill()
    process.wait()


async def until(holds: Any, log: Path | None = None, *, within_s: float = 120) -> None:
    for _ in range(int(within_s / 0.1)):
        if await asyncio.to_thread(holds):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(log.read_text() if log else holds)


@pytest.fixture
async def place(
    own_database_url: str, server_urls: tuple[str, str], plugins_file: Path, mailbox: Mailbox, tmp_path: Path
) -> AsyncIterator[Place]:
    mailbox.clear()
    async with AsyncExitStack() as stack:
        pooled = stack.enter_context(pgbouncer(own_database_url))
        balancer, base = await stack.enter_async_context(balancing())
        environment = {
            "DATABASE_URL": pooled,
            "DATABASE_DIRECT_URL": own_database_url,
            "REDIS_URL": server_urls[1],
            "FERIA_PLUGINS": str(plugins_file),
            "FERIA_CORE__PGBOUNCER": "true",
            "FERIA_CORE__LOG_LEVEL": "info",
            "FERIA_CORE__MEDIA_DIR": str(tmp_path / "media"),
            "FERIA_CORE__SMTP_HOST": "127.0.0.1",
            "FERIA_CORE__SMTP_PORT": str(mailbox.port),
            "FERIA_CORE__POOL_SIZE": "10",
        }
        machines = stack.enter_context(ExitStack())
        yield Place(tmp_path, environment, balancer, base, own_database_url, machines)


class Patient(Buyer):
    """A buyer whose browser asks again where a machine broke off.

    What the machine had begun under an Idempotency-Key answers 409 for a minute, then the repetition does it.
    """

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        while True:
            try:
                status, answer = await super().call(method, path, body, **headers)
            except (aiohttp.ClientError, OSError):
                status, answer = 502, None
            begun = status == 409 and answer["code"] == "idempotency_in_progress"
            if status not in (502, 503) and not begun:
                return status, answer
            await asyncio.sleep(1 if begun else 0.1)


async def bought(place: Place, variant: str, address: str) -> str:
    """Buy one as a guest; return the order's number."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        buyer = Patient(http, place.base)
        buyer.email = address
        status, order = await buyer.buy(variant)
        assert status == 201, order
        return str(order["number"])


async def names_of(place: Place, path: str) -> set[str]:
    """Return what each web machine says the product is called."""
    found = set()
    async with aiohttp.ClientSession() as http:
        for _, machine in place.webs.values():
            async with http.get(f"http://{machine.host}:{machine.port}{path}") as answer:
                assert answer.status == 200
                found.add((await answer.json())["name"])
    return found


async def mailed(place: Place, mailbox: Mailbox, addresses: set[str]) -> None:
    """Wait until everybody has the confirmation of the order."""
    await until(lambda: addresses <= {mail["to"] for mail in mailbox.mails()}, within_s=180)


@pytest.mark.parametrize("journey", ["purchase", *(pytest.param(name, marks=pytest.mark.soak) for name in JOURNEYS)])
def test_a_journey_through_all_machines(journey: str) -> None:
    installed()
    command = [sys.executable, "-m", "pytest", "-q", str(HERE / f"test_{journey}.py")]
    # A run of its own, not one more worker of this one.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**inherited, "FERIA_JOURNEYS_ON": "machines"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.soak
async def test_caches_stay_coherent_and_killing_any_machine_loses_nothing(place: Place, mailbox: Mailbox) -> None:
    await place.start_web("127.0.0.2")
    await place.start_web("127.0.0.3")
    await place.start_worker("worker-1")
    await place.start_worker("worker-2")
    (variant,) = await make_variants(place, [10_000])
    async with aiohttp.ClientSession() as http:
        await caches_are_coherent(place, http)
    numbers: list[str] = []
    addresses: set[str] = set()
    for victim in ("127.0.0.2", "worker-1", "127.0.0.3", "worker-2"):
        mine = [f"{victim}-{number}@example.com" for number in range(BUYERS)]
        shopping = [asyncio.create_task(bought(place, variant, address)) for address in mine]
        await until(lambda: any(task.done() for task in shopping))  # noqa: B023 - waited for in this round
        (place.kill_web if victim in place.webs else place.kill_worker)(victim)
        numbers += await asyncio.gather(*shopping)
        addresses |= set(mine)
        await (place.start_web if victim.startswith("127.") else place.start_worker)(victim)
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    await mailed(place, mailbox, addresses)
    connection = await connect(place.database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM orders_order") == len(numbers) == 4 * BUYERS
        assert await connection.fetch("SELECT name, last_error FROM core_job WHERE state = 'dead'") == []
    finally:
        await connection.close()


async def caches_are_coherent(place: Place, http: aiohttp.ClientSession) -> None:
    """What staff write through one machine is what both show, from memory too."""
    staff = Buyer(http, place.base)
    login = {"email": "r@example.com", "password": "correct horse staple"}
    staff.headers["Authorization"] = f"Bearer {(await staff.call('POST', '/api/auth/login', login))[1]['access_token']}"
    _, page = await staff.call("GET", "/api/admin/products")
    product = page["items"][0]
    path = f"/api/products/{product['slug']}"
    for number in range(10):
        assert len(await names_of(place, path)) == 1  # both machines keep it now
        name = f"Name {number}"
        writer = list(place.webs.values())[number % 2][1]
        staff.base = f"http://{writer.host}:{writer.port}"
        status, answer = await staff.call("PATCH", f"/api/admin/products/{product['id']}", {"name": name})
        assert status == 200, answer
        for _ in range(100):
            if await names_of(place, path) == {name}:
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError(f"not both machines show {name} after 5 s")
    async with http.get(f"http://{writer.host}:{writer.port}/metrics") as answer:
        assert 'feria_response_cache_total{outcome="hit"}' in await answer.text()
