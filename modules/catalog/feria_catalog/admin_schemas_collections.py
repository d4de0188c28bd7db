"""Collections, as staff send and get them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from feria_catalog.admin_schemas import Id, Label, Version, given
from feria_catalog.schemas import Amount, Slug
from feria_core.http import Body, Out

Bound = Annotated[float | int | None, Field(ge=-(2.0**53), le=2.0**53, allow_inf_nan=False)]
AttributeCode = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9_]+$")]
RatingNumber = Annotated[
    Decimal | float | int,
    Field(ge=0, le=5, allow_inf_nan=False),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 5}),
]
Wanted = Annotated[list[Label], Field(min_length=1, max_length=50)]
Products = Annotated[list[Id], Field(max_length=1000, description="Ids of products, in their order")]
About = Annotated[str, Field(max_length=5000)]


class RangeBody(Body):
    """Bounds of a number, both included, in the attribute's own unit."""

    min: Bound = None
    max: Bound = None


class RuleBody(Body):
    """Which products belong to the collection: the filters of `GET /api/products`, all of which have to hold."""

    category: Slug | None = None
    brand: Wanted | None = None
    price_min: Amount | None = None
    price_max: Amount | None = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    rating_min: RatingNumber | None = None
    attributes: Annotated[dict[AttributeCode, Wanted], Field(max_length=50)] = Field(default_factory=dict)
    ranges: Annotated[dict[AttributeCode, RangeBody], Field(max_length=50)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_something(self) -> RuleBody:
        if not self.model_dump(exclude_none=True, exclude_defaults=True):
            raise ValueError("a rule needs at least one condition")
        return self


class CollectionBody(Body):
    """A new collection: by rule where `rule` is given, else by hand."""

    name: Label
    slug: Slug | None = None
    description: About = ""
    rule: RuleBody | None = None
    products: Products = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way(self) -> CollectionBody:
        if self.rule is not None and self.products:
            raise ValueError("a collection has either a rule or products")
        return self


class CollectionPatch(Body):
    """What shall change of a collection; `products` are all that it has then, in their order."""

    name: Label | None = None
    description: About | None = None
    rule: RuleBody | None = None
    products: Products | None = None
    version: Version | None = None

    @field_validator("name", "description", "rule", "products")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class AdminCollection(Out):
    """A collection; `rule` is null for one by hand."""

    id: UUID
    slug: str
    name: str
    description: str
    rule: dict[str, Any] | None
    products: list[UUID]
    version: int


class AdminCollections(Out):
    items: list[AdminCollection]
    next_cursor: None = None
