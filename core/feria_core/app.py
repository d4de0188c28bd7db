"""The web application: core's routes and those of the enabled modules, behind the response cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from quart import Quart, Response, request
from quart.json.provider import JSONProvider
from werkzeug.exceptions import HTTPException

from feria_core._internal import database, migrations
from feria_core.config import Config
from feria_core.errors import ModuleDisabled, StartRefused
from feria_core.http import frontend, problems, watching
from feria_core.http.blueprint import endpoint_of
from feria_core.http.cache_bus import CacheBus
from feria_core.http.disabled import disabled_module_of
from feria_core.http.front import Front
from feria_core.http.operations import blueprint as operations
from feria_core.http.response_cache import Application, ResponseCache
from feria_core.http.shop import Shop
from feria_core.http.sitemap import blueprint as sitemap
from feria_core.http.turns import Turns, at_once_for
from feria_core.logs import configure_logs
from feria_core.plugins import resolve
from feria_core.runtime import Runtime, load_runtime
from feria_core.tracing import traced

# No upload is larger; each route bounds its own body below this.
LARGEST_BODY = 512 * 1024 * 1024


def create_app(config: Config) -> Quart:
    """Return the application of a deployment; its database is opened when a server starts it.

    Raises StartRefused, with one sentence, where the configuration cannot run.
    """
    configure_logs(config.core)
    runtime = load_runtime(config)
    app = Shop("feria", static_folder=None)
    app.json = OrjsonProvider(app)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, PROVIDE_AUTOMATIC_OPTIONS=True)
    app.url_map.strict_slashes = False
    problems.install(app)
    _register(app, runtime)
    _check_access(app)
    watching.install(app, runtime.core)
    _answer_unknown_paths(app, runtime)
    core = config.core
    inner = traced(cast("Application", app.asgi_app), config.environment)
    front = Front(inner, origins=core.cors_origins)
    cache = ResponseCache(front, max_bytes=core.cache_max_bytes, locales=core.locales, origins=core.cors_origins)
    app.asgi_app = cache  # type: ignore[method-assign, assignment]
    _manage_lifespan(app, runtime, cache)
    return app


async def open_runtime(runtime: Runtime) -> None:
    """Open the database for a loaded runtime. Raises StartRefused where its migrations are not at head."""
    apps = migrations.apps(runtime.modules)
    await refuse_pending_migrations(runtime.config.database_url, apps)
    await database.open_database(runtime.config.database_url, runtime.core, {app.name: app.models for app in apps})


async def refuse_pending_migrations(url: str, apps: Sequence[migrations.App]) -> None:
    """Raise StartRefused where the database is behind or ahead of the code."""
    pending = await migrations.plan(url, apps)
    if pending:
        names = ", ".join(f"{p.app.name} ({', '.join(p.files)})" for p in pending)
        raise StartRefused(f"the database is behind the code: {names}; run `feria migrate up` first")


class OrjsonProvider(JSONProvider):
    """orjson in place of the standard library's, for the few answers that Quart itself encodes."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        import orjson

        del kwargs
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        import orjson

        del kwargs
        return orjson.loads(s)


def _register(app: Quart, runtime: Runtime) -> None:
    app.register_blueprint(operations)
    app.register_blueprint(sitemap)
    if runtime.core.dev_mailbox is not None:
        from feria_core.http.dev_mailbox import blueprint as mailbox

        app.register_blueprint(mailbox)
    for module in runtime.modules:
        for target in module.manifest.blueprints:
            app.register_blueprint(resolve(target))
    frontend.install(app, runtime.core.frontend)


def _check_access(app: Quart) -> None:
    """Refuse an /api route that does not say who may call it, and a staff route that asks for no permission."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        declared = endpoint_of(view)
        if declared is not None and rule.rule.startswith("/api/admin/") and not declared.access.permission:
            raise StartRefused(
                f"route '{rule.rule}' ({rule.endpoint}) is for staff and demands no permission: "
                'declare it with `endpoint(..., access=staff("<module>.<action>"))`'
            )
        if rule.rule.startswith("/api/") and declared is None and not rule.endpoint.startswith("operations."):
            raise StartRefused(
                f"route '{rule.rule}' ({rule.endpoint}) does not say who may call it: "
                "declare it with `endpoint(..., access=...)`"
            )


def _answer_unknown_paths(app: Quart, runtime: Runtime) -> None:
    @app.errorhandler(404)
    async def unknown_path(_: HTTPException) -> Response:
        module = await disabled_module_of(runtime, request.path)
        if module is not None:
            return problems.problem_of(ModuleDisabled(module))
        page = frontend.page_for(app)
        if page is not None:
            return page
        return problems.problem(
            status=404, code="not_found", title="Not found",
            detail=f"Nothing is served at {request.path}: GET /openapi.json lists what is.",
        )  # fmt: skip


def _manage_lifespan(app: Shop, runtime: Runtime, cache: ResponseCache) -> None:
    bus = CacheBus(runtime.config.session_url, cache)

    @app.before_serving
    async def open_all() -> None:
        await open_runtime(runtime)
        app.turns = Turns(runtime.core.requests_at_once or at_once_for(runtime.config.database_url))
        database.on_stale(cache.drop)
        # Without a bus the cache is not trusted.
        if runtime.config.can_listen:
            await bus.start()
        for module in runtime.modules:
            if module.manifest.on_start:
                await resolve(module.manifest.on_start)()

    @app.after_serving
    async def close_all() -> None:
        for module in runtime.modules:
            if module.manifest.on_stop:
                await resolve(module.manifest.on_stop)()
        await bus.stop()
        database.forget_listener(cache.drop)
        await database.close_database()
