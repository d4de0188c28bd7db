"""Many buyers at the same instant, over two web processes and two workers: nothing oversold, nothing stuck."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from servers import answers, feria, wait_for

from feria_core._internal.migrations import connect
from feria_core.testing.databases import cloned_database
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey

BUYERS, UNITS, ROUNDS = 200, 50, 10
ADDRESS = {
    "name": "B",
    "line1": "Street 1",
    "city": "San José",
    "region": "SJ",
    "postal_code": "10101",
    "country": "CR",
}
USD = {"currency": "USD"}


class Fleet:
    """Two web processes and two workers over one database."""

    def __init__(self, base: str, database_url: str, environment: dict[str, str]) -> None:
        self.base = base
        self.database_url = database_url
        self.environment = environment


@pytest.fixture(scope="module")
def fleet(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    with cloned_database(server_urls[0], f"feria_race_{os.getpid()}") as url:
        yield from running_fleet(url, server_urls[1], plugins_file, tmp_path_factory.mktemp("fleet"))


def running_fleet(own_database_url: str, redis_url: str, plugins_file: Path, tmp_path: Path) -> Iterator[Fleet]:
    """Start the processes and wait until they answer."""
    port = free_port()
    environment = {
        "DATABASE_URL": own_database_url,
        "REDIS_URL": redis_url,
        "FERIA_PLUGINS": str(plugins_file),
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__MEDIA_DIR": str(tmp_path / "media"),
        "FERIA_CORE__SMTP_PORT": "1",
        "FERIA_CORE__POOL_SIZE": "20",
    }
    with ExitStack() as stack:
        serve = ("serve", "--port", str(port), "--processes", "2")
        stack.enter_context(feria(*serve, environment=environment, log=tmp_path / "web.log"))
        stack.enter_context(feria("worker", "--processes", "2", environment=environment, log=tmp_path / "worker.log"))
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), within_s=180, what="the web processes are ready")
        yield Fleet(f"http://127.0.0.1:{port}", own_database_url, environment)


class Buyer:
    """One guest with a cart, an address and a way to pay."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self.http = http
        self.base = base
        self.headers: dict[str, str] = {}
        self.email = "b@example.com"
        self.statuses: list[int] = []

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.http.request(
            method, self.base + path, json={} if body is None else body, headers=sent
        ) as answer:
            self.statuses.append(answer.status)
            if "Cart-Token" in answer.headers:
                self.headers["Cart-Token"] = answer.headers["Cart-Token"]
            return answer.status, await answer.json()

    async def add(self, variant_id: str, quantity: int = 1) -> tuple[int, Any]:
        return await self.call("POST", "/api/cart/items", {"variant_id": variant_id, "quantity": quantity})

    async def open(self) -> tuple[int, Any]:
        """Open a checkout with everything that it needs to be completed."""
        status, checkout = await self.call("POST", "/api/checkouts")
        if status != 201:
            return status, checkout
        self.headers["Checkout-Token"] = checkout["token"]
        path = f"/api/checkouts/{checkout['id']}"
        details = {"email": self.email, "shipping_address": ADDRESS, "shipping_method": "standard"}
        status, checkout = await self.call("PATCH", path, details)
        assert status == 200, checkout
        status, paid = await self.call("POST", f"{path}/payments", {"provider": "manual"}, Idempotency_Key=str(uuid4()))
        assert status in (200, 201), paid
        return 201, checkout

    async def complete(self, checkout: dict[str, Any], key: str | None = None) -> tuple[int, Any]:
        body = {"expected_total": checkout["grand_total"]}
        return await self.call(
            "POST", f"/api/checkouts/{checkout['id']}/complete", body, Idempotency_Key=key or str(uuid4())
        )

    async def buy(self, variant_id: str) -> tuple[int, Any]:
        """Put one into the cart and go through to the order; return the first refusal or the order."""
        status, answer = await self.add(variant_id)
        if status == 201:
            status, answer = await self.open()
        return await self.complete(answer) if status == 201 else (status, answer)


async def make_variants(fleet: Fleet, stocks: list[int]) -> list[str]:
    """Create one product for each stock level through the staff API; return the variants' ids."""
    command = [
        sys.executable,
        "-m",
        "feria_core.cli",
        "staff",
        "create",
        "--email",
        "r@example.com",
        "--password-stdin",
    ]
    subprocess.run(command, input=b"correct horse staple\n", env={**os.environ, **fleet.environment}, check=True)
    async with aiohttp.ClientSession() as http:
        staff = Buyer(http, fleet.base)
        login = {"email": "r@example.com", "password": "correct horse staple"}
        _, tokens = await staff.call("POST", "/api/auth/login", login)
        staff.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        made = []
        for number, stock in enumerate(stocks):
            variant = {"sku": f"RACE-{uuid4().hex[:8]}", "price": {"amount": 1000, **USD}, "stock": stock}
            body = {"name": f"Race {number}", "status": "published", "variants": [variant]}
            status, product = await staff.call("POST", "/api/admin/products", body)
            assert status == 201, product
            made.append(product["variants"][0]["id"])
        return made


def session() -> aiohttp.ClientSession:
    # Each buyer keeps his connection; the listen backlog takes them all at once.
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=120))


async def test_two_hundred_buyers_of_fifty_units_ten_times(fleet: Fleet) -> None:
    variants = await make_variants(fleet, [UNITS] * ROUNDS)
    connection = await connect(fleet.database_url)
    for variant in variants:
        async with session() as http:
            buyers = [Buyer(http, fleet.base) for _ in range(BUYERS)]
            results = await asyncio.gather(*(buyer.buy(variant) for buyer in buyers))
        assert Counter(status for status, _ in results) == {201: UNITS, 409: BUYERS - UNITS}
        assert {answer["code"] for status, answer in results if status == 409} == {"out_of_stock"}
        assert max(status for buyer in buyers for status in buyer.statuses) < 500
        numbers = {answer["number"] for status, answer in results if status == 201}
        assert len(numbers) == UNITS
        left = await connection.fetchrow(
            "SELECT on_hand, reserved FROM catalog_stock WHERE variant_id = $1::uuid", variant
        )
        assert (left["on_hand"], left["reserved"]) == (0, 0)
    ordered = await connection.fetchval(
        "SELECT sum(quantity) FROM orders_line WHERE variant_id = ANY($1::uuid[])", variants
    )
    await connection.close()
    assert ordered == UNITS * ROUNDS


async def test_fifty_twins_of_one_completion_give_one_order_and_one_payment(fleet: Fleet) -> None:
    (variant,) = await make_variants(fleet, [10])
    async with session() as http:
        buyer = Buyer(http, fleet.base)
        await buyer.add(variant)
        _, checkout = await buyer.open()
        results = await asyncio.gather(*(buyer.complete(checkout, "one-key") for _ in range(50)))
        again = await buyer.complete(checkout, "one-key")
    assert {status for status, _ in results} <= {201, 409}
    assert {answer["code"] for status, answer in results if status == 409} <= {"idempotency_in_progress"}
    assert again[0] == 201
    assert {answer["number"] for status, answer in [*results, again] if status == 201} == {again[1]["number"]}
    connection = await connect(fleet.database_url)
    assert await connection.fetchval("SELECT count(*) FROM orders_line WHERE variant_id = $1::uuid", variant) == 1
    payments = "SELECT count(*) FROM checkout_payment WHERE checkout_id = $1::uuid"
    assert await connection.fetchval(payments, checkout["id"]) == 1
    assert await connection.fetchval("SELECT on_hand FROM catalog_stock WHERE variant_id = $1::uuid", variant) == 9
    await connection.close()


async def test_five_hundred_carts_over_eight_skus_never_deadlock(fleet: Fleet) -> None:
    variants = await make_variants(fleet, [10_000] * 8)
    dice = random.Random(3)
    gate = asyncio.Semaphore(64)

    async def shop(http: aiohttp.ClientSession) -> int:
        buyer = Buyer(http, fleet.base)
        async with gate:
            for variant in dice.sample(variants, 5):
                await buyer.add(variant, dice.randint(1, 3))
            status, checkout = await buyer.open()
            assert status == 201, checkout
            status, _ = await buyer.complete(checkout)
            return max(buyer.statuses)

    connection = await connect(fleet.database_url)
    before = await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    async with session() as http:
        results = await asyncio.gather(*(shop(http) for _ in range(500)))
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    after = await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    mine = "FROM {} WHERE variant_id = ANY($1::uuid[])"
    sold = await connection.fetchval("SELECT sum(10000 - on_hand) " + mine.format("catalog_stock"), variants)
    ordered = await connection.fetchval("SELECT sum(quantity) " + mine.format("orders_line"), variants)
    await connection.close()
    assert set(results) == {201}
    assert after == before
    assert sold == ordered
