"""What operators and load balancers ask: alive, ready, metrics, modules; and the description of the API."""

from __future__ import annotations

import asyncio
import contextlib
from functools import cache
from typing import Any, Literal

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from quart import Quart, Response, current_app

from feria_core import clock, db, job_log
from feria_core._internal import database, migrations
from feria_core._internal import metrics as gauges
from feria_core._internal.redis_ping import ping
from feria_core.auth import PUBLIC
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.lists import Page
from feria_core.http.responses import JSON, to_bytes
from feria_core.http.schemas import Out
from feria_core.plugins import discover
from feria_core.runtime import current

blueprint = ApiBlueprint("operations", __name__)


@blueprint.get("/healthz")
async def alive() -> Response:
    return Response(to_bytes({"status": "ok"}), content_type=JSON)


@blueprint.get("/readyz")
async def ready() -> Response:
    missing = [problem for problem in await asyncio.gather(_database(), _redis(), _migrations()) if problem]
    status = 503 if missing else 200
    body = {"status": "not ready" if missing else "ready", "missing": missing}
    return Response(to_bytes(body), status=status, content_type=JSON)


@blueprint.get("/metrics")
async def metrics() -> Response:
    used, idle = database.pool_use()
    gauges.pool_connections.labels("used").set(used)
    gauges.pool_connections.labels("idle").set(idle)
    with contextlib.suppress(Exception):  # what cannot be asked keeps its last value: the others are told all the same
        await _count_jobs()
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


class ModuleOut(Out):
    """A module that is installed here."""

    name: str
    version: str
    status: Literal["enabled", "disabled"]


@blueprint.endpoint("GET", "/api/modules", access=PUBLIC, returns=Page[ModuleOut])
async def modules() -> Response:
    """The installed modules: name, version, status."""
    entries = current().config.modules
    items = [
        {
            "name": module.name,
            "version": module.version,
            "status": "enabled" if module.name in entries and entries[module.name].enabled else "disabled",
        }
        for module in sorted(discover().values(), key=lambda module: module.name)
    ]
    return Response(to_bytes({"items": items, "next_cursor": None}), content_type=JSON)


@blueprint.get("/openapi.json")
async def openapi() -> Response:
    from feria_core.http.openapi import document

    # Made once, from the code of every route: seconds in which others want to be answered.
    return Response(_encoded(await asyncio.to_thread(document, _app())), content_type=JSON)


@blueprint.get("/docs")
async def docs() -> Response:
    from feria_core.http.docs_page import page

    return await asyncio.to_thread(page, _app())


@blueprint.get("/docs/errors")
async def error_docs() -> Response:
    from feria_core.http.docs_page import error_page

    return error_page()


async def _count_jobs() -> None:
    for queue in await job_log.queues():
        for state in ("waiting", "running", "dead"):
            gauges.jobs_now.labels(queue["queue"], state).set(queue[state])
        since = queue["oldest_due_at"]
        gauges.oldest_due_seconds.labels(queue["queue"]).set((clock.now() - since).total_seconds() if since else 0)


def _app() -> Quart:
    """Return the application itself: quart-schema keeps a weak reference, which a context-local proxy cannot be."""
    app: Quart = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the documented way
    return app


def _encoded(document: dict[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)


async def _database() -> str | None:
    try:
        async with asyncio.timeout(2):
            await db.fetch_value("SELECT 1")
    except Exception as error:  # noqa: BLE001 - not ready, whatever the reason
        return f"database: {type(error).__name__}"
    return None


async def _redis() -> str | None:
    try:
        async with asyncio.timeout(2):
            await ping(current().config.redis_url)
    except Exception as error:  # noqa: BLE001 - likewise
        return f"redis: {type(error).__name__}"
    return None


async def _migrations() -> str | None:
    runtime = current()
    try:
        pending = await migrations.plan(runtime.config.database_url, migrations.apps(runtime.modules))
    except Exception as error:  # noqa: BLE001 - likewise
        return f"migrations: {type(error).__name__}"
    return f"migrations: {len(pending)} modules are behind" if pending else None


@cache
def _registry() -> Any:
    """Return the registry to print: of all web processes where they share a folder, else of this one."""
    import os

    from prometheus_client import REGISTRY, CollectorRegistry, multiprocess

    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
