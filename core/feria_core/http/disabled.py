"""Telling a path of a switched-off module from one that never was."""

from __future__ import annotations

from functools import lru_cache

from quart import Quart
from werkzeug.routing import Map, Rule

from feria_core.http.blueprint import ApiBlueprint
from feria_core.plugins import Installed, discover, resolve
from feria_core.runtime import Runtime


def disabled_module_of(runtime: Runtime, path: str) -> str | None:
    """Return the installed but disabled module that would serve `path`, or None.

    Its routes are read from its own blueprints, at the first path that nothing else serves.
    """
    routes = _map_of_disabled(tuple(module.name for module in runtime.modules)).bind("shop")
    for method in routes.allowed_methods(path):
        rule, _ = routes.match(path, method=method, return_rule=True)
        return str(rule.endpoint)
    return None


@lru_cache(maxsize=8)
def _map_of_disabled(enabled: tuple[str, ...]) -> Map:
    routes = Map()
    for installed in discover().values():
        if installed.name not in enabled:
            for rule in _rules(installed):
                routes.add(rule)
    return routes


def _rules(installed: Installed) -> list[Rule]:
    """Return the module's rules under its own name, from a scratch application that never serves."""
    manifest = installed.entry_point.load()
    scratch = Quart("scratch", static_folder=None)
    for target in manifest.blueprints:
        blueprint = resolve(target)
        if isinstance(blueprint, ApiBlueprint):
            scratch.register_blueprint(blueprint)
    return [
        Rule(rule.rule, endpoint=installed.name, methods=rule.methods)
        for rule in scratch.url_map.iter_rules()
        if rule.endpoint != "static"
    ]
