"""Brands and categories, as staff send and get them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from feria_catalog.admin_schemas import CustomFieldsIn, Label, Version, given
from feria_catalog.schemas import Slug
from feria_core.http import Body, Out

Position = Annotated[int, Field(ge=0, le=1_000_000, description="Among its siblings; then by name")]


class BrandBody(Body):
    """A new brand; without `slug` it is made of the name."""

    name: Label
    slug: Slug | None = None


class BrandPatch(Body):
    """What shall change of a brand; a new name brings a new slug, unless one is given. Old slugs lead to it."""

    name: Label | None = None
    slug: Slug | None = None
    version: Version | None = None

    @field_validator("name", "slug")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class AdminBrand(Out):
    """A brand; `product_count` counts products of every status."""

    id: UUID
    slug: str
    name: str
    product_count: int
    version: int


class AdminBrands(Out):
    items: list[AdminBrand]
    next_cursor: None = None


class CategoryPatch(Body):
    """What shall change of a category; `parent` moves it with its subtree, null makes it a root."""

    name: Label | None = None
    slug: Slug | None = None
    parent: Slug | None = None
    position: Position | None = None
    custom_fields: CustomFieldsIn | None = None
    version: Version | None = None

    @field_validator("name", "slug", "position", "custom_fields")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)
