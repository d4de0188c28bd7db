"""Valid examples made from pydantic models, and every place in them where something else can stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

Place = tuple[str | int, ...]
_MARK = "\ufffcput here\ufffc"


def example_of(model: type[BaseModel], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fullest document that `model` takes; `facts` hold values by `field` or `Model.field`.

    Raises AssertionError where the schema tells too little: the fact is then to be added.
    """
    schema = _schema(model)
    full = _example(schema, schema.get("$defs", {}), facts, schema.get("title", ""), "")
    optional = [name for name in full if name not in schema.get("required", ())]
    problem: Exception | None = None
    for count in range(len(optional) + 1):
        for left_out in itertools.combinations(optional, count):
            document = {name: value for name, value in full.items() if name not in left_out}
            try:
                model.model_validate(document)
            except ValidationError as error:
                problem = problem or error
            else:
                return document
        if count > 3:
            break
    raise AssertionError(f"no example of {model.__name__} is valid: {problem}")


def fields_of(model: type[BaseModel]) -> list[str]:
    """Return the names of the model's fields as they are sent."""
    return list(_schema(model).get("properties", {}))


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def places_in(document: Any, at: Place = ()) -> Iterator[Place]:
    """Give the path of every value in the document, containers before what is in them."""
    if at:
        yield at
    entries: Any = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in entries:
        yield from places_in(value, (*at, key))


def put(document: Any, place: Place, value: Any) -> Any:
    """Return a copy of the document with `value` at `place`."""
    if not place:
        return value
    changed = document.copy()
    changed[place[0]] = value if len(place) == 1 else put(document[place[0]], place[1:], value)
    return changed


def put_literal(document: Any, place: Place, literal: bytes) -> bytes:
    """Return the document as JSON with these very bytes at `place`."""
    return orjson.dumps(put(document, place, _MARK)).replace(orjson.dumps(_MARK), literal)


def value_at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def takes(model: type[BaseModel], document: Any) -> bool:
    """Return True where the model has nothing against the document."""
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True


def _example(schema: Any, defs: Any, facts: Mapping[str, Any], title: str, name: str) -> Any:  # noqa: PLR0911 - a case each
    for known in (f"{title}.{name}", name):
        if name and known in facts:
            return facts[known]
    if "$ref" in schema:
        target = defs[schema["$ref"].rpartition("/")[2]]
        return _example(target, defs, facts, target.get("title", title), name)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option.get("type") != "null"]
        outer = {key: value for key, value in schema.items() if key != "anyOf"}
        return _example({**outer, **options[0]}, defs, facts, title, name) if options else None
    if schema.get("examples"):
        return schema["examples"][0]
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, defs, facts, schema.get("title", title))
    if kind == "array":
        return [_example(schema.get("items", {}), defs, facts, title, name)]
    return _plain(schema, kind)


def _object(schema: Any, defs: Any, facts: Mapping[str, Any], title: str) -> dict[str, Any]:
    found = {
        name: _example(inner, defs, facts, title, name)
        for name, inner in schema.get("properties", {}).items()
    }  # fmt: skip
    if isinstance(schema.get("additionalProperties"), dict) and not found:
        found["finish"] = _example(schema["additionalProperties"], defs, facts, title, "")
    return found


def _plain(schema: Any, kind: str | None) -> Any:
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
    formats = {
        "uuid": "01936f2e-7c1a-7000-8000-0123456789ab", "date-time": "2026-11-20T18:00:00Z", "date": "2026-11-20",
        "email": "ana@example.org", "uri": "https://example.org/",
    }  # fmt: skip
    text = formats.get(schema.get("format", ""), "oak")
    return text + "x" * max(0, schema.get("minLength", 0) - len(text))
