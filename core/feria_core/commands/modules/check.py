"""`feria modules check`: the set on a copy of the database, before it is the set on the database."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import click
import orjson

from feria_core._internal import migrations
from feria_core._internal.database import credentials
from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.plugins import select

START_TIMEOUT_S, ANSWER_TIMEOUT_S = 120, 30
SMOKED = ("/healthz", "/readyz", "/openapi.json")


class CheckFailed(click.ClickException):
    """The set does not work on a copy of the database."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it as every command does."""
        click.echo(f"feria: {self.message}", file=file, err=True)


@click.command()
@deployment_options
def check(deployment: Deployment) -> None:
    """Try the enabled set on a copy of the database; the database itself stays as it is.

    Copies the database on the same server, migrates the copy, starts a web process of the set on it, asks /healthz,
    /readyz, /openapi.json and every GET without variables, and drops the copy. No worker runs, so no job is done and
    no mail is sent. Where nobody is connected the copy is made by the server itself (CREATE DATABASE ... TEMPLATE),
    else by pg_dump. Try another set with --plugins. Exit code 1 where something fails, 2 where the set is refused.
    """
    with deployment.servers() as config:
        select(config)
        with _copy(config.session_url) as (url, how):
            click.echo(f"the database is copied by {how}")
            environment = _environment(deployment, config, url)
            _migrate(environment)
            with _served(environment) as base:
                asked = _smoke(base)
    click.echo(f"{asked} routes answer; the copy is dropped: the set works")


@contextmanager
def _copy(url: str) -> Iterator[tuple[str, str]]:
    """Give the URL of a full copy and how it was made; the copy is dropped with the block."""
    name = f"feria_check_{uuid4().hex[:12]}"
    target = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    try:
        yield target, asyncio.run(_create(url, name)) or _dumped(url, target)
    finally:
        asyncio.run(_drop(url, name))


async def _create(url: str, name: str) -> str:
    """Create the copy; return "the server", or "" where the source is in use and the copy is therefore empty yet."""
    connection = await migrations.connect(url)
    source = credentials(url)["database"].replace('"', '""')
    try:
        await connection.execute("SET statement_timeout = 0")
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        except (asyncpg.ObjectInUseError, asyncpg.InsufficientPrivilegeError):
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            return ""
    except asyncpg.InsufficientPrivilegeError as error:
        raise StartRefused(
            "the role of DATABASE_URL may not create databases, and a check needs a copy: ALTER ROLE ... CREATEDB, "
            "or check with another role"
        ) from error
    finally:
        await connection.close()
    return "the server"


def _dumped(url: str, target: str) -> str:
    """Fill the empty copy with pg_dump and psql. Raises StartRefused where these are missing, CheckFailed."""
    programs = _programs(asyncio.run(_server_version(url)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "copy.sql"
        dump: list[str | Path] = [programs / "pg_dump", "--no-owner", "--no-privileges", "--file", file, url]
        fill: list[str | Path] = [
            programs / "psql",
            "--quiet",
            "--no-psqlrc",
            "--set",
            "ON_ERROR_STOP=1",
            "--file",
            file,
            target,
        ]
        for command in (dump, fill):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
            if done.returncode:
                raise CheckFailed(f"the database cannot be copied: {_last_line(done.stderr)}")
    return "pg_dump, since somebody is connected to it"


def _programs(server: int) -> Path:
    """Return the folder with pg_dump and psql nearest to the server's major version, none older: pg_dump refuses."""
    from feria_core.embedded.binaries import postgres_folders

    on_path = shutil.which("pg_dump")
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *postgres_folders()]
    fitting = [
        (version, folder)
        for folder in folders
        if (folder / "psql").exists() and (version := _version(folder / "pg_dump")) >= server
    ]
    if not fitting:
        raise StartRefused(
            f"somebody is connected to the database, so it is copied by pg_dump and psql {server} or newer, which are "
            "missing here: install PostgreSQL's client programs, or stop the shop for as long as the check takes"
        )
    return min(fitting)[1]


def _version(program: Path) -> int:
    """Return the program's major version, 0 where it does not run."""
    with suppress(OSError):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        if found := re.search(r"\d+", said):
            return int(found.group())
    return 0


async def _server_version(url: str) -> int:
    connection = await migrations.connect(url)
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()


async def _drop(url: str, name: str) -> None:
    connection = await migrations.connect(url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _environment(deployment: Deployment, config: Config, url: str) -> dict[str, str]:
    here = {"FERIA_PLUGINS": str(deployment.plugins), "FERIA_DATA": str(deployment.data)}
    return {**os.environ, **here, "DATABASE_URL": url, "DATABASE_DIRECT_URL": url, "REDIS_URL": config.redis_url}


def _migrate(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "feria_core.cli", "migrate", "up"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    click.echo(done.stdout, nl=False)
    if done.returncode:
        raise CheckFailed(f"the copy cannot be migrated: {_last_line(done.stderr)}")


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[str]:
    """Run a web process of the set; give the address at which it answers. Raises CheckFailed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "feria_core.cli", "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own command
        try:
            _wait(process, f"http://127.0.0.1:{port}/healthz", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Any) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=ANSWER_TIMEOUT_S):  # noqa: S310 - our own process
            return
        time.sleep(0.1)
    log.seek(0)
    said = _last_line(log.read().decode(errors="replace"))
    raise CheckFailed(f"the set does not start on the copy: {said or f'no answer within {START_TIMEOUT_S} s'}")


def _smoke(base: str) -> int:
    """Ask what can be asked without an account or a body; return how many routes. Raises CheckFailed."""
    for path in SMOKED:
        status = _status(base + path)
        if status != 200:  # noqa: PLR2004 - the one good answer of these
            raise CheckFailed(f"GET {path} answers {status} on the copy")
    with urllib.request.urlopen(f"{base}/openapi.json", timeout=ANSWER_TIMEOUT_S) as answer:  # noqa: S310
        paths = orjson.loads(answer.read())["paths"]
    asked = [path for path, operations in paths.items() if "get" in operations and "{" not in path]
    broken = [f"{path} ({status})" for path in asked if (status := _status(base + path)) >= 500]  # noqa: PLR2004
    if broken:
        raise CheckFailed(f"these fail on the copy: {', '.join(broken)}")
    return len(set(asked) | set(SMOKED))


def _status(url: str) -> int:
    """Return the status of a GET; 504 where nothing comes."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_TIMEOUT_S) as answer:  # noqa: S310 - our own process
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 504


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("feria: ") if lines else ""
