"""Custom fields, as staff send and get them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from feria_catalog.admin_schemas import FieldCode, Label, Version, given
from feria_catalog.admin_schemas_attributes import AllowedValues, Type, check_shape
from feria_core.http import Body, Out

Object = Literal["product", "variant", "category"]


class CustomFieldBody(Body):
    """A new custom field; only a public one can be filtered by."""

    code: FieldCode
    name: Label
    type: Type = "text"
    allowed_values: AllowedValues = Field(default_factory=list)
    object: Object = "product"
    public: bool = False
    filterable: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> CustomFieldBody:
        check_field(self)
        return self


class CustomFieldPatch(Body):
    """What shall change of a custom field; what is not named stays. What has it, it keeps."""

    name: Label | None = None
    type: Type | None = None
    allowed_values: AllowedValues | None = None
    public: bool | None = None
    filterable: bool | None = None
    version: Version | None = None

    @field_validator("name", "type", "allowed_values", "public", "filterable")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class AdminCustomField(Out):
    """A custom field; one that a module declares has neither id nor version, and is not changed here."""

    id: UUID | None
    code: str
    name: str
    type: str
    allowed_values: list[str]
    object: str
    public: bool
    filterable: bool
    declared_by: Literal["staff", "module"]
    version: int | None


class AdminCustomFields(Out):
    items: list[AdminCustomField]
    next_cursor: None = None


def check_field(field: CustomFieldBody | AdminCustomField) -> None:
    """Raise ValueError where the field's type, values and visibility do not go together."""
    check_shape(field.type, None, field.allowed_values)
    if field.filterable and not field.public:
        raise ValueError("a private field cannot be filterable: its values would be found out")
