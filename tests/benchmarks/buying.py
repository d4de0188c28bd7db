"""Whole purchases per second: cart, item, checkout, address and shipping, payment on invoice, completion."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
from tests.benchmarks.environment import Bench, free_port, serving, web
from tests.benchmarks.load import Measured

ADDRESS = {
    "name": "B",
    "line1": "Street 1",
    "city": "San José",
    "region": "SJ",
    "postal_code": "10101",
    "country": "CR",
}
BUYERS = (1, 16, 64)
WARM_UP_S = 2.0


@dataclass(frozen=True)
class Bought:
    """Completed checkouts by number of buyers at once, and PostgreSQL's share of all processors meanwhile."""

    measured: dict[str, Measured]
    database_share: dict[str, float]


def buy_all(bench: Bench, seconds: float) -> Bought:
    """Return completed checkouts per second by number of buyers at once."""
    bought = Bought({}, {})
    port = free_port()
    with serving(web(port, processes=2), bench.environment, port, "/readyz") as (base, _):
        with urllib.request.urlopen(f"{base}/api/products?limit=100") as answer:
            variants = [item["default_variant_id"] for item in json.load(answer)["items"]]
        asyncio.run(_buyers(base, variants, 1, WARM_UP_S))
        for count in BUYERS:
            name, before, began = f"whole purchases, {count} buyers", _database_s(), time.perf_counter()
            bought.measured[name] = asyncio.run(_buyers(base, variants, count, seconds))
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

    async def buyer(number: int, http: aiohttp.ClientSession) -> None:
        dice = random.Random(number)
        while time.perf_counter() < until:
            began = time.perf_counter()
            status = await _purchase(http, base, dice.choice(variants))
            (latencies if status == 201 else failed).append(time.perf_counter() - began)  # type: ignore[arg-type]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        began = time.perf_counter()
        await asyncio.gather(*(buyer(number, http) for number in range(count)))
        took = time.perf_counter() - began
    ordered = sorted(latencies) or [0.0]
    return Measured(
        len(latencies) / took, ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3, len(failed)
    )


async def _purchase(http: aiohttp.ClientSession, base: str, variant: str) -> int:
    """Buy one; return the status of the last answer."""
    headers: dict[str, str] = {}

    async def call(method: str, path: str, body: Any, **more: str) -> tuple[int, Any]:
        sent = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        async with http.request(method, base + path, json=body, headers=sent) as answer:
            if "Cart-Token" in answer.headers:
                headers["Cart-Token"] = answer.headers["Cart-Token"]
            return answer.status, await answer.json()

    await call("POST", "/api/cart/items", {"variant_id": variant, "quantity": 1})
    status, checkout = await call("POST", "/api/checkouts", {})
    if status != 201:
        return status
    headers["Checkout-Token"] = checkout["token"]
    path = f"/api/checkouts/{checkout['id']}"
    details = {"email": "b@example.com", "shipping_address": ADDRESS, "shipping_method": "standard"}
    _, checkout = await call("PATCH", path, details)
    await call("POST", f"{path}/payments", {"provider": "manual"}, Idempotency_Key=str(uuid4()))
    total = {"expected_total": checkout["grand_total"]}
    status, _ = await call("POST", f"{path}/complete", total, Idempotency_Key=str(uuid4()))
    return status
