"""Any set of modules that has its hard needs starts, and what is off is gone everywhere (C2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from quart import Quart

from feria_core.app import create_app
from feria_core.config import load_config
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.errors import StartRefused
from feria_core.http.openapi import document
from feria_core.plugins import discover
from feria_core.runtime import Runtime, current, use
from feria_core.testing.client import ApiClient
from feria_core.testing.deployment import write_plugins

ALL = frozenset(discover())


def with_needs(name: str) -> frozenset[str]:
    """Return the module and everything that it needs, directly or not."""
    needed = {name}
    for need in discover()[name].hard_needs:
        needed |= with_needs(need)
    return frozenset(needed)


def without(name: str) -> frozenset[str]:
    """Return all modules but this one and those that need it."""
    return frozenset(other for other in ALL if name not in with_needs(other))


def asked(rule: str) -> float:
    """Return how many requests are counted under the rule in this process."""
    return sum(
        sample.value
        for family in REGISTRY.collect()
        if family.name == "feria_requests"
        for sample in family.samples
        if sample.name == "feria_requests_total" and sample.labels["route"] == rule
    )


SETS = {
    "all": ALL,
    "core only": frozenset(),
    **{f"without {name}": without(name) for name in sorted(ALL)},
    **{f"{name} alone": with_needs(name) for name in sorted(ALL)},
}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    """Build the application of a set of modules; the process's own runtime is put back afterwards."""
    try:
        before: Runtime | None = current()
    except RuntimeError:
        before = None

    def build(enabled: frozenset[str]) -> Quart:
        plugins = write_plugins(tmp_path / "plugins.toml", enabled=enabled)
        return create_app(load_config(plugins, environment={"FERIA_CORE__LOG_LEVEL": "error"}))

    yield build
    use(before)


@cache
def modules_with_sections() -> frozenset[str]:
    """Return the modules that show something on the staff's pages where all are enabled."""
    routes_by_module.cache_clear()
    routes_by_module()
    return frozenset(current().registry.providers()["admin_sections"])


@cache
def routes_by_module() -> dict[str, frozenset[str]]:
    """Return the paths of each module, read from an application that has them all."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        plugins = write_plugins(Path(folder) / "plugins.toml")
        app = create_app(load_config(plugins, environment={"FERIA_CORE__LOG_LEVEL": "error"}))
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        owner = app.view_functions[rule.endpoint].__module__.split(".")[0].removeprefix("feria_")
        found.setdefault(owner, set()).add(rule.rule)
    return {owner: frozenset(rules) for owner, rules in found.items()}


@pytest.mark.parametrize("enabled", SETS.values(), ids=SETS.keys())
async def test_routes_openapi_jobs_and_schedules_follow_what_is_enabled(start, enabled: frozenset[str]) -> None:
    every, sectioned = routes_by_module(), modules_with_sections()  # before the start: each loads an application
    app = start(enabled)
    served = {rule.rule for rule in app.url_map.iter_rules()}
    described = set(document(app)["paths"])
    for name in sorted(ALL):
        own = every.get(name, frozenset())
        if name in enabled:
            assert own <= served
            continue
        assert not own & served
        assert not {re.sub(r"<(?:[^:>]*:)?([^>]+)>", r"{\1}", rule) for rule in own} & described
    names = {job.split(".")[0] for job in current().jobs} | {s.job.split(".")[0] for s in current().schedules}
    assert names <= enabled | {"core"}
    for port, offered_by in current().registry.providers().items():
        assert set(offered_by) <= enabled | {"core"}, port
    assert set(current().registry.providers().get("admin_sections", ())) == enabled & sectioned
    assert {section.list_path for section in current().registry.all(ADMIN_SECTIONS)} <= served
    subscribers = {name.split(".")[0] for group in current().subscriptions.values() for name, _ in group}
    assert subscribers <= enabled


@pytest.mark.parametrize("name", sorted(ALL))
async def test_paths_of_a_module_that_is_off_name_it(start, name: str) -> None:
    app = start(without(name))
    shared = frozenset().union(*(routes_by_module().get(other, frozenset()) for other in without(name)))
    own = [rule for rule in routes_by_module().get(name, frozenset()) - shared if rule.startswith("/api/")]
    for rule in own[:5]:
        counted = asked(rule)
        answer = await ApiClient(app).get(re.sub(r"<[^>]+>", "some-value", rule))
        assert (answer.status, answer.code) == (404, "module_disabled"), rule
        assert answer.json["module"] == name
        assert asked(rule) == counted  # no time series of a route that is not served


@pytest.mark.parametrize("name", sorted(name for name in ALL if ALL - without(name) != {name}))
async def test_a_module_whose_need_is_off_refuses_by_name(start, name: str) -> None:
    with pytest.raises(
        StartRefused, match=f"needs the module '{name}', which is not enabled: enable '{name}' or disable"
    ):
        start(ALL - {name})
