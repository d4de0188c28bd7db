"""The bases of every body, query and answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Body", "Out", "Query", "StringList", "Text"]


class Body(BaseModel):
    """A JSON body: unknown fields are refused, types are not converted, text is trimmed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class Query(BaseModel):
    """A query string: unknown names are refused, values are read from text."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


# One `?tag=a` arrives as text, two as a list.
StringList = Annotated[list[str], BeforeValidator(_as_list)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
