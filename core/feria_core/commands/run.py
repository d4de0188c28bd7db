"""`feria run`: the whole shop in one command, for a first look and for development."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from feria_core.commands.deployment import FAILED, Deployment, deployment_options
from feria_core.commands.serve import child_environment
from feria_core.config import NO_FRONTEND, STOREFRONT, Config
from feria_core.errors import StartRefused
from feria_core.plugins import discover
from feria_core.processes import Supervisor

READY_WITHIN_S = 90
LOOPBACK = "127.0.0.1"
# Where the fake gateway sends its webhooks; docs/operating.md says what to enter at the real ones.
WEBHOOK_PATH = "/api/payments/stripe/webhook"
PAYPAL_WEBHOOK_PATH = "/api/payments/paypal/webhook"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one.")
@click.option("--no-demo", is_flag=True, help="Start with an empty shop.")
@click.option("--reload", is_flag=True, help="Start the web process anew when code or plugins.toml is saved.")
@deployment_options
def run(deployment: Deployment, host: str, port: int, *, no_demo: bool, reload: bool) -> int:
    """Start everything: database, cache, web, worker, a mailbox that catches every mail, a fake payment gateway.

    The data stays in --data; the first start fills it with demo data. Ctrl-C stops all in order. For production
    there are `feria serve` and `feria worker`.
    """
    began = time.monotonic()
    url = f"http://{host}:{_free_port(host, port)}"
    report = Report(deployment, url)
    with ExitStack() as stack:
        supervisor = stack.enter_context(Supervisor())
        config = stack.enter_context(_servers(deployment, supervisor, report))
        environment = _environment(deployment, config, url)
        _start_fakes(supervisor, deployment, environment, report)
        address = environment["FERIA_CORE__PUBLIC_URL"]
        prepared = _prepare(environment, demo=not no_demo, moved=deployment.has_moved(address))
        deployment.note_address(address)
        environment = {**prepared["environment"], **environment}
        report.prepared(prepared)
        watched = _watched(deployment) if reload else ()
        web = [sys.executable, "-m", "feria_core.web", "serve", host, url.rpartition(":")[2], "1", *watched]
        supervisor.add(web, name="web", env=environment)
        worker = [sys.executable, "-m", "feria_workers", str(deployment.plugins)]
        supervisor.add(worker, name="worker", env=environment)
        if not _answers(url, supervisor):
            return 0 if supervisor.stopping else FAILED
        report.ready(time.monotonic() - began)
        return supervisor.run_until_stopped()


class Report:
    """The start-up report: what was started, and where to look."""

    def __init__(self, deployment: Deployment, url: str) -> None:
        self._url = url
        self.has_shop = deployment.config().core.frontend != NO_FRONTEND
        click.echo(f"Feria {version('feria-core')}, data in {deployment.data}")

    def line(self, what: str, where: str) -> None:
        """Print one row."""
        click.echo(f"  {what:<16}{where}")

    def prepared(self, result: dict[str, Any]) -> None:
        """Print what migrations and demo data did."""
        self.line("modules", ", ".join(result["modules"]))
        self.line("migrations", f"{result['migrated']} applied" if result["migrated"] else "at head")
        for label, line in result["lines"]:
            self.line(label, line)

    def ready(self, took_s: float) -> None:
        """Print the addresses, and last the line that scripts wait for."""
        if self.has_shop:
            self.line("shop", f"{self._url}/")
        self.line("API", f"{self._url}/docs")
        self.line("mailbox", f"{self._url}/dev/mailbox")
        self.line("stop", "Ctrl-C")
        click.echo(f"started in {took_s:.1f} s")
        click.echo(f"ready {self._url}")
        sys.stdout.flush()


@contextmanager
def _servers(deployment: Deployment, supervisor: Supervisor, report: Report) -> Iterator[Config]:
    """Start PostgreSQL and Valkey where no URL names others, under the supervisor's eyes."""
    from feria_core.embedded import start_servers

    config = deployment.config()
    servers = start_servers(
        deployment.data, database_url=config.database_url or None, redis_url=config.redis_url or None
    )
    with servers:
        supervisor.adopt(servers.children)
        report.line("PostgreSQL", "from DATABASE_URL" if config.database_url else "embedded, on a Unix socket")
        report.line("Valkey", "from REDIS_URL" if config.redis_url else "embedded, on a Unix socket")
        try:
            yield deployment.config(database_url=servers.urls.database_url, redis_url=servers.urls.redis_url)
        finally:
            supervisor.stop()  # web and worker go before the servers that they talk to


def _environment(deployment: Deployment, config: Config, url: str) -> dict[str, str]:
    """Return the children's environment; what the caller has set himself wins."""
    defaults = {
        "FERIA_CORE__PUBLIC_URL": url,
        "FERIA_CORE__LOG_FORMAT": "console",
        "FERIA_CORE__LOG_LEVEL": "warning",
        "FERIA_CORE__DEV_MAILBOX": str(deployment.data / "mailbox"),
        **({} if config.core.frontend else {"FERIA_CORE__FRONTEND": STOREFRONT}),
        **_gateway_secrets(deployment.data / "gateway-secrets.json"),
    }
    return {**defaults, **child_environment(deployment, config)}


def _start_fakes(supervisor: Supervisor, deployment: Deployment, environment: dict[str, str], report: Report) -> None:
    """Start mailbox, gateway and GitHub, and add their addresses to `environment`.

    Nobody waits for them: their ports are chosen here, and their first caller comes seconds later.
    """
    gateway_port, smtp_port, github_port = (_free_port(LOOPBACK, 0) for _ in range(3))
    command = [
        sys.executable, "-m", "feria_core.testing.devservices",
        "--mail-dir", str(deployment.data / "mailbox"), "--ready-file", str(deployment.data / "devservices.json"),
        "--webhook-url", environment["FERIA_CORE__PUBLIC_URL"] + WEBHOOK_PATH,
        "--paypal-webhook-url", environment["FERIA_CORE__PUBLIC_URL"] + PAYPAL_WEBHOOK_PATH,
        "--state", str(deployment.data / "gateway.json"),
        "--gateway-port", str(gateway_port), "--smtp-port", str(smtp_port), "--github-port", str(github_port),
    ]  # fmt: skip
    supervisor.add(command, name="devservices", env=environment, restart=False)
    environment.setdefault("FERIA_CORE__SMTP_HOST", LOOPBACK)
    environment.setdefault("FERIA_CORE__SMTP_PORT", str(smtp_port))
    environment["FERIA_GATEWAY_URL"] = f"http://{LOOPBACK}:{gateway_port}"
    environment["FERIA_GITHUB_URL"] = f"http://{LOOPBACK}:{github_port}"
    report.line("gateway", f"{environment['FERIA_GATEWAY_URL']} plays Stripe and PayPal")


def _watched(deployment: Deployment) -> list[str]:
    """Return what `--reload` looks at: core, every installed module, plugins.toml. Raises StartRefused without eyes."""
    if find_spec("watchfiles") is None:
        raise StartRefused("--reload needs the library watchfiles: pip install 'feria-core[embedded]'")
    packages = {"feria_core", *(each.entry_point.module.partition(".")[0] for each in discover().values())}
    specs = (find_spec(package) for package in sorted(packages))
    folders = [str(Path(spec.origin).parent) for spec in specs if spec is not None and spec.origin is not None]
    return [*folders, str(deployment.plugins.resolve())]


def _prepare(environment: dict[str, str], *, demo: bool, moved: bool) -> dict[str, Any]:
    wanted = [*(["demo"] if demo else []), *(["moved"] if moved else [])]
    command = [sys.executable, "-m", "feria_core.commands.prepare", *wanted]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _answers(url: str, supervisor: Supervisor) -> bool:
    """Wait until the shop is ready; False where a signal or the end of a child came first."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and not supervisor.stopping:
        if any(child.poll() is not None for child in supervisor.children):
            return False
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer,  # noqa: S310 - our own address
        ):
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
        time.sleep(0.03)
    return False


def _gateway_secrets(path: Path) -> dict[str, str]:
    """Return the keys that shop and fake gateway share; made once for a data folder, readable by its owner only."""
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    made = {
        "FERIA_GATEWAY_SECRET_KEY": "sk_test_" + secrets.token_hex(16),
        "FERIA_GATEWAY_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(16),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(made, file)
    return made


def _free_port(host: str, port: int) -> int:
    """Return `port`, or a free one for 0. Raises StartRefused where it is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartRefused(
                f"{host}:{port} cannot be listened on ({error.strerror}): choose another with --port, or --port 0"
            ) from error
        return int(probe.getsockname()[1])
