"""What is taken away in one web process is refused by every other within seconds."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from servers import FERIA, answers, feria, wait_for
from shop import Http

from feria_core._internal.migrations import connect
from feria_core.testing.databases import cloned_database
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey

WITHIN_S = 5
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Processes:
    """Web processes over one database, each with an address of its own."""

    http: tuple[Http, Http]
    database_url: str
    environment: dict[str, str]

    def execute(self, sql: str, *values: Any) -> None:
        async def run() -> None:
            connection = await connect(self.database_url)
            try:
                await connection.execute(sql, *values)
            finally:
                await connection.close()

        asyncio.run(run())


@pytest.fixture(scope="module")
def processes(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Processes]:
    folder = tmp_path_factory.mktemp("revocation")
    with cloned_database(server_urls[0], f"feria_revocation_{os.getpid()}") as url, ExitStack() as stack:
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": server_urls[1],
            "FERIA_PLUGINS": str(plugins_file),
            "FERIA_CORE__LOG_LEVEL": "error",
        }
        ports = (free_port(), free_port())
        for port in ports:
            command = ("serve", "--port", str(port))
            stack.enter_context(feria(*command, environment=environment, log=folder / f"{port}.log"))
        for port in ports:
            ready = f"http://127.0.0.1:{port}/readyz"
            wait_for(lambda ready=ready: answers(ready), within_s=90, what="both web processes are ready")
        yield Processes((Http(f"http://127.0.0.1:{ports[0]}"), Http(f"http://127.0.0.1:{ports[1]}")), url, environment)


def staff_of(processes: Processes, email: str) -> dict[str, str]:
    """Make a member of staff; return the tokens of a login."""
    command = [*FERIA, "staff", "create", "--email", email, "--password-stdin"]
    subprocess.run(command, input=PASSWORD, text=True, env={**os.environ, **processes.environment}, check=True)
    return sign_in(processes.http[0], email)


def sign_in(http: Http, email: str) -> dict[str, str]:
    answer = http.post("/api/auth/login", {"email": email, "password": PASSWORD})
    assert answer.status == 200, answer.json
    return dict(answer.json)


def status(http: Http, tokens: dict[str, str], path: str = "/api/users/me") -> int:
    return http.get(path, Authorization=f"Bearer {tokens['access_token']}").status


def refused_everywhere(processes: Processes, tokens: dict[str, str], path: str, refusal: int) -> None:
    began = time.monotonic()
    for http in processes.http:
        wait_for(lambda http=http: status(http, tokens, path) == refusal, within_s=WITHIN_S, what=f"{path} is refused")
    assert time.monotonic() - began < WITHIN_S


def test_logout_disabling_and_a_new_password_end_access_and_refresh_in_every_process(processes):
    def logout(email: str, tokens: dict[str, str]) -> None:
        processes.http[0].post("/api/auth/logout", {"refresh_token": tokens["refresh_token"]})

    def disable(email: str, tokens: dict[str, str]) -> None:
        bearer = f"Bearer {staff_of(processes, 'boss@example.org')['access_token']}"
        listed = processes.http[0].get("/api/admin/staff", Authorization=bearer).json["items"]
        path = next(f"/api/admin/staff/{item['id']}" for item in listed if item["email"] == email)
        answer = processes.http[0].call("PATCH", path, {"status": "disabled"}, Authorization=bearer)
        assert answer.json["status"] == "disabled"

    def change_password(email: str, tokens: dict[str, str]) -> None:
        body = {"current_password": PASSWORD, "new_password": "another walnut desk"}
        bearer = f"Bearer {tokens['access_token']}"
        answer = processes.http[0].call("PUT", "/api/users/me/password", body, Authorization=bearer)
        assert answer.status == 204, answer.json

    for act in (logout, disable, change_password):
        email = f"{act.__name__.replace('_', '-')}@example.org"
        tokens = staff_of(processes, email)
        assert [status(http, tokens) for http in processes.http] == [200, 200]
        act(email, tokens)
        refused_everywhere(processes, tokens, "/api/users/me", 401)
        for http in processes.http:
            assert http.post("/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status == 401


def test_a_lost_role_is_lost_in_every_process(processes):
    tokens = staff_of(processes, "lost-role@example.org")
    assert [status(http, tokens, "/api/admin/products") for http in processes.http] == [200, 200]
    processes.execute(
        "DELETE FROM users_staff WHERE account_id = (SELECT id FROM users_account WHERE email = $1)",
        "lost-role@example.org",
    )
    refused_everywhere(processes, tokens, "/api/admin/products", 403)
    assert [status(http, tokens) for http in processes.http] == [200, 200]
