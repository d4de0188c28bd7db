"""What events looked like in each version, kept in a file, so that a change that breaks readers fails the build.

`python -m feria_core.testing.event_schemas FILE [PACKAGE]` adds to FILE the versions of the events in PACKAGE that
are not in it (default: core's contracts). What is in the file is never rewritten.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
import sys
import types
import typing
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from feria_core.contracts.events import Event

Fields = dict[str, dict[str, Any]]
Shape = dict[str, Fields]


def events_of(package: str) -> list[type[Event]]:
    """Return the events that the modules of `package` define, by name."""
    root = importlib.import_module(package)
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(info.name)
    found, waiting = dict[str, type[Event]](), Event.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "name" in vars(kind) and kind.__module__.startswith(package):
            found[kind.name] = kind
    return [found[name] for name in sorted(found)]


def shape_of(event: type[Event]) -> Shape:
    """Return the event's fields, and under its name those of each dataclass in them."""
    parts: Shape = {"": {}}
    parts[""] = _fields(event, parts)
    return parts


def load(file: Path) -> dict[str, dict[str, Shape]]:
    """Return the shapes by event name and version."""
    kept: dict[str, dict[str, Shape]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return kept


def problems(file: Path, events: Iterable[type[Event]]) -> list[str]:
    """Return one sentence for each change of an event that breaks those who read it, or that the file does not know."""
    kept, found = load(file), list[str]()
    known = set[str]()
    for event in events:
        known.add(event.name)
        versions = kept.get(event.name, {})
        now, was = shape_of(event), versions.get(str(event.version))
        for version, before in versions.items():
            found += [f"{event.name}: {problem} of version {version}" for problem in breaking(before, now)]
            if int(version) > event.version:
                found.append(f"{event.name}: version {version} is recorded and {event.version} is in the code")
        if was is None:
            found.append(f"{event.name}: version {event.version} is not recorded: `make events` adds it")
        elif was != now and not breaking(was, now):
            found.append(f"{event.name}: version {event.version} has got more: raise `version`, then `make events`")
    return found + [
        f"{name}: it is recorded, and gone: readers still wait for it" for name in sorted(set(kept) - known)
    ]


def breaking(before: Shape, now: Shape) -> list[str]:
    """Return what a reader or a stored row of `before` would miss: no field goes, changes or becomes needed."""
    found = []
    for part, fields in before.items():
        label = f"{part}." if part else ""
        here = now.get(part, {})
        for name, field in fields.items():
            if name not in here:
                found.append(f"the field '{label}{name}' is gone")
            elif here[name]["type"] != field["type"] or (field["personal"] and not here[name]["personal"]):
                found.append(f"the field '{label}{name}' has become another")
            elif field["has_default"] and not here[name]["has_default"]:
                found.append(f"the field '{label}{name}' has lost its default")
        new = [name for name in here if name not in fields and not here[name]["has_default"]]
        found += [f"the new field '{label}{name}' has no default for the rows" for name in new]
    return found


def add(file: Path, events: Iterable[type[Event]]) -> list[str]:
    """Add the versions that the file does not know; return which. Raises ValueError where a change breaks readers."""
    kept, added = load(file), list[str]()
    for event in events:
        versions = kept.setdefault(event.name, {})
        broken = [problem for before in versions.values() for problem in breaking(before, shape_of(event))]
        if broken:
            raise ValueError(f"{event.name}: {broken[0]}; what means something else is an event of another name")
        if str(event.version) not in versions:
            versions[str(event.version)] = shape_of(event)
            added.append(f"{event.name} {event.version}")
    file.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return added


def _fields(kind: Any, parts: Shape) -> Fields:
    hints = typing.get_type_hints(kind)
    return {
        field.name: {
            "type": _text(hints[field.name], parts),
            "has_default": field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING,
            "personal": bool(field.metadata.get("personal")),
        }
        for field in dataclasses.fields(kind)
    }


def _text(kind: Any, parts: Shape) -> str:
    """Return the type as it is written; the fields of dataclasses in it go into `parts`."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in parts:
            parts[kind.__name__] = {}
            parts[kind.__name__] = _fields(kind, parts)
        return kind.__name__
    arguments = [_text(each, parts) for each in typing.get_args(kind) if each is not Ellipsis]
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return " | ".join(arguments)
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(arguments)}]"
    return "None" if kind is type(None) else str(getattr(kind, "__name__", kind))


def main(arguments: Sequence[str]) -> int:
    """Add what is new to the file that the arguments name; return the exit code."""
    package = arguments[1] if len(arguments) > 1 else "feria_core.contracts"
    try:
        added = add(Path(arguments[0]), events_of(package))
    except ValueError as error:
        sys.stderr.write(f"feria: {error}\n")
        return 1
    sys.stdout.write("".join(f"added {line}\n" for line in added) or "every version is recorded\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
