"""The fields of a form, made from the schema of a route's body or query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from feria_admin.pages.cells import words
from feria_admin.pages.texts import said
from feria_core.contracts.admin import AdminReport, AdminSection

Kind = Literal[
    "text",
    "long",
    "number",
    "decimal",
    "money",
    "minor",
    "percent",
    "columns",
    "flag",
    "choice",
    "moment",
    "date",
    "lines",
    "pairs",
    "amount",
    "rows",
    "group",
    "json",
    "version",
]
LONG_TEXT = 300
NULL = {"type": "null"}
KEY = "key"
# What a schema says of a number that stands for something else: of an amount in the shop's currency, of a share.
UNITS: Mapping[str, Kind] = {"minor": "minor", "share": "percent"}
NUMBERS = {"number", "minor", "percent"}
_NULL, _MINOR = re.compile(r"\b[Nn]ull\b"), re.compile(r",? (?:in|or) minor units")


@dataclass(frozen=True)
class Field:
    """One field: `name` is its place in the body with dots; `inner` are those of a group, or of each row.

    Rows that are `keyed` are the values of an object, whose names are typed as `key`. `unit_by` names the sibling that
    says what a number counts: ("kind", {"total": "minor"}).
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    is_required: bool = False
    is_nullable: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    item_type: str = "string"
    min_length: int = 0
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    inner: tuple[Field, ...] = ()
    is_keyed: bool = False
    unit_by: tuple[str, Mapping[str, Kind]] | None = None

    @property
    def id(self) -> str:
        """The id of its element."""
        return "f-" + self.name.replace(".", "-")

    def row(self, index: int) -> tuple[Field, ...]:
        """Return the fields of one row: "items.0.quantity"."""
        return tuple(replace(each, name=f"{self.name}.{index}.{each.name.rpartition('.')[2]}") for each in self.inner)


@cache
def fields_of(model: type[BaseModel], only: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """Return the model's fields, required ones first, or those of `only` in that order; a version goes along unseen.

    "items.price" in `only` says which fields of a list or group are wanted, where not all of them are.
    """
    schema = model.model_json_schema(by_alias=True)
    properties = schema.get("properties", {})
    names = [name for name in only if name in properties] or list(properties)
    inside = [name for name in only if "." in name]
    if "version" in properties and "version" not in names:
        names.append("version")
    required = schema.get("required", ())
    defs = schema.get("$defs", {})
    fields = [_field(name, properties[name], defs, is_required=name in required) for name in names]
    if inside:
        fields = [_narrowed(each, inside) for each in fields]
    return tuple(fields if only else sorted(fields, key=lambda each: not each.is_required))


def titled(fields: tuple[Field, ...], section: AdminSection | AdminReport, locale: str) -> tuple[Field, ...]:
    """Return the fields with the titles that the section's columns give to the same members."""
    columns = (*section.details, *(section.columns if isinstance(section, AdminSection) else ()))
    titles = {column.path: said(column.title, locale) for column in columns}
    keyed = {each.name for each in fields if each.is_keyed}
    inside = ((column.path, inner) for column in columns if column.path in keyed for inner in column.columns)
    titles |= {f"{path}.{inner.path}": said(inner.title, locale) for path, inner in inside}
    return _titled(fields, titles, locale)


def _titled(fields: tuple[Field, ...], titles: Mapping[str, str], locale: str) -> tuple[Field, ...]:
    return tuple(
        replace(
            each,
            label=titles.get(each.name) or words(each.name.rpartition(".")[2], locale),
            # The API describes its fields in English: to others this would be noise.
            hint=_said_to_people(each.hint) if locale == "en" else "",
            inner=_titled(each.inner, titles, locale),
        )
        for each in fields
    )


def _said_to_people(hint: str) -> str:
    """Return a description of the API as it holds for what is typed: amounts with their point, nothing for null."""
    return _NULL.sub(lambda found: "Empty" if found[0][0] == "N" else "empty", _MINOR.sub("", hint))


def _field(
    name: str, declared: Mapping[str, Any], defs: Mapping[str, Any], *, is_required: bool, depth: int = 0
) -> Field:
    schema, is_nullable = _resolved(declared, defs)
    kind = _kind(name, schema, defs, depth)
    is_keyed = kind == "rows" and schema.get("type") == "object"
    items = _value_of(schema, defs) if is_keyed else _resolved(schema.get("items", {}), defs)[0]
    inner: tuple[Field, ...] = ()
    if kind in ("group", "rows", "columns"):
        inner = _inner(name, schema if kind == "group" else items, defs, depth)
    if is_keyed:
        inner = (Field(f"{name}.{KEY}", "text", words(KEY), is_required=True), *inner)
    if kind == "pairs":
        items = _value_of(schema, defs)
    default = declared.get("default", schema.get("default"))
    return Field(
        name=name,
        kind=kind,
        label=words(name.rpartition(".")[2]),
        hint=declared.get("description") or ("" if kind in ("money", "group") else schema.get("description")) or "",
        is_required=is_required,
        is_nullable=is_nullable,
        default=default,
        choices=_choices(schema),
        item_type="money" if _is_money(items) else str(items.get("type", "string")),
        min_length=schema.get("minLength", 0),
        max_length=schema.get("maxLength"),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        inner=inner,
        is_keyed=is_keyed,
        unit_by=next(iter(declared.get("x-unit-by", {}).items()), None),
    )


def _inner(name: str, of: Mapping[str, Any], defs: Mapping[str, Any], depth: int) -> tuple[Field, ...]:
    required = of.get("required", ())
    return tuple(
        _field(f"{name}.{each}", declared, defs, is_required=each in required, depth=depth + 1)
        for each, declared in of["properties"].items()
    )


def _narrowed(each: Field, names: list[str]) -> Field:
    inner = {one.name: one for one in each.inner}
    wanted = tuple(inner[name] for name in names if name in inner)
    return replace(each, inner=wanted or each.inner)


def _resolved(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """Return the schema behind references, and whether null is allowed beside it."""
    is_nullable = False
    for _ in range(8):
        if "$ref" in schema:
            schema = defs[schema["$ref"].rpartition("/")[2]]
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        elif "anyOf" in schema:
            others = [option for option in schema["anyOf"] if option != NULL]
            is_nullable = is_nullable or len(others) < len(schema["anyOf"])
            if len(others) != 1:
                break
            schema = others[0]
        else:
            break
    return schema, is_nullable


def _kind(name: str, schema: Mapping[str, Any], defs: Mapping[str, Any], depth: int) -> Kind:  # noqa: PLR0911 - a table
    if name == "version" and schema.get("type") == "integer":
        return "version"
    if _choices(schema):
        return "choice"
    if schema.get("x-unit") in UNITS:
        return UNITS[schema["x-unit"]]
    match schema.get("type"):
        case "boolean":
            return "flag"
        case "integer":
            return "number"
        case "number":
            return "decimal"
        case "string":
            return _kind_of_text(name, schema)
        case "array":
            return _kind_of_list(schema, defs, depth)
        case "object":
            return _kind_of_object(schema, defs, depth)
    return _kind_of_union(schema, defs)


def _kind_of_object(schema: Mapping[str, Any], defs: Mapping[str, Any], depth: int) -> Kind:
    if _is_money(schema):
        return "money"
    if schema.get("properties"):
        return "group" if depth == 0 else "json"
    values = _value_of(schema, defs)
    if _is_flat(values):
        return "pairs"
    return "rows" if depth == 0 and values.get("properties") else "json"


def _kind_of_list(schema: Mapping[str, Any], defs: Mapping[str, Any], depth: int) -> Kind:
    items, _ = _resolved(schema.get("items", {}), defs)
    if items.get("type") in ("string", "integer"):
        return "lines"
    if depth == 0 and items.get("properties"):
        return "rows"
    kinds = {each.kind for each in _inner("", items, defs, depth + 1)} if items.get("properties") else {"json"}
    return "columns" if kinds <= NUMBERS else "json"


def _is_money(schema: Mapping[str, Any]) -> bool:
    return set(schema.get("properties", ())) == {"amount", "currency"}


def _value_of(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of the values of an object with names of its own."""
    patterns = schema.get("patternProperties", {}).values()
    declared = next(iter(patterns), schema.get("additionalProperties", {}))
    return _resolved(declared, defs)[0] if isinstance(declared, Mapping) else {}


def _is_flat(schema: Mapping[str, Any]) -> bool:
    """Return True for a value that fits into a line: text, numbers, several texts, an amount."""
    options = schema.get("anyOf", [schema])
    flat = ("string", "boolean", "integer", "number", "null", "array")
    return _is_money(schema) or all(option.get("type") in flat for option in options)


def _kind_of_text(name: str, schema: Mapping[str, Any]) -> Kind:
    if schema.get("format") == "date-time":
        return "moment"
    if schema.get("format") == "date":
        return "date"
    is_long = schema.get("maxLength", 0) > LONG_TEXT and not name.endswith("url")
    return "long" if is_long else "text"


def _kind_of_union(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Kind:
    """A decimal number is one or its text; a percentage or a price is an amount; the rest is written as JSON."""
    options = [_resolved(option, defs)[0] for option in schema.get("anyOf", ())]
    if any(_is_money(option) for option in options):
        return "amount"
    types = {option.get("type") for option in options}
    if types and types <= {"number", "integer"}:
        return "decimal"
    return "text" if types and types <= {"number", "integer", "string"} else "json"


def _choices(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the values of an enumeration of text."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return tuple(values) if all(isinstance(value, str) for value in values) else ()
