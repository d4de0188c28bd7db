"""pytest's plugin: real PostgreSQL and Valkey, a database for each test process, an application, a clock.

The servers are started once; the template database is migrated once and cloned for each process of
pytest-xdist; after each test the tables that it filled are emptied.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from quart import Quart

    from feria_core.testing.client import ApiClient
    from feria_core.testing.clock import MovableClock
    from feria_core.testing.gateway import FakeGateway
    from feria_core.testing.github import FakeGitHub
    from feria_core.testing.mailbox import Mailbox

SERVERS = pytest.StashKey[Any]()
_numbers = itertools.count()
URLS = ("FERIA_TEST_DATABASE_URL", "FERIA_TEST_REDIS_URL")


def pytest_configure() -> None:
    """Let no property test fail because the machine is busy: neither its examples nor their making has a time."""
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:
        return
    settings.register_profile("feria", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("feria")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Any) -> None:
    """Start the servers in the controlling process, so that all test processes share them."""
    del specs
    _start_servers(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    started = config.stash.get(SERVERS, None)
    if started is None:
        return
    from feria_core.embedded import remove_servers_data

    servers, folder = started
    servers.stop()
    remove_servers_data(folder)
    shutil.rmtree(folder, ignore_errors=True)
    for name in URLS:
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def server_urls(pytestconfig: pytest.Config) -> tuple[str, str]:
    """The template's database URL and the Redis URL of this run."""
    _start_servers(pytestconfig)
    return os.environ[URLS[0]], os.environ[URLS[1]]


@pytest.fixture(scope="session")
def plugins_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugins.toml that enables every installed module."""
    from feria_core.testing.deployment import write_plugins

    return write_plugins(tmp_path_factory.mktemp("plugins") / "plugins.toml")


@pytest.fixture(scope="session")
def database_url(server_urls: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test process alone, cloned from the migrated template."""
    from feria_core.testing.databases import cloned_database

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    del request
    with cloned_database(server_urls[0], f"feria_test_{worker}") as url:
        yield url


@pytest.fixture
def own_database_url(server_urls: tuple[str, str]) -> Iterator[str]:
    """A migrated database of this test alone, for tests that start server or worker processes."""
    from feria_core.testing.databases import cloned_database

    with cloned_database(server_urls[0], f"feria_own_{os.getpid()}_{next(_numbers)}") as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mailbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailbox]:
    """An SMTP server that keeps every mail of this test process."""
    from feria_core.testing.mailbox import Mailbox

    async with Mailbox(tmp_path_factory.mktemp("mail")) as box:
        yield box


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(
    database_url: str,
    server_urls: tuple[str, str],
    plugins_file: Path,
    mailbox: Mailbox,
    module_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Quart]:
    """The application with every module, its lifespan run, its database open."""
    from quart.testing.app import TestApp

    from feria_core.app import create_app
    from feria_core.config import load_config
    from feria_core.runtime import current
    from feria_core.testing.callers import admit

    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": server_urls[1],
        "FERIA_CORE__SMTP_HOST": "127.0.0.1",
        "FERIA_CORE__SMTP_PORT": str(mailbox.port),
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__POOL_SIZE": "20",
        "FERIA_CORE__MEDIA_DIR": str(tmp_path_factory.mktemp("data") / "media"),
        **module_environment,
    }
    application = create_app(load_config(plugins_file, environment=environment))
    admit(current().registry)
    # Quart gives up after 6 s, which a busy machine may need to open the pool.
    async with TestApp(application, startup_timeout=120, shutdown_timeout=120):
        yield application


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway() -> AsyncIterator[FakeGateway]:
    """The fake payment gateway of this test process, which the application under test pays at."""
    from feria_core.testing.gateway import fake_gateway

    async with fake_gateway() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def github() -> AsyncIterator[FakeGitHub]:
    """The fake of GitHub of this test process, which the application under test reads."""
    from feria_core.testing.github import fake_github

    async with fake_github() as running:
        yield running


@pytest.fixture(scope="session")
def module_environment(gateway: FakeGateway, github: FakeGitHub) -> dict[str, str]:
    """The settings by which the modules use the fakes, as `feria run` has them."""
    from feria_core.module import DevServices
    from feria_core.plugins import discover
    from feria_core.testing.deployment import development_environment

    services = DevServices(gateway.url, gateway.secret_key, gateway.webhook_secret, github_url=github.url)
    return development_environment({m.name: m.entry_point.load() for m in discover().values()}, services)


@pytest_asyncio.fixture(loop_scope="session")
async def database(app: Quart) -> AsyncIterator[None]:
    """An open, empty database; emptied again after the test."""
    from feria_core.testing.databases import empty_tables

    del app
    yield
    await empty_tables()


@pytest_asyncio.fixture(loop_scope="session")
async def client(app: Quart, database: None, mailbox: Mailbox) -> AsyncIterator[ApiClient]:
    """A client of the application, in process; nothing of an earlier test is in database, cache or mailbox."""
    from feria_core.testing.client import ApiClient

    del database
    mailbox.clear()
    yield ApiClient(app)


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    """A clock that stands still until the test moves it."""
    from feria_core.testing.clock import MovableClock

    with MovableClock() as movable:
        yield movable


@pytest.fixture(scope="module")
def text_site() -> Iterator[Any]:
    """What serves rich text to `text_browser`."""
    from feria_core.testing.rich_text import serving

    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def text_browser() -> Iterator[Any]:
    """Headless Chromium, which notes what rich text runs."""
    from feria_core.testing.rich_text import chromium

    with chromium() as started:
        yield started


def _start_servers(config: pytest.Config) -> None:
    if all(name in os.environ for name in URLS):
        return
    from feria_core.embedded import start_servers
    from feria_core.testing.databases import migrated_template

    folder = Path(tempfile.mkdtemp(prefix="feria-test-"))
    servers = start_servers(folder, fast=True)
    config.stash[SERVERS] = (servers, folder)
    os.environ[URLS[1]] = servers.urls.redis_url
    os.environ[URLS[0]] = migrated_template(servers.urls.database_url)
