"""The bases of every body, query and answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, field_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

__all__ = ["Body", "Moment", "Out", "Query", "StringList", "Text", "as_written_time", "not_null"]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Body(BaseModel):
    """A JSON body: unknown fields are refused, types are not converted, text is trimmed.

    A validator named `_not_null` refuses null where a field may be left away; the schema then says so.
    """

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(core)
        shape = handler.resolve_ref_schema(described)
        refusing = cls.__pydantic_decorators__.field_validators.get("_not_null")
        for field in refusing.info.fields if refusing else ():
            shape["properties"][field] = _without_null(shape["properties"][field])
        _close(shape.get("properties", {}))
        return described


class Query(BaseModel):
    """A query string: unknown names are refused, values are read from text."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


def not_null(*fields: str) -> Any:
    """Return the validator of a PATCH body that refuses null for these fields; assign it to `_not_null`."""
    return field_validator(*fields)(_given)


def _given(value: Any) -> Any:
    if value is None:
        raise ValueError("null is not a value of this field: leave it away to keep what is stored")
    return value


def _close(described: Any) -> None:
    """Say of mappings whose keys have a pattern that they have no others, which pydantic refuses without saying so."""
    if isinstance(described, dict):
        if "patternProperties" in described:
            described.setdefault("additionalProperties", False)
        for value in described.values():
            _close(value)
    elif isinstance(described, list):
        for value in described:
            _close(value)


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field that is left away, but never null."""
    kept = {key: value for key, value in shape.items() if not (key == "default" and value is None)}
    options = [option for option in kept.pop("anyOf", ()) if option != {"type": "null"}]
    return {**kept, "anyOf": options} if len(options) > 1 else {**kept, **(options[0] if options else {})}


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def as_written_time(value: Any) -> Any:
    """Return text that begins like a time; a number, which pydantic would take for seconds since 1970, is none.

    JSON has no times: one that is a time already is the code's own.
    """
    if isinstance(value, datetime):
        return value
    if value is not None and not (isinstance(value, str) and _DATE.match(value.strip())):
        raise ValueError("a time is written as text, 2026-11-20T18:00:00Z")
    return value


# Between these every zone's moment is one in UTC too, for PostgreSQL and for arithmetic.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
# Bodies convert no types, and JSON has no times: here text is what a time comes as.
Moment = Annotated[AwareDatetime, BeforeValidator(as_written_time), Field(strict=False, ge=_FIRST, lt=_LAST)]
# One `?tag=a` arrives as text, two as a list.
StringList = Annotated[list[str], BeforeValidator(_as_list)]


def shape(name: str) -> Any:
    """Return the type of JSON that is ready already and whose schema another module owns, for the description."""
    return Annotated[dict[str, Any], Field(json_schema_extra={"x-shape": name})]


# The card of a product as the catalog shows it in lists.
ProductCard = shape("ProductCard")
Text = Annotated[str, Field(min_length=1, max_length=200)]
