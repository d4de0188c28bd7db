"""Opening and closing the pool, and telling every process which cached answers a commit made stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
from tortoise import Tortoise, connections
from tortoise import models as tortoise_models

from feria_core.config import CoreSettings
from feria_core.errors import StartRefused

CHANNEL = "feria_cache"
# NOTIFY takes at most 8000 bytes of payload (PostgreSQL manual, NOTIFY); past that everything is dropped.
MAX_PAYLOAD = 7500
ALL_TAGS = "*"

_pool: Any = None
_listeners: list[Callable[[Iterable[str]], None]] = []


def credentials(url: str) -> dict[str, Any]:
    """Return the parts of a `postgresql://` URL as Tortoise and asyncpg take them.

    Raises StartRefused where the URL is none; its password is never repeated.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise StartRefused("DATABASE_URL must begin with postgresql:// and name user, host and database")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "host": query.get("host") or parts.hostname or "localhost",
        "port": int(query.get("port") or parts.port or 5432),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or "feria",
        **({"ssl": query["sslmode"]} if "sslmode" in query else {}),
    }


def tortoise_config(url: str, core: CoreSettings, apps: Mapping[str, str], *, name: str = "feria") -> dict[str, Any]:
    """Return Tortoise's configuration for `apps`, a models module by app name."""
    settings = {
        "timezone": "UTC",
        "statement_timeout": str(core.statement_timeout_ms),
        "lock_timeout": str(core.lock_timeout_ms),
        "idle_in_transaction_session_timeout": "60000",
        # A shop's statements are short: compiling them costs more than it ever saves.
        "jit": "off",
    }
    extra = {
        "minsize": 1,
        "maxsize": core.pool_size,
        "wait_s": core.pool_wait_s,
        "slow_query_ms": core.slow_query_ms,
        "application_name": name,
        "server_settings": {} if core.pgbouncer else settings,
        **({"statement_cache_size": 0} if core.pgbouncer else {}),
    }
    return {
        "connections": {
            "default": {"engine": "feria_core._internal.backend", "credentials": {**credentials(url), **extra}}
        },
        "apps": {app: {"models": [models], "default_connection": "default"} for app, models in apps.items()},
        "use_tz": True,
        "timezone": "UTC",
    }


async def open_database(url: str, core: CoreSettings, apps: Mapping[str, str]) -> None:
    """Open the pool for this process.

    The global fallback lets request handlers see the ORM whatever task they run in: without it Tortoise 1.x
    keeps its state in the context of the task that opened it.
    """
    global _pool  # noqa: PLW0603 - one pool a process
    with _sources_unread():
        await Tortoise.init(config=tortoise_config(url, core, apps), _enable_global_fallback=True)
    _pool = connections.get("default")


@contextmanager
def _sources_unread() -> Iterator[None]:
    """Let Tortoise import models without parsing their files for comments on columns, one file again for each model.

    That is a third of a start with all modules, for comments that it writes only where it makes tables itself.
    """
    reads = tortoise_models._get_comments  # noqa: SLF001 - `_no_comments` in each model would be as private
    tortoise_models._get_comments = lambda cls: {}  # noqa: ARG005, SLF001
    try:
        yield
    finally:
        tortoise_models._get_comments = reads  # noqa: SLF001


def pool() -> Any:
    """Return the client of the pool itself.

    Tortoise's `connections.get()` gives a task that was started inside a transaction that transaction.
    """
    if _pool is None:
        raise RuntimeError("the database is not open in this process: await open_database() first")
    return _pool


def pool_use() -> tuple[int, int]:
    """Return how many connections of the pool work now, and how many are idle."""
    connections_of = pool()._pool  # noqa: SLF001 - Tortoise tells nobody how its pool is doing
    idle = int(connections_of.get_idle_size())
    return int(connections_of.get_size()) - idle, idle


async def close_database() -> None:
    """Close the pool; connections in use are waited for at most ten seconds."""
    await Tortoise.close_connections()


def on_stale(listener: Callable[[Iterable[str]], None]) -> None:
    """Call `listener` with the tags that a commit of this process made stale."""
    _listeners.append(listener)


def forget_listener(listener: Callable[[Iterable[str]], None]) -> None:
    """Undo `on_stale`."""
    _listeners.remove(listener)


async def announce(client: Any, tags: set[str]) -> None:
    """Send the stale tags to every process, delivered by PostgreSQL exactly when the transaction commits."""
    if not tags:
        return
    payload = orjson.dumps(sorted(tags)).decode()
    if len(payload) > MAX_PAYLOAD:
        payload = orjson.dumps([ALL_TAGS]).decode()
    async with client.acquire_connection() as connection:
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)


def apply_locally(tags: set[str]) -> None:
    """Drop what the commit made stale in this process at once: the writer's own next read must see it."""
    if tags:
        for listener in _listeners:
            listener(tags)
