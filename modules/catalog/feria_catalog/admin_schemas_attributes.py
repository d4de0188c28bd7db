"""Attributes and product types, as staff send and get them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from feria_catalog.admin_schemas import Label, Version, given
from feria_catalog.schemas import Slug
from feria_core.http import Body, Out

Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9]+(?:_[a-z0-9]+)*$", examples=["weight"])]
Type = Literal["text", "int", "decimal", "bool", "enum", "multi", "date"]
Level = Literal["product", "variant"]
UnitIn = Annotated[str, Field(min_length=1, max_length=30, examples=["kg"])]
Position = Annotated[int, Field(ge=0, le=1_000_000)]
AllowedValues = Annotated[list[Label], Field(max_length=500)]
Codes = Annotated[list["TypeAttribute"], Field(max_length=200)]


class AttributeBody(Body):
    """A new attribute; without `code` one is made of the name. Numbers of a known unit are taken in any of its kind."""

    name: Label
    code: Code | None = None
    type: Type = "text"
    unit: UnitIn | None = None
    allowed_values: AllowedValues = Field(default_factory=list)
    level: Level = "product"
    filterable: bool = True
    group: Label | None = None
    position: Position = 0

    @model_validator(mode="after")
    def _fits_together(self) -> AttributeBody:
        check_shape(self.type, self.unit, self.allowed_values)
        return self


class AttributePatch(Body):
    """What shall change of an attribute; what is not named stays."""

    name: Label | None = None
    type: Type | None = None
    unit: UnitIn | None = None
    allowed_values: AllowedValues | None = None
    level: Level | None = None
    filterable: bool | None = None
    group: Label | None = None
    position: Position | None = None
    version: Version | None = None

    @field_validator("name", "type", "allowed_values", "level", "filterable", "position")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class AdminAttribute(Out):
    """An attribute; of types `number`, `boolean` and `list` are those that came with their first value."""

    id: UUID
    code: str
    name: str
    type: str
    unit: str | None
    allowed_values: list[str]
    level: str
    filterable: bool
    group: str | None
    position: int
    version: int


class AdminAttributes(Out):
    items: list[AdminAttribute]
    next_cursor: str | None


class TypeAttribute(Body):
    """An attribute of a product type."""

    code: Code
    required: bool = False


class ProductTypeBody(Body):
    """A new product type with its attributes, in their order."""

    name: Label
    code: Slug | None = None
    attributes: Codes = Field(default_factory=list)


class ProductTypePatch(Body):
    """What shall change of a product type; `attributes` are all that it has then."""

    name: Label | None = None
    attributes: Codes | None = None
    version: Version | None = None

    @field_validator("name", "attributes")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class TypeAttributeOut(Out):
    code: str
    name: str
    type: str
    level: str
    required: bool


class AdminProductType(Out):
    id: UUID
    code: str
    name: str
    attributes: list[TypeAttributeOut]
    version: int


class AdminProductTypes(Out):
    items: list[AdminProductType]
    next_cursor: None = None


def check_shape(type_: str, unit: str | None, allowed_values: list[str]) -> None:
    """Raise ValueError where unit or allowed values do not go with the type."""
    if unit is not None and type_ not in ("int", "decimal", "number"):
        raise ValueError("only int and decimal have a unit")
    if allowed_values and type_ not in ("enum", "multi"):
        raise ValueError("only enum and multi have allowed_values")
    if type_ == "enum" and not allowed_values:
        raise ValueError("an enum needs allowed_values")
    if len({value.casefold() for value in allowed_values}) < len(allowed_values):
        raise ValueError("each of the allowed_values may stand once")


ProductTypeBody.model_rebuild()
ProductTypePatch.model_rebuild()
