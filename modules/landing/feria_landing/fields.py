"""Fields that several bodies share."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from feria_core.http import schemas as http
from feria_landing.addresses import EmailAddress, parse_email

# Controls and what reorders or hides text: a name with one is written to deceive, or to end a mail's header.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("control_character", "Line breaks and control characters are not taken here.")
    return text


def _from(value: Any) -> Any:
    """Return a date as its beginning; a plus sign that came as a space, as browsers read it, is one again."""
    if isinstance(value, str):
        text = value.strip().replace(" ", "+")
        return f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text
    return value


def _to(value: Any) -> Any:
    """Return a date as the beginning of the next."""
    text = _from(value)
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        try:
            return (datetime.fromisoformat(text) + timedelta(days=1)).isoformat()
        except (ValueError, OverflowError):
            return text
    return text


def _email(text: str) -> str:
    if parse_email(text) is None:
        raise PydanticCustomError("invalid_email", "This is not an e-mail address.")
    return text


def address_of(text: str) -> EmailAddress:
    """Return the parsed form of a text that passed as EmailText."""
    address = parse_email(text)
    assert address is not None  # noqa: S101 - the body's validator has parsed it
    return address


Moment = Annotated[http.Moment, AfterValidator(lambda value: value.astimezone(UTC))]
# Calendars count in whole seconds.
Second = Annotated[Moment, AfterValidator(lambda value: value.replace(microsecond=0))]
FromMoment = Annotated[Moment, BeforeValidator(_from)]
ToMoment = Annotated[Moment, BeforeValidator(_to)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
ShortLine = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
OptionalLine = Annotated[str, Field(max_length=120), AfterValidator(_one_line)]
EmailText = Annotated[
    str,
    Field(min_length=3, max_length=254, examples=["ana@example.org"]),
    AfterValidator(_one_line),
    AfterValidator(_email),
]
WebUrl = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^https?://[^\s\"<>\\^`{|}]+$",
        description="An http or https address",
        examples=["https://example.org/more"],
    ),
]
ImageUrl = Annotated[
    str,
    Field(
        max_length=500, pattern=r"^(?:https?://|/)[^\s\"<>\\^`{|}]+$", description="http, https, or a path of this site"
    ),
]
