"""What every command shares: which plugins.toml, which data folder, which servers."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from feria_core.config import Config, load_config
from feria_core.errors import FeriaError, StartRefused

T = TypeVar("T")
FAILED, REFUSED = 1, 2
_PUBLIC_URL = "FERIA_CORE__PUBLIC_URL"


@dataclass(frozen=True)
class Deployment:
    """The deployment that a command is about."""

    plugins: Path
    data: Path

    @contextmanager
    def servers(self) -> Iterator[Config]:
        """Give the configuration with servers to talk to.

        These are, in this order: those of DATABASE_URL and REDIS_URL, those that a `feria run` on the same data
        folder has started, or fresh ones that stop with the block. Raises StartRefused.
        """
        config = self.config()
        if config.database_url and config.redis_url:
            yield config
            return
        from feria_core.embedded import running_servers

        running = running_servers(self.data)
        if running is not None:
            yield self.config(database_url=running.database_url, redis_url=running.redis_url)
            return
        with self.own_servers(config) as started:
            yield started

    @contextmanager
    def own_servers(self, config: Config) -> Iterator[Config]:
        """Give the configuration with servers started here, where no URL names others."""
        from feria_core.embedded import start_servers

        database_url, redis_url = config.database_url or None, config.redis_url or None
        with start_servers(self.data, database_url=database_url, redis_url=redis_url) as servers:
            yield self.config(database_url=servers.urls.database_url, redis_url=servers.urls.redis_url)

    def config(self, *, database_url: str = "", redis_url: str = "") -> Config:
        """Return the configuration; pictures belong into the data folder unless a setting says otherwise."""
        config = load_config(self.plugins, database_url=database_url, redis_url=redis_url)
        if "media_dir" in config.core.model_fields_set:
            return config
        environment = {**os.environ, "FERIA_CORE__MEDIA_DIR": str(self.data / "media")}
        return load_config(self.plugins, environment=environment, database_url=database_url, redis_url=redis_url)

    def has_moved(self, url: str) -> bool:
        """Return True where `feria run` served the data folder under another address before."""
        return self._address.exists() and self._address.read_text(encoding="utf-8") != url

    def note_address(self, url: str) -> None:
        """Let later commands on the data folder know under which address `feria run` serves it."""
        made = self._address.with_suffix(".new")
        made.write_text(url, encoding="utf-8")
        made.replace(self._address)

    def as_served(self, config: Config) -> Config:
        """Return the configuration with the address that `feria run` gave the shop in the data folder.

        Its pages and mails name that one. Who names servers or an address himself is believed.
        """
        if "DATABASE_URL" in os.environ or _PUBLIC_URL in os.environ or not self._address.exists():
            return config
        url = self._address.read_text(encoding="utf-8")
        return replace(config, core=config.core.model_copy(update={"public_url": url}))

    @property
    def _address(self) -> Path:
        return self.data / "public-url"


def deployment_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add --plugins and --data to a command; it gets a Deployment as its first argument."""

    @click.option(
        "--plugins",
        type=click.Path(path_type=Path),
        envvar="FERIA_PLUGINS",
        default=Path("plugins.toml"),
        show_default=True,
        help="Which modules run, and their settings.",
    )
    @click.option(
        "--data",
        type=click.Path(path_type=Path),
        envvar="FERIA_DATA",
        default=Path(".feria"),
        show_default=True,
        help="Folder of the servers that Feria starts itself, and of pictures.",
    )
    @functools.wraps(command)
    def with_deployment(*args: Any, plugins: Path, data: Path, **options: Any) -> T:
        return command(Deployment(plugins.absolute(), data.absolute()), *args, **options)

    return with_deployment


def run_with_runtime(
    deployment: Deployment, work: Callable[[], Awaitable[T]], *, statement_timeout_ms: int | None = None
) -> T:
    """Return what `work` returns, run with the modules loaded and the database open. Raises StartRefused.

    `statement_timeout_ms` takes the place of the setting, for what looks through all there is.
    """
    from feria_core._internal.database import close_database
    from feria_core.app import open_runtime
    from feria_core.logs import configure_logs
    from feria_core.memory import GARBAGE_OF_COMMANDS, collect_less
    from feria_core.runtime import load_runtime

    async def opened(config: Config) -> T:
        configure_logs(config.core)
        await open_runtime(load_runtime(config))
        collect_less(GARBAGE_OF_COMMANDS)  # once more: the modules are there by now
        try:
            return await work()
        finally:
            await close_database()

    with deployment.servers() as config:
        served = deployment.as_served(config)
        if statement_timeout_ms is not None:
            core = served.core.model_copy(update={"statement_timeout_ms": statement_timeout_ms})
            served = replace(served, core=core)
        collect_less(GARBAGE_OF_COMMANDS)
        with asyncio.Runner(loop_factory=_new_event_loop) as runner:
            return runner.run(opened(served))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that web processes use: what talks with PostgreSQL all the time is a twentieth faster."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def exit_code_of(call: Callable[[], Any]) -> int:
    """Run a command and return its exit code: 0 done, 1 failed, 2 refused by the configuration."""
    try:
        result = call()
    except StartRefused as refusal:
        click.echo(f"feria: {refusal}", err=True)
        return REFUSED
    except FeriaError as error:
        click.echo(f"feria: {error.detail}", err=True)
        return FAILED
    except click.ClickException as error:
        error.show()
        return REFUSED if isinstance(error, click.UsageError) else FAILED
    except click.exceptions.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, click.Abort):
        return FAILED
    return result if isinstance(result, int) else 0


def die(sentence: str) -> None:
    """End the command as failed with one sentence."""
    click.echo(f"feria: {sentence}", err=True)
    sys.exit(FAILED)
