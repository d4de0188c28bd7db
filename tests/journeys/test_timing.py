"""Known, unknown and disabled addresses cannot be told apart by the clock; apart from the suite, since it measures."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import combinations, count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from servers import answers, feria, wait_for

from feria_core._internal.migrations import connect
from feria_core.testing.ports import free_port

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

TRIES = 200
PASSWORD = "correct horse battery"
Kinds = dict[str, Callable[[], str]]
LIMITS = (
    "LOGINS_PER_MINUTE", "LOGIN_FAILURES_PER_MINUTE", "REGISTRATIONS_PER_MINUTE", "FORGOTTEN_PER_MINUTE",
    "MAILS_PER_HOUR", "ACCOUNT_FAILURES",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """A web process of its own over a fresh database: its address, and the database's."""
    from feria_core.testing.databases import cloned_database

    log = tmp_path_factory.mktemp("timing") / "web.log"
    with cloned_database(server_urls[0], "feria_timing") as url:
        port = free_port()
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": server_urls[1],
            "FERIA_PLUGINS": str(plugins_file),
            "FERIA_CORE__LOG_LEVEL": "error",
            **{f"FERIA_USERS__{name}": "10000" for name in LIMITS},
        }
        with feria("serve", "--port", str(port), environment=environment, log=log):
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), within_s=60, what="the web process is ready")
            yield f"http://127.0.0.1:{port}", url


async def people(base: str, database_url: str) -> aiohttp.ClientSession:
    """Make known@ and disabled@ beside nobody; return a session that can call."""
    http = aiohttp.ClientSession(base)
    for who in ("known", "disabled", "me"):
        body = {"email": f"{who}@example.org", "password": PASSWORD, "name": "Ana"}
        async with http.post("/api/auth/register", json=body) as answer:
            assert answer.status == 202
    connection = await connect(database_url)
    try:
        await connection.execute(
            "UPDATE users_account SET email_verified_at = now(), password_hash ="
            " (SELECT max(password_hash) FROM users_one_time_token t WHERE t.account_id = users_account.id)"
        )
        await connection.execute("UPDATE users_account SET status = 'disabled' WHERE email = 'disabled@example.org'")
    finally:
        await connection.close()
    return http


async def measured(
    call: Callable[[str], Awaitable[Any]], kinds: dict[str, Callable[[], str]]
) -> dict[str, list[float]]:
    """Call for each kind of address in a fresh random order each round; return the seconds that each took."""
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    seen = set()
    dice = random.Random(3)
    for _ in range(TRIES + 5):
        for kind in dice.sample(list(kinds), len(kinds)):
            began = time.perf_counter()
            seen.add(await call(kinds[kind]()))
            took[kind].append(time.perf_counter() - began)
    assert len(seen) == 1, seen
    return {kind: times[5:] for kind, times in took.items()}


def auc(left: list[float], right: list[float]) -> float:
    """Return the chance that a random one of `left` is smaller than one of `right`; 0.5 cannot be told apart."""
    return sum((a < b) + 0.5 * (a == b) for a in left for b in right) / (len(left) * len(right))


def kinds_of_address() -> Kinds:
    fresh = count()
    return {
        "known": lambda: "known@example.org",
        "unknown": lambda: f"nobody-{next(fresh)}@example.org",
        "disabled": lambda: "disabled@example.org",
    }


async def status_and_body(http: aiohttp.ClientSession, path: str, body: dict[str, str], **headers: str) -> Any:
    async with http.post(path, json=body, headers=headers) as answer:
        document = await answer.json()
        return answer.status, str(sorted((key, value) for key, value in document.items() if key != "instance"))


@pytest.mark.parametrize("what", ["login", "register", "forgot", "e-mail change"])
async def test_the_time_tells_nothing_about_an_address(shop, what):
    base, database_url = shop
    http = await people(base, database_url)
    try:
        signed_in = {"email": "me@example.org", "password": PASSWORD}
        async with http.post("/api/auth/login", json=signed_in) as answer:
            bearer = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}

        async def call(email: str) -> Any:
            if what == "login":
                return await status_and_body(http, "/api/auth/login", {"email": email, "password": "a wrong password"})
            if what == "register":
                body = {"email": email, "password": PASSWORD, "name": "Ana"}
                return await status_and_body(http, "/api/auth/register", body)
            if what == "forgot":
                return await status_and_body(http, "/api/auth/password/forgot", {"email": email})
            return await status_and_body(http, "/api/users/me/email", {"email": email, "password": PASSWORD}, **bearer)

        took = await measured(call, kinds_of_address())
    finally:
        await http.close()
        await asyncio.sleep(0)
    for left, right in combinations(took, 2):
        assert 0.40 <= auc(took[left], took[right]) <= 0.60, (what, left, right, auc(took[left], took[right]))
