"""Write docs/reference from the code: settings, events, jobs, permissions, commands, error codes, metrics.

`python tools/reference.py [FOLDER]`; a test holds the folder to what this would write.
"""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from prometheus_client import REGISTRY

from feria_core.app import create_app
from feria_core.cli import BUILT_IN
from feria_core.config import CoreSettings, load_config
from feria_core.errors import FeriaError
from feria_core.http.openapi import document
from feria_core.module import Job, Module, Schedule, Subscription
from feria_core.plugins import discover, resolve
from feria_core.runtime import CORE_JOBS, CORE_SCHEDULES
from feria_core.testing.deployment import write_plugins
from feria_core.testing.event_schemas import events_of, shape_of

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Made by `make reference` from the code: change it there. -->\n"
OWN_METRICS = "feria_"


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    manifests = {name: installed.entry_point.load() for name, installed in sorted(discover().items())}
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_config(write_plugins(Path(folder) / "plugins.toml"), environment={}))
    described = document(app)
    made = {
        "settings.md": settings(manifests),
        "events.md": events(manifests),
        "jobs.md": jobs(manifests),
        "permissions.md": permissions(manifests, described),
        "commands.md": commands(manifests),
        "errors.md": errors(),
        "metrics.md": metrics(),
    }
    return {name: f"{MADE}\n{text.rstrip()}\n" for name, text in made.items()}


def settings(manifests: dict[str, Module]) -> str:
    """Return every setting with what it takes, its default and its meaning."""
    parts = ["# Settings", "", "How they are given: [operating](../operating.md#configuration)."]
    models: list[tuple[str, Any]] = [("core", CoreSettings)]
    models += [(name, manifest.settings) for name, manifest in manifests.items()]
    for name, model in models:
        table = "[core]" if name == "core" else f"[modules.{name}.settings]"
        parts += ["", f"## {name}", "", f"`{table}`, or `FERIA_{name.upper()}__<KEY>`."]
        shapes = model.model_json_schema()
        rows = [
            (f"`{key}`", takes(shapes["properties"][key], shapes.get("$defs", {})), default(field), field.description)
            for key, field in model.model_fields.items()
        ]
        parts += ["", *table_of(("Key", "Takes", "Default", ""), rows)]
    return "\n".join(parts)


def takes(shape: dict[str, Any], parts: dict[str, Any]) -> str:
    """Return what a value may be, in words."""
    if "$ref" in shape:
        return takes(parts[shape["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in shape:
        return " or ".join(takes(each, parts) for each in shape["anyOf"] if each.get("type") != "null")
    if "enum" in shape or "const" in shape:
        return ", ".join(f"`{each}`" for each in shape.get("enum", [shape.get("const")]))
    if shape.get("writeOnly"):
        return "a secret, from the environment"
    least, most = shape.get("minimum", shape.get("exclusiveMinimum")), shape.get("maximum")
    bounds = f" {least} to {most}" if most is not None else f" from {least}" if least is not None else ""
    words = {"array": "list", "object": "table", "string": "text", "boolean": "true, false"}
    kind = str(shape.get("type", "any"))
    return words.get(kind, kind) + (bounds if kind in ("integer", "number") else "")


def default(field: Any) -> str:
    """Return the default as a reader expects it."""
    value = field.default_factory() if field.default_factory else field.default
    if value is None:
        return "none"
    if field.is_required():
        return "must be given"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (dict, tuple, list)):
        return "see below" if len(str(value)) > 60 else f"`{list(value) if isinstance(value, tuple) else value}`"  # noqa: PLR2004
    return f"`{value}`"


def events(manifests: dict[str, Module]) -> str:
    """Return every event with its fields and who hears it."""
    heard: dict[str, list[str]] = {}
    for name, manifest in manifests.items():
        for subscription in manifest.subscribes:
            heard.setdefault(subscription.event.name, []).append(name)
    parts = [
        "# Events", "",
        "Delivered at least once, applied once. Fields only ever come, with a default: the shape of each version is in",
        "[events.json](../../core/feria_core/contracts/events.json). Webhooks hear all of them.",
    ]  # fmt: skip
    for event in events_of("feria_core.contracts"):
        parts += ["", f"## {event.name}", "", f"Version {event.version}. {first(event)}"]
        listeners = ", ".join(sorted(set(heard.get(event.name, ())))) or "no module"
        parts += ["", f"Heard by {listeners}.", ""]
        rows = []
        for part, fields in shape_of(event).items():
            for name, field in fields.items():
                label = f"`{part}.{name}`" if part else f"`{name}`"
                notes = [
                    *(["personal"] if field["personal"] else []),
                    *(["has a default"] if field["has_default"] else []),
                ]
                rows.append((label, f"`{field['type']}`".replace("|", "\\|"), ", ".join(notes)))
        parts += table_of(("Field", "Type", ""), rows)
    return "\n".join(parts)


def jobs(manifests: dict[str, Module]) -> str:
    """Return every job, schedule and subscription."""
    parts = ["# Jobs", "", "What workers do. A job runs at least once; after its last attempt it is a dead letter."]
    groups: list[tuple[str, Sequence[Job], Sequence[Schedule], Sequence[Subscription]]] = [
        ("core", CORE_JOBS, CORE_SCHEDULES, ())
    ]
    groups += [(name, m.jobs, m.schedules, m.subscribes) for name, m in manifests.items()]
    for name, own, schedules, subscriptions in groups:
        every = {schedule.job: schedule.every_s for schedule in schedules}
        rows = [
            (f"`{job.name}`", job.queue, f"{job.timeout_s} s", str(job.max_attempts), period(every.get(job.name)),
             first(resolve(job.target)))
            for job in own
        ]  # fmt: skip
        rows += [
            (f"`{name}.{each.target.rpartition(':')[2]}`", each.queue, f"{each.timeout_s} s", str(each.max_attempts),
             f"after `{each.event.name}`", first(resolve(each.target)))
            for each in subscriptions
        ]  # fmt: skip
        if rows:
            parts += ["", f"## {name}", ""]
            parts += table_of(("Name", "Queue", "Longest", "Attempts", "When", ""), rows)
    return "\n".join(parts)


def period(every_s: int | None) -> str:
    """Return how often a schedule runs."""
    if every_s is None:
        return "when asked"
    for name, seconds in (("d", 86_400), ("h", 3600), ("min", 60)):
        if every_s % seconds == 0:
            return f"every {every_s // seconds} {name}"
    return f"every {every_s} s"


def permissions(manifests: dict[str, Module], described: dict[str, Any]) -> str:
    """Return every permission and how many operations demand it."""
    demanded: dict[str, int] = {}
    for methods in described["paths"].values():
        for operation in methods.values():
            for name in (operation.get("x-permission"), *operation.get("x-permission-or", ())):
                demanded[name] = demanded.get(name, 0) + 1
    parts = ["# Permissions", "", "What roles of staff and API keys are made of.", ""]
    rows = [
        (f"`{right.name}`", name, str(demanded.get(right.name, 0)), right.description)
        for name, manifest in manifests.items()
        for right in manifest.permissions
    ]
    return "\n".join([*parts, *table_of(("Name", "Module", "Operations", ""), sorted(rows))])


def commands(manifests: dict[str, Module]) -> str:
    """Return every command with its options."""
    parts = ["# Commands", "", "Exit codes: 0 done, 1 failed, 2 refused by the configuration."]
    targets = {**BUILT_IN, **{resolve(t).name: t for manifest in manifests.values() for t in manifest.commands}}
    for name in sorted(targets):
        for path, command in leaves(f"feria {name}", resolve(targets[name])):
            arguments = "".join(f" {each.make_metavar(click.Context(command))}" for each in command.params
                                if isinstance(each, click.Argument))  # fmt: skip
            parts += ["", f"## {path}", "", f"`{path}{arguments}`", "", told(command.help)]
            rows = [
                (", ".join(f"`{text}`" for text in each.opts), each.help or "")
                for each in command.params
                if isinstance(each, click.Option) and each.name not in ("plugins", "data")
            ]
            parts += ["", *table_of(("Option", ""), rows)] if rows else []
    return "\n".join(parts)


def leaves(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Give a command, or a group and all below it."""
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from leaves(f"{path} {name}", command.commands[name])


def errors() -> str:
    """Return every code with its status and where it comes from."""
    found: dict[str, tuple[str, str, str, str]] = {}
    waiting = FeriaError.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        owner = kind.__module__.partition(".")[0].removeprefix("feria_")
        if kind.__module__.startswith("feria_") and ".testing" not in kind.__module__:
            meaning = first(kind) if kind.__doc__ else ""
            row = (f"[`{kind.code}`](../errors/README.md#{kind.code})", str(kind.status), owner, meaning or kind.title)
            found[kind.code] = min(row, found.get(kind.code, row))
    parts = ["# Error codes", "", "What each means for a frontend: [errors](../errors/README.md).", ""]
    return "\n".join([*parts, *table_of(("Code", "Status", "Module", ""), [found[code] for code in sorted(found)])])


def metrics() -> str:
    """Return every metric of Feria's own."""
    parts = [
        "# Metrics",
        "",
        "At `/metrics` of web processes, in Prometheus' text format, beside the process's own.",
        "",
    ]
    rows = [
        (f"`{family.name}{'_total' if family.type == 'counter' else ''}`", family.type, labels(family.name),
         family.documentation)
        for family in REGISTRY.collect()
        if family.name.startswith(OWN_METRICS)
    ]  # fmt: skip
    return "\n".join([*parts, *table_of(("Name", "Type", "Labels", ""), sorted(rows))])


def labels(name: str) -> str:
    """Return the labels of a metric."""
    collector: Any = REGISTRY._names_to_collectors[name]  # noqa: SLF001 - prometheus_client tells nobody
    return ", ".join(f"`{label}`" for label in collector._labelnames)  # noqa: SLF001 - likewise


def table_of(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return a table of Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(str(cell or '').replace(chr(10), ' ') for cell in row)} |" for row in rows]


def told(text: str | None) -> str:
    """Return the help of a command without click's marks."""
    return re.sub(r"\n{3,}", "\n\n", inspect.cleandoc(text or "").replace("\b", ""))


def first(thing: Any) -> str:
    """Return the first paragraph of a docstring on one line."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return typing.cast("str", text.partition("\n\n")[0].replace("\n", " "))


def main() -> int:
    """Write the pages; return the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
