"""Bodies and answers of address books and countries."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from feria_core.http import Body, Out

_LINE = r"^[^\x00-\x1f\x7f]+$"
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_LINE)]
Short = Annotated[str, Field(min_length=1, max_length=40, pattern=_LINE)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["CR"])]
_REQUIRED = ("name", "line1", "city", "country")


class AddressBody(Body):
    """An address; the rules of its country say what else is needed."""

    name: Annotated[Line, Field(description="Who receives it", examples=["Ada Lovelace"])]
    company: Line | None = None
    line1: Annotated[Line, Field(examples=["Calle 5 12"])]
    line2: Line | None = None
    city: Annotated[Line, Field(examples=["San José"])]
    region: Annotated[Line | None, Field(description="State, province or canton", examples=["SJ"])] = None
    postal_code: Annotated[Short | None, Field(examples=["10101"])] = None
    country: Country
    phone: Short | None = None
    is_default_shipping: Annotated[bool | None, Field(description="Left out: true for the first address")] = None
    is_default_billing: Annotated[bool | None, Field(description="Likewise")] = None


class AddressPatch(Body):
    """What to change; what is left out stays, null removes."""

    name: Line | None = None
    company: Line | None = None
    line1: Line | None = None
    line2: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Short | None = None
    country: Country | None = None
    phone: Short | None = None
    is_default_shipping: bool | None = None
    is_default_billing: bool | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        emptied = [name for name in _REQUIRED if name in self.model_fields_set and getattr(self, name) is None]
        if emptied:
            raise ValueError(f"an address has its {emptied[0]} always: change it or leave it out")
        return self


class AddressOut(Out):
    """An address of the book."""

    id: UUID
    name: str
    company: str | None
    line1: str
    line2: str | None
    city: str
    region: Annotated[str | None, Field(description="The key of its country's list, where it has one")]
    postal_code: str | None
    country: str
    phone: str | None
    is_default_shipping: bool
    is_default_billing: bool


class CountryOut(Out):
    """A country, named in the language that was asked for."""

    code: Annotated[str, Field(examples=["CR"])]
    name: Annotated[str, Field(examples=["Costa Rica"])]


class CountryListOut(Out):
    """Every country, sorted by name."""

    items: list[CountryOut]
    next_cursor: None = None


class FormFieldOut(Out):
    """A field of the country's form; a name of API.md's Address."""

    name: Annotated[str, Field(examples=["postal_code"])]
    label: Annotated[str, Field(examples=["ZIP code"])]
    required: bool


class CountryFormOut(CountryOut):
    """What a form for an address in this country shows, in this order."""

    fields: list[FormFieldOut]
    regions: Annotated[list[CountryOut], Field(description="Empty: the region is free text, or there is none")]
    postal_code_examples: list[str]
    postal_code_pattern: Annotated[str | None, Field(description="Of the whole code in capitals; null: any")]
