"""What the documents promise is what the code has: settings, errors, events, ports, jobs, permissions, mails."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from feria_core.config import CoreSettings
from feria_core.contracts.events import Event
from feria_core.errors import FeriaError
from feria_core.module import Module
from feria_core.plugins import discover, resolve
from feria_core.ports import Port

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.parent.name for path in (ROOT / "modules").glob("*/pyproject.toml"))
ASKING = {"get", "find", "all", "provide", "contribute"}


@cache
def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def readme(name: str) -> str:
    return text(f"modules/{name}/README.md")


def manifest(name: str) -> Module:
    loaded: Module = discover()[name].entry_point.load()
    return loaded


def is_named(name: str, document: str) -> bool:
    """Return whether `name` stands in the document in backticks, alone or as the end of a path."""
    return re.search(rf"`(?:[\w/.]*[/.])?{re.escape(name)}`", document) is not None


def sources(name: str) -> Iterator[ast.Module]:
    for path in sorted((ROOT / "modules" / name / f"feria_{name}").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def calls(name: str) -> Iterator[tuple[str, ast.expr]]:
    """Give each call in a module's sources that has an argument: the called name and the first argument."""
    for tree in sources(name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                called = node.func
                yield getattr(called, "attr", getattr(called, "id", "")), node.args[0]


@cache
def shared() -> dict[str, Any]:
    """Return ports and events by the names under which modules import them."""
    found: dict[str, Any] = {}
    contracts = importlib.import_module("feria_core.contracts")
    paths = [f"feria_core.contracts.{info.name}" for info in pkgutil.iter_modules(contracts.__path__)]
    for path in [*paths, "feria_core.auth"]:
        for key, value in vars(importlib.import_module(path)).items():
            is_event = isinstance(value, type) and issubclass(value, Event) and value is not Event
            if isinstance(value, Port) or is_event:
                found[key] = value
    return found


@cache
def error_classes() -> tuple[type[FeriaError], ...]:
    """Return every error that core and the modules define."""
    for package in ["feria_core", *(f"feria_{name}" for name in MODULES)]:
        root = importlib.import_module(package)
        for info in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not re.search(r"\.(testing|migrations|__main__)\b", info.name):
                importlib.import_module(info.name)
    found: list[type[FeriaError]] = []
    waiting = FeriaError.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if re.match(r"feria_\w+\.(?!testing)", kind.__module__):
            found.append(kind)
    return tuple(found)


def written(model: type[BaseModel], field: str) -> str:
    """Return a field's default as plugins.toml writes it, "-" for none."""
    default = model.model_fields[field].default
    if default is None:
        return "-"
    return json.dumps(default if isinstance(default, bool | int | float | str | tuple) else str(default))


@pytest.mark.parametrize("field", CoreSettings.model_fields)
def test_a_setting_of_core_stands_in_the_operators_guide_with_its_default(field: str) -> None:
    rows = re.findall(rf"^\| `{field}` \| ([^|]+) \|", text("docs/operating.md"), re.MULTILINE)
    assert [row.strip().strip("`") for row in rows] == [written(CoreSettings, field)]


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_settings_stand_in_its_readme(name: str) -> None:
    missing = [field for field in manifest(name).settings.model_fields if not is_named(field, readme(name))]
    assert missing == []


def test_every_error_code_stands_in_the_page_of_errors() -> None:
    headings = set(re.findall(r"^### (\w+)$", text("docs/errors/README.md"), re.MULTILINE))
    codes = {kind.code for kind in error_classes()}
    assert len(codes) > 20  # the search finds what is there
    assert sorted(codes - headings) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_events_stand_in_its_readme(name: str) -> None:
    out = {shared()[kind.func.id].name for call, kind in calls(name)
           if call == "publish" and isinstance(kind, ast.Call) and isinstance(kind.func, ast.Name)}  # fmt: skip
    heard = {subscription.event.name for subscription in manifest(name).subscribes}
    assert [event for event in sorted(out | heard) if not is_named(event, readme(name))] == []


@pytest.mark.parametrize("name", MODULES)
def test_the_ports_that_a_module_offers_and_asks_stand_in_its_readme(name: str) -> None:
    ports = {shared()[port.id].name for call, port in calls(name)
             if call in ASKING and isinstance(port, ast.Name) and isinstance(shared().get(port.id), Port)}  # fmt: skip
    assert [port for port in sorted(ports) if not is_named(port, readme(name))] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_jobs_and_permissions_stand_in_its_readme(name: str) -> None:
    names = [job.name for job in manifest(name).jobs] + [right.name for right in manifest(name).permissions]
    assert [each for each in names if not is_named(each, readme(name))] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_commands_and_checks_stand_in_its_readme(name: str) -> None:
    commands = [f"feria {resolve(target).name}" for target in manifest(name).commands]
    checks = [target.rpartition(":")[2] for target in manifest(name).checks]
    assert [command for command in commands if command not in readme(name)] == []
    assert [check for check in checks if not is_named(check, readme(name))] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_mails_stand_in_its_readme(name: str) -> None:
    folder = ROOT / "modules" / name / f"feria_{name}" / "templates" / "mail"
    mails = {path.name.removesuffix(".subject.txt") for path in folder.glob("*/*.subject.txt")}
    assert bool(mails) == bool(manifest(name).emails)
    assert [mail for mail in sorted(mails) if not is_named(mail, readme(name))] == []


@pytest.mark.parametrize("path", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md"))])
def test_links_inside_the_repository_lead_somewhere(path: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)", text(path))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not ((ROOT / path).parent / target).exists()] == []
