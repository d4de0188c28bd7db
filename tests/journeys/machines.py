"""The same shop on machines of its own: two web, two worker, a load balancer, PgBouncer, one PostgreSQL, one Redis.

`FERIA_JOURNEYS_ON=machines` lets every journey that asks for a `running_shop` walk through these instead of through
one `feria run`. A machine is a process with its own address of the loopback network and its own data folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path

from balancer import Balancer, balancing
from pooling import pgbouncer
from servers import answers, feria, wait_for

from feria_core.commands.run import PAYPAL_WEBHOOK_PATH, WEBHOOK_PATH
from feria_core.config import STOREFRONT
from feria_core.embedded import start_servers
from feria_core.testing.ports import free_port

WEBS = ("127.0.0.2", "127.0.0.3")
WORKERS = ("worker-1", "worker-2")
PLAYED = {"FERIA_GATEWAY_URL": "gateway_url", "FERIA_GITHUB_URL": "github_url"}


@contextmanager
def machines(data: Path, log: Path, environment: dict[str, str], *, has_demo: bool) -> Iterator[str]:
    """Start everything on fresh servers in `data`; give the balancer's address, and stop all at the end."""
    with ExitStack() as stack:
        servers = stack.enter_context(start_servers(data)).urls
        balancer, base = stack.enter_context(_balancing())
        shared = {
            **environment,
            "DATABASE_URL": stack.enter_context(pgbouncer(servers.database_url)),
            "DATABASE_DIRECT_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "FERIA_CORE__PGBOUNCER": "true",
            "FERIA_CORE__PUBLIC_URL": base,
            "FERIA_CORE__LOG_LEVEL": "info",
            "FERIA_CORE__FRONTEND": STOREFRONT,
            "FERIA_CORE__MEDIA_DIR": str(data / "media"),
            "FERIA_CORE__DEV_MAILBOX": str(data / "mailbox"),
            "FERIA_GATEWAY_SECRET_KEY": "sk_test_" + secrets.token_hex(16),
            "FERIA_GATEWAY_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(16),
        }
        shared |= stack.enter_context(_outside_world(data, base, shared, log))
        shared = {**_prepared(shared, has_demo=has_demo), **shared}
        for host in WEBS:
            port = free_port()
            own = {**shared, "FERIA_DATA": str(data / host)}
            serve = ("serve", "--host", host, "--port", str(port))
            stack.enter_context(feria(*serve, environment=own, log=log))
            wait_for(lambda: answers(f"http://{host}:{port}/readyz"), within_s=120, what=f"{host} serves")  # noqa: B023
            balancer.add(host, port)
        for name in WORKERS:
            stack.enter_context(feria("worker", environment={**shared, "FERIA_DATA": str(data / name)}, log=log))
        ready = "worker.ready"
        wait_for(lambda: log.read_text().count(ready) >= len(WORKERS), within_s=120, what="both workers are ready")
        yield base
        # Otherwise the journeys have shown nothing of two machines.
        assert all(machine.answered for machine in balancer.machines)


@contextmanager
def _balancing() -> Iterator[tuple[Balancer, str]]:
    """Give a balancer that runs in a thread."""
    started: Future[tuple[Balancer, str, Callable[[], object]]] = Future()

    async def run() -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        async with balancing() as (balancer, base):
            started.set_result((balancer, base, lambda: loop.call_soon_threadsafe(stopping.set)))
            await stopping.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    balancer, base, stop = started.result(30)
    try:
        yield balancer, base
    finally:
        stop()
        thread.join(30)


@contextmanager
def _outside_world(data: Path, base: str, environment: dict[str, str], log: Path) -> Iterator[dict[str, str]]:
    """Start the mailbox, the gateway and GitHub as `feria run` does; give the variables that name them."""
    ready = data / "devservices.json"
    command = [
        sys.executable, "-m", "feria_core.testing.devservices", "--mail-dir", str(data / "mailbox"),
        "--ready-file", str(ready), "--state", str(data / "gateway.json"),
        "--webhook-url", base + WEBHOOK_PATH,
        "--paypal-webhook-url", base + PAYPAL_WEBHOOK_PATH,
    ]  # fmt: skip
    with log.open("ab") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        wait_for(ready.exists, within_s=60, what="the fakes are ready")
        told = json.loads(ready.read_text(encoding="utf-8"))
        mail = {"FERIA_CORE__SMTP_HOST": told["smtp_host"], "FERIA_CORE__SMTP_PORT": str(told["smtp_port"])}
        yield {**mail, **{variable: told[name] for variable, name in PLAYED.items()}}
    finally:
        process.terminate()
        process.wait(30)


def _prepared(environment: dict[str, str], *, has_demo: bool) -> dict[str, str]:
    """Migrate and fill the shop as `feria run` does; return the settings by which modules use the fakes."""
    command = [sys.executable, "-m", "feria_core.commands.prepare", *(["demo"] if has_demo else [])]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True, timeout=300)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])["environment"]
    return found
