"""Custom fields as staff and modules declared them, and values checked against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feria_catalog.attributes.definitions import BadValue, Definition
from feria_core import db
from feria_core.contracts.catalog import CUSTOM_FIELDS
from feria_core.errors import Invalid
from feria_core.runtime import registry

PRODUCT, VARIANT, CATEGORY = "product", "variant", "category"
# Before the codes of filters and facets, among those of attributes, which have no dot.
PREFIX = "field."

_FIELDS = "SELECT code, name, type, allowed_values, object, is_public, is_filterable FROM catalog_custom_field"


@dataclass(frozen=True)
class Field:
    """One field; `definition` checks its values."""

    definition: Definition
    object: str
    is_public: bool
    is_of_module: bool = False


Fields = Mapping[str, Field]


async def load() -> dict[str, Field]:
    """Return all fields by code; where staff and a module declared the same one, it is the module's."""
    found = {
        row["code"]: _field(
            row["code"], row["name"], row["type"], tuple(row["allowed_values"]), row["object"],
            is_public=row["is_public"], is_filterable=row["is_filterable"],
        )
        for row in await db.fetch_all(_FIELDS)
    }  # fmt: skip
    return found | of_modules()


def of_modules() -> dict[str, Field]:
    """Return the fields that modules declare, by code."""
    return {
        field.code: _field(
            field.code, field.name, field.type, field.allowed_values, field.object,
            is_public=field.is_public, is_filterable=field.is_filterable, is_of_module=True,
        )
        for field in registry().all(CUSTOM_FIELDS)
    }  # fmt: skip


def public(fields: Fields, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that everybody may see, by code; those of fields that are gone are not among them."""
    if not values:  # of nearly every product, and one is asked for each that is written
        return {}
    return {
        code: value
        for code, value in sorted(values.items())
        if (field := fields.get(code)) is not None and field.is_public and field.object == kind
    }


def merged(fields: Fields, kind: str, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored values with the given ones, where null takes away. Raises Invalid naming the field."""
    after = dict(before)
    for code, value in given.items():
        if value is None:
            after.pop(code, None)
            continue
        field = fields.get(code)
        if field is None or field.object != kind:
            raise _refused(
                code, "unknown_field", f"A {kind} has no custom field '{code}': GET /api/admin/custom-fields."
            )
        try:
            after[code] = field.definition.fit(value)
        except BadValue as error:
            raise _refused(code, error.code, error.message) from error
    return after


def _field(
    code: str,
    name: str,
    type_: str,
    allowed_values: tuple[str, ...],
    kind: str,
    *,
    is_public: bool,
    is_filterable: bool,
    is_of_module: bool = False,
) -> Field:
    definition = Definition(
        code, name, type_, is_filterable=is_filterable, allowed_values=allowed_values, is_declared=True
    )
    return Field(definition, kind, is_public, is_of_module)


def _refused(field: str, code: str, message: str) -> Invalid:
    return Invalid.field("body", "custom_fields", field, code=code, message=message)
