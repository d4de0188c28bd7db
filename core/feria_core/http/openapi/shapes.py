"""The shapes of bodies and answers, each under a name of its own, however many modules have an `ItemOut`."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

Json = dict[str, Any]
REF = "#/components/schemas/"
PROBLEM = "Problem"
# A member whose shape another module owns names it under this key (feria_core.http.schemas.shape).
SHAPE = "x-shape"

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "title": PROBLEM,
    "description": "An error, RFC 9457: `code` is stable, `detail` a sentence for people",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The page of this error"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The value and the way out"},
        "code": {"type": "string"},
        "instance": {"type": "string", "description": "The request's id, as in the logs"},
        "errors": {
            "type": "array",
            "description": "Of 422: what is wrong where",
            "items": {
                "type": "object",
                "required": ["loc", "code", "message"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class Shapes:
    """The schemas of all models, by the names that references use."""

    def __init__(self, models: Iterable[tuple[Any, str]]) -> None:
        wanted = list({(_key(model), mode): (model, mode) for model, mode in models}.values())
        inputs: Any = [(_key(model), mode, TypeAdapter(model)) for model, mode in wanted]
        tops, described = TypeAdapter.json_schemas(inputs, ref_template=REF + "{model}")
        schemas: Json = described.get("$defs", {})
        names = _names(schemas)
        self._schemas = {names[key]: _renamed(schema, names) for key, schema in sorted(schemas.items())}
        self._schemas[PROBLEM] = PROBLEM_SCHEMA
        self._tops = {key: _renamed(top, names) for key, top in tops.items()}
        for schema in (*self._schemas.values(), *self._tops.values()):
            self._link(schema)

    def ref(self, model: Any, mode: str) -> Json:
        """Return the schema of a model that was named at the start: a reference, or the schema of a plain type."""
        found: Json = self._tops[(_key(model), mode)]  # type: ignore[index]
        return found

    def members_of(self, model: Any) -> Json:
        """Return the object schema of a query."""
        top = self.ref(model, "validation")
        found: Json = self._schemas[top["$ref"].removeprefix(REF)] if "$ref" in top else top
        return found

    def used_by(self, paths: Json) -> Json:
        """Return the schemas that `paths` refer to, and those that these refer to."""
        used: set[str] = set()
        waiting = _references(paths)
        while waiting:
            name = waiting.pop()
            if name not in used:
                used.add(name)
                waiting |= _references(self._schemas[name])
        return {name: self._schemas[name] for name in sorted(used)}

    def _link(self, node: Any) -> None:
        """Turn members of another module's shape into references, where that module is enabled."""
        if isinstance(node, list):
            for part in node:
                self._link(part)
        if not isinstance(node, dict):
            return
        for branch in [node, *node.get("anyOf", ())]:
            name = node.get(SHAPE) if isinstance(node.get(SHAPE), str) else None
            if name in self._schemas and branch.get("type") == "object":
                for key in ("type", "additionalProperties"):
                    branch.pop(key, None)
                branch["$ref"] = REF + name
        if isinstance(node.get(SHAPE), str):
            del node[SHAPE]
        for part in node.values():
            self._link(part)


def _key(model: Any) -> str:
    return f"{getattr(model, '__module__', '')}.{getattr(model, '__qualname__', model)}"


def _references(node: Any) -> set[str]:
    return set(re.findall(re.escape(REF) + r"([\w.-]+)", json.dumps(node)))


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(part, names) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: REF + names[value.removeprefix(REF)] if key == "$ref" else _renamed(value, names)
        for key, value in node.items()
    }


def _names(schemas: Json) -> dict[str, str]:
    """Return a short name for each of pydantic's: `feria_cart__schemas__ItemOut` is CartItemOut.

    Shapes that several modules have alike, as MoneyOut, are one.
    """
    wanted: dict[str, list[str]] = defaultdict(list)
    for key, schema in sorted(schemas.items()):
        wanted[_title(key, schema)].append(key)
    names: dict[str, str] = {}
    for title, keys in wanted.items():
        if len({json.dumps(_bare(schemas[key]), sort_keys=True) for key in keys}) == 1:
            names.update(dict.fromkeys(keys, title))
            continue
        for key in keys:
            for name in (f"{_owner(key)}{title}", f"{_owner(key)}{_place(key)}{title}"):
                if name not in names.values():
                    names[key] = name
                    break
            else:
                names[key] = key
    return names


def _bare(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "description"}


def _title(key: str, schema: Json) -> str:
    """Return the class's name: `Page[OrderOut]` is OrderOutPage."""
    outer, _, inner = str(schema.get("title", key)).rstrip("]").partition("[")
    side = "Input" if key.endswith("-Input") else ""
    return re.sub(r"\W", "", inner + outer) + side


def _owner(key: str) -> str:
    found = re.findall(r"feria_([a-z]+)__", key)
    return str(found[-1]).title() if found else ""


def _place(key: str) -> str:
    """Return the packages between the module and its schemas: `WishlistShared` of feria_cart__wishlist__shared__X."""
    inner = re.split(r"feria_[a-z]+__", key)[-1].split("__")[:-1]
    return "".join(part.title() for part in re.split(r"_", "_".join(inner)) if part != "schemas")
