"""Telling a path of a switched-off module from one that never was.

Run as a program it tells the routes of the modules that it is given: reading them means importing what is switched
off, tens of megabytes that the process that serves must not keep.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from functools import cache

import structlog
from quart import Quart
from werkzeug.routing import Map, Rule

from feria_core.http.blueprint import ApiBlueprint
from feria_core.plugins import Installed, discover, resolve
from feria_core.runtime import Runtime

log = structlog.get_logger("feria.app")

READING_S = 60.0
# Path and methods of a route.
Route = tuple[str, list[str]]

_maps: dict[tuple[str, ...], asyncio.Future[Map] | Map] = {}


async def disabled_module_of(runtime: Runtime, path: str) -> str | None:
    """Return the installed but disabled module that would serve `path`, or None.

    Its routes are read from its own blueprints, at the first path that nothing else serves.
    """
    routes = (await _map_of(_switched_off(frozenset(module.name for module in runtime.modules)))).bind("shop")
    for method in routes.allowed_methods(path):
        rule, _ = routes.match(path, method=method, return_rule=True)
        return str(rule.endpoint)
    return None


@cache
def _switched_off(enabled: frozenset[str]) -> tuple[str, ...]:
    """Return the installed modules that are not enabled: looked up once, since that reads a folder of files."""
    return tuple(sorted(discover().keys() - enabled))


async def _map_of(names: tuple[str, ...]) -> Map:
    """Return the routes of these modules; who asks while they are read waits for the one reading."""
    known = _maps.get(names)
    if isinstance(known, Map):
        return known
    if known is not None and known.get_loop() is asyncio.get_running_loop():
        return await asyncio.shield(known)
    reading = asyncio.ensure_future(_read(names))
    _maps[names] = reading
    # Whoever asked first may be gone before the answer; the others get it all the same.
    _maps[names] = found = await asyncio.shield(reading)
    return found


async def _read(names: tuple[str, ...]) -> Map:
    """Return the modules' routes as a child process tells them; none, said in the log, where it fails."""
    told: dict[str, list[Route]] = {}
    try:
        if names:
            told = json.loads(await _told_by_child(names))
    except (OSError, TimeoutError, ValueError) as error:
        log.warning("app.disabled_routes_unread", reason=type(error).__name__)
    return Map(
        [Rule(path, endpoint=name, methods=methods) for name, routes in told.items() for path, methods in routes]
    )


async def _told_by_child(names: Sequence[str]) -> bytes:
    command = (sys.executable, "-m", "feria_core.http.disabled", *names)
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await asyncio.wait_for(child.communicate(), READING_S)
    finally:
        if child.returncode is None:
            child.kill()
    return output


def _routes(installed: Installed) -> list[Route]:
    """Return the module's routes, from a scratch application that never serves."""
    manifest = installed.entry_point.load()
    scratch = Quart("scratch", static_folder=None)
    for target in manifest.blueprints:
        blueprint = resolve(target)
        if isinstance(blueprint, ApiBlueprint):
            scratch.register_blueprint(blueprint)
    return [
        (rule.rule, sorted(rule.methods or ())) for rule in scratch.url_map.iter_rules() if rule.endpoint != "static"
    ]


def main(names: Sequence[str]) -> None:
    """Print the routes of the modules of these names."""
    installed = discover()
    sys.stdout.write(json.dumps({name: _routes(installed[name]) for name in names}))


if __name__ == "__main__":
    main(sys.argv[1:])
