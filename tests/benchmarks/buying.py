"""Whole purchases per second: cart, item, checkout, address and shipping, payment on invoice, completion.

Each buyer has a connection of his own and asks one thing after the other. Target: 60 a second on two cores, the load
and PostgreSQL on them too, and a whole purchase within 400 ms for 95 of 100 at 16 buyers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
import psutil
import uvloop
from tests.benchmarks.environment import Bench, serving, web
from tests.benchmarks.load import Line, Measured

from feria_core.testing.ports import free_port

ADDRESS = {
    "name": "B",
    "line1": "Street 1",
    "city": "San José",
    "region": "SJ",
    "postal_code": "10101",
    "country": "CR",
}
BUYERS = (1, 16, 64)
# One for each of the two cores that the target is for.
WEB_PROCESSES = 2
# At as many buyers as a busy hour has, so that each connection has its statements planned.
WARM_UP_S = 4.0


@dataclass(frozen=True)
class Bought:
    """Completed checkouts by number of buyers at once, and PostgreSQL's share of all processors meanwhile."""

    measured: dict[str, Measured]
    database_share: dict[str, float]


def buy_all(bench: Bench, seconds: float) -> Bought:
    """Return completed checkouts per second by number of buyers at once."""
    bought = Bought({}, {})
    port = free_port()
    with serving(web(port, processes=WEB_PROCESSES), bench.environment, port, "/readyz") as (base, _):
        with urllib.request.urlopen(f"{base}/api/products?limit=100") as answer:
            variants = [item["default_variant_id"] for item in json.load(answer)["items"]]
        uvloop.run(_buyers(base, variants, 16, WARM_UP_S))
        for count in BUYERS:
            name, before, began = f"whole purchases, {count} buyers", _database_s(), time.perf_counter()
            bought.measured[name] = uvloop.run(_buyers(base, variants, count, seconds))
            available = (time.perf_counter() - began) * (os.cpu_count() or 1)
            bought.database_share[name] = (_database_s() - before) / available
    return bought


def _database_s() -> float:
    """Return the seconds of processor time that this run's PostgreSQL has used."""
    used = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if process.name().startswith("postgres"):
                used += sum(process.cpu_times()[:2])
    return used


async def _buyers(base: str, variants: list[str], count: int, seconds: float) -> Measured:
    latencies: list[float] = []
    failed: list[int] = []
    until = time.perf_counter() + seconds
    address = urlsplit(base)

    async def buyer(number: int) -> None:
        dice = random.Random(number)
        _, line = await asyncio.get_running_loop().create_connection(Line, str(address.hostname), address.port or 80)
        while time.perf_counter() < until:
            began = time.perf_counter()
            status = await _purchase(line, dice.choice(variants))
            (latencies if status == 201 else failed).append(time.perf_counter() - began)  # type: ignore[arg-type]
        line.close()

    began = time.perf_counter()
    await asyncio.gather(*(buyer(number) for number in range(count)))
    took = time.perf_counter() - began
    ordered = sorted(latencies) or [0.0]
    return Measured(
        len(latencies) / took, ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3, len(failed)
    )


async def _purchase(line: Line, variant: str) -> int:
    """Buy one; return the status of the last answer."""
    added = await line.ask("POST", "/api/cart/items", {"variant_id": variant, "quantity": 1})
    headers = {"Cart-Token": added.header("cart-token")}
    opened = await line.ask("POST", "/api/checkouts", {}, headers)
    if opened.status != 201:
        return opened.status
    checkout = orjson.loads(opened.body)
    headers["Checkout-Token"] = checkout["token"]
    path = f"/api/checkouts/{checkout['id']}"
    details = {"email": "b@example.com", "shipping_address": ADDRESS, "shipping_method": "standard"}
    filled = await line.ask("PATCH", path, details, headers)
    once = {**headers, "Idempotency-Key": uuid4().hex}
    await line.ask("POST", f"{path}/payments", {"provider": "manual"}, once)
    total = {"expected_total": orjson.loads(filled.body)["grand_total"]}
    once = {**headers, "Idempotency-Key": uuid4().hex}
    return (await line.ask("POST", f"{path}/complete", total, once)).status
