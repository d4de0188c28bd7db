"""What logins cost the readers: `GET /api/products` alone, and while passwords are hashed on one core."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass

import aiohttp
from tests.benchmarks.environment import Bench, free_port, serving, web
from tests.benchmarks.load import Measured, measure

ACCOUNTS, PASSWORD = 20, "a bench of walnut"
READERS, LOGINS_AT_A_TIME = 4, 8
LIST = "/api/products?limit=20"
# One hash at a time; the limits that stop guessers would stop the measurement.
SETTINGS = {
    "FERIA_USERS__HASH_CONCURRENCY": "1",
    "FERIA_USERS__LOGINS_PER_MINUTE": "1000000",
    "FERIA_USERS__LOGIN_FAILURES_PER_MINUTE": "10000",
}


@dataclass(frozen=True)
class SignedIn:
    """The list without and with logins beside it, and those logins."""

    alone: Measured
    beside: Measured
    logins: Measured

    @property
    def rise(self) -> float:
        """The p95 of the list with logins, over the one without."""
        return self.beside.p95_ms / self.alone.p95_ms


def sign_in_all(bench: Bench, seconds: float) -> SignedIn:
    """Measure in turns, so that a slow moment of the machine meets both alike; return the better of each."""
    bench.run(_accounts)
    port = free_port()
    with serving(web(port), {**bench.environment, **SETTINGS}, port, "/healthz") as (base, _):
        return asyncio.run(_measured(base, seconds))


async def _measured(base: str, seconds: float) -> SignedIn:
    alone, beside, logins = [], [], []
    for _ in range(3):
        alone.append(await measure(base, [LIST], connections=READERS, seconds=seconds / 3))
        # Longer than the warm-up and the measurement together, so that no part of it runs alone.
        signing_in = asyncio.create_task(_sign_in(base, seconds / 3 * 1.3))
        beside.append(await measure(base, [LIST], connections=READERS, seconds=seconds / 3))
        logins.append(await signing_in)
    return SignedIn(min(alone, key=_p95), min(beside, key=_p95), min(logins, key=_p95))


async def _sign_in(base: str, seconds: float) -> Measured:
    """Sign in over and over for so long."""
    numbers, latencies, until = itertools.count(), list[float](), time.perf_counter() + seconds

    async def loop(http: aiohttp.ClientSession) -> None:
        while (began := time.perf_counter()) < until:
            body = {"email": _email(next(numbers) % ACCOUNTS), "password": PASSWORD}
            async with http.post(f"{base}/api/auth/login", json=body) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"a login was answered {answer.status}: {await answer.text()}")
            latencies.append(time.perf_counter() - began)

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(loop(http) for _ in range(LOGINS_AT_A_TIME)))
    ordered = sorted(latencies)
    return Measured(
        len(ordered) / seconds, ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3, 0
    )


def _p95(measured: Measured) -> float:
    return measured.p95_ms


def _email(number: int) -> str:
    return f"reader-{number}@example.com"


async def _accounts() -> None:
    from feria_users.service.staff import create_staff

    for number in range(ACCOUNTS):
        await create_staff(email=_email(number), password=PASSWORD)
