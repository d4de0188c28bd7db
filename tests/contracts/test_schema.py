"""What the OpenAPI document promises is what is served: schemathesis, all its checks, as staff and as a customer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from quart import Quart
from servers import answers, wait_for

from feria_core._internal.migrations import connect
from feria_core.http.openapi import document, path_of
from feria_core.ids import new_id
from feria_core.runtime import current
from feria_core.testing.callers import credential
from feria_core.testing.ports import free_port

HERE = Path(__file__).parent
SEED = "20261128"
# Its workers are threads; up to Python 3.12 two that parse at once may end in a SystemError of `ast` (cpython#106905).
WORKERS = "2" if sys.version_info >= (3, 13) else "1"
# Operators ask these, or they are pages for people: no part of the API that the document describes.
UNDOCUMENTED = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/errors"}
PAGES = ("/admin", "/dev/")


@dataclass(frozen=True)
class Served:
    """A web process of its own, and the credentials of two accounts on it."""

    base: str
    staff: str
    customer: str
    log: Path


@pytest.fixture
async def served(
    app: Quart, own_database_url: str, server_urls: tuple[str, str], plugins_file: Path, tmp_path: Path
) -> Any:
    """Every module on a database of its own, with an account of staff and one of a customer."""
    staff_id, customer_id = new_id(), new_id()
    connection = await connect(own_database_url)
    await connection.executemany(
        "INSERT INTO users_account (id, email, email_normalized, name, locale, email_verified_at,"
        " created_at, updated_at) VALUES ($1, $2, $2, 'Ana', 'en', now(), now(), now())",
        [(staff_id, "staff@example.com"), (customer_id, "customer@example.com")],
    )
    await connection.close()
    rights = sorted(right.name for module in current().modules for right in module.manifest.permissions)
    environment = {
        "DATABASE_URL": own_database_url, "REDIS_URL": server_urls[1], "FERIA_PLUGINS": str(plugins_file),
        "FERIA_CORE__LOG_LEVEL": "error", "FERIA_CORE__SMTP_PORT": "1",
        "FERIA_CORE__MEDIA_DIR": str(tmp_path / "media"),
    }  # fmt: skip
    with _running(environment, tmp_path / "web.log") as base:
        yield Served(base, credential("staff", staff_id, *rights), _customer(customer_id), tmp_path / "web.log")


def _customer(account: UUID) -> str:
    return credential("customer", account)


@contextmanager
def _running(environment: dict[str, str], log: Path) -> Iterator[str]:
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "schema_server.py", str(port)],
            cwd=HERE, env={**os.environ, **environment}, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), within_s=120, what="the web process is ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def ask_everything(served: Served, bearer: str, *options: str) -> None:
    """Run schemathesis over the whole document; fails with what it found, or where the process says that it broke."""
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run",
         f"{served.base}/openapi.json", "-H", f"Authorization: Bearer {bearer}", "--seed", SEED, "--no-color",
         "--generation-database", "none", "--warnings", "off", "--continue-on-failure", "--workers", WORKERS, *options],
        cwd=HERE, env={**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "schema_hooks"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout
    assert "request.failed" not in served.log.read_text(encoding="utf-8")


@pytest.mark.timeout(600)
def test_well_formed_requests_to_every_operation_hold(served: Served) -> None:
    """The examples and the bounds of every parameter and field; staff's operations as staff alone."""
    bounds = ("--phases", "examples,coverage", "--mode", "positive")
    ask_everything(served, served.staff, *bounds)
    ask_everything(served, served.customer, *bounds, "--exclude-path-regex", "^/api/admin")


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("who", ["staff", "customer"])
def test_everything_that_schemathesis_makes_holds(served: Served, who: str) -> None:
    """Well-formed and broken requests, made at random too, and operations after each other."""
    bearer = served.staff if who == "staff" else served.customer
    ask_everything(served, bearer, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "30")


def test_the_paths_that_are_served_are_those_that_are_documented(app: Quart) -> None:
    served = {
        (path_of(rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = {(path, method.upper()) for path, methods in document(app)["paths"].items() for method in methods}
    assert documented - served == set()
    missing = {path for path, _ in served - documented}
    assert {path for path in missing if path not in UNDOCUMENTED and not path.startswith(PAGES)} == set()
