"""What a worker process needs of core: the outbox's and the jobs' inner side, under public names."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from arq.connections import RedisSettings

from feria_core._internal.database import close_database
from feria_core._internal.execution import run_job
from feria_core._internal.outbox import (
    HEARTBEAT_S,
    Dispatch,
    claim_schedule,
    fan_out,
    lease_due,
    renew,
    unlease,
)
from feria_core.errors import StartRefused

__all__ = [
    "HEARTBEAT_S",
    "Dispatch",
    "claim_schedule",
    "close_database",
    "fan_out",
    "lease_due",
    "redis_settings",
    "renew",
    "run_job",
    "unlease",
]


def redis_settings(url: str) -> RedisSettings:
    """Return arq's form of a `redis://`, `rediss://` or `unix://` URL. Raises StartRefused for another."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise StartRefused("REDIS_URL must begin with redis://, rediss:// or unix://")
    settings = RedisSettings.from_dsn(url)
    if parts.scheme == "unix":
        settings.unix_socket_path = unquote(parts.path)
    settings.conn_retries = 0  # the worker's own loop tries again
    settings.conn_timeout = 3
    return settings
