"""What logins cost the readers: `GET /api/products` alone, and while passwords are hashed on one core.

With a web process for each of two cores, as a shop is deployed, and with one that readers and logins share.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median

import aiohttp
from tests.benchmarks.environment import Bench, busy_loop, serving, web
from tests.benchmarks.load import Measured, measure

from feria_core.processes import give_way
from feria_core.testing.ports import free_port
from feria_users.service.hash_work import NICENESS

ACCOUNTS, PASSWORD = 20, "a bench of walnut"
READERS, LOGINS_AT_A_TIME, ROUNDS = 16, 8, 9
DEPLOYED = 2  # web processes, on the two cores of the machine that figures are quoted for
START_S = 1.0  # until that process has started and the first hashes run
LIST = "/api/products?limit=20"
# One hash at a time in each web process, on one core of the machine in all. The limits that stop guessers would stop
# the measurement.
SETTINGS = {
    "FERIA_USERS__HASH_CONCURRENCY": "1",
    "FERIA_USERS__HASH_CORES": "1",
    "FERIA_USERS__LOGINS_PER_MINUTE": "1000000",
    "FERIA_USERS__LOGIN_FAILURES_PER_MINUTE": "10000",
}


@dataclass(frozen=True)
class SignedIn:
    """The list alone, with logins beside it, and with nothing but a busy loop of the hash's priority beside it.

    One of each in every round, so that a slow moment of the machine meets all three alike.
    """

    processes: int
    alone: list[Measured]
    beside: list[Measured]
    floor: list[Measured]
    logins: list[Measured]

    @property
    def rise(self) -> float:
        """The p95 of the list with logins, over the one without: the median of the rounds."""
        return median(_rises(self.alone, self.beside))

    def ratios(self) -> list[tuple[str, float, str]]:
        """Return what `make bench` prints: the promise, how far its rounds lie apart, and what no program can avoid."""
        rises, floor = _rises(self.alone, self.beside), median(_rises(self.alone, self.floor))
        target = "at most 1.25" if self.processes == DEPLOYED else "two cores, three that want one"
        return [
            (f"p95 of the list with logins / without, {self._web}, median of rounds", self.rise, target),
            ("  its lower quartile", rises[len(rises) // 4], ""),
            ("  its upper quartile", rises[len(rises) * 3 // 4], ""),
            ("  the same with a busy loop of that priority instead of logins", floor, "what the machine costs"),
        ]

    def figures(self) -> dict[str, Measured]:
        """Return the round in the middle of each."""
        return {
            f"list alone, {self._web}": _middle(self.alone),
            f"list beside logins, {self._web}": _middle(self.beside),
            f"list beside a busy loop, {self._web}": _middle(self.floor),
            f"logins, {self._web}": _middle(self.logins),
        }

    @property
    def _web(self) -> str:
        return f"{self.processes} web process{'es' * (self.processes > 1)}"


def sign_in_all(bench: Bench, seconds: float) -> list[SignedIn]:
    """Measure in turns for so long in all."""
    bench.run(_accounts)
    return [_signed_in(bench, processes, seconds / 2) for processes in (DEPLOYED, 1)]


def _signed_in(bench: Bench, processes: int, seconds: float) -> SignedIn:
    port = free_port()
    environment = {**bench.environment, **SETTINGS}
    with serving(web(port, processes=processes), environment, port, "/healthz") as (base, _):
        return asyncio.run(_measured(base, processes, seconds / ROUNDS / 3))


async def _measured(base: str, processes: int, seconds: float) -> SignedIn:
    found = SignedIn(processes, [], [], [], [])
    for _ in range(ROUNDS):
        found.alone.append(await _list(base, seconds))
        # Longer than the warm-up and the measurement together, so that no part of it runs alone.
        signing_in = await _signing_in(base, seconds * 1.3 + START_S)
        found.beside.append(await _list(base, seconds))
        output, _ = await signing_in.communicate()
        found.logins.append(Measured(**json.loads(output)))
        with busy_loop(f"give_way({NICENESS})"):
            found.floor.append(await _list(base, seconds))
    return found


async def _list(base: str, seconds: float) -> Measured:
    return await measure(base, [LIST], connections=READERS, seconds=seconds)


async def _signing_in(base: str, seconds: float) -> asyncio.subprocess.Process:
    """Start a process that signs in: in this one its work would count as time that readers wait."""
    command = [sys.executable, "-m", "tests.benchmarks.signing_in", base, str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    await asyncio.sleep(START_S)
    return process


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


def _rises(alone: list[Measured], beside: list[Measured]) -> list[float]:
    return sorted(busy.p95_ms / quiet.p95_ms for quiet, busy in zip(alone, beside, strict=True))


def _middle(rounds: list[Measured]) -> Measured:
    return sorted(rounds, key=lambda measured: measured.p95_ms)[len(rounds) // 2]


def _email(number: int) -> str:
    return f"reader-{number}@example.com"


async def _accounts() -> None:
    from feria_users.service.staff import create_staff

    for number in range(ACCOUNTS):
        await create_staff(email=_email(number), password=PASSWORD)


if __name__ == "__main__":
    give_way(NICENESS)  # in life the clients are other machines
    sys.stdout.write(json.dumps(asdict(asyncio.run(_sign_in(sys.argv[1], float(sys.argv[2]))))))
