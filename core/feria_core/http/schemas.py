"""The bases of every body, query and answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Body", "Moment", "Out", "Query", "StringList", "Text"]


class Body(BaseModel):
    """A JSON body: unknown fields are refused, types are not converted, text is trimmed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, defer_build=True)


class Query(BaseModel):
    """A query string: unknown names are refused, values are read from text."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _as_text(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("a time is written as text, 2026-11-20T18:00:00Z")
    return value


# Between these every zone's moment is one in UTC too, for PostgreSQL and for arithmetic.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
# Bodies convert no types, and JSON has no times: here text is what a time comes as.
Moment = Annotated[AwareDatetime, BeforeValidator(_as_text), Field(strict=False, ge=_FIRST, lt=_LAST)]
# One `?tag=a` arrives as text, two as a list.
StringList = Annotated[list[str], BeforeValidator(_as_list)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
