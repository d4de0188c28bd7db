"""The bodies that staff send, and what they get."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BeforeValidator, Field, field_validator, model_validator

from feria_catalog.domain import AttributeValue, ProductInput, VariantInput
from feria_catalog.schemas import ProductCard, Slug
from feria_catalog.stock.levels import MAX_LEVEL
from feria_core.http import Body, Out, PageQuery
from feria_core.http.schemas import Moment, Text
from feria_core.money import MoneyIn, MoneyOut


def _as_id(value: Any) -> Any:
    return UUID(value) if isinstance(value, str) else value


Id = Annotated[UUID, BeforeValidator(_as_id)]
Sku = Annotated[str, Field(min_length=1, max_length=100)]
Label = Annotated[str, Field(min_length=1, max_length=100)]
Status = Literal["draft", "scheduled", "published", "archived"]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version that was edited: another one is refused")]
Level = Annotated[int, Field(ge=0, le=MAX_LEVEL)]
Options = Annotated[dict[Label, Label], Field(max_length=10)]
Grams = Annotated[int, Field(ge=0, le=100_000_000)]
Barcode = Annotated[str, Field(min_length=1, max_length=64)]
TaxClass = Annotated[
    str, Field(min_length=1, max_length=50, description="How it is taxed: `standard`, or what checkout's zones name")
]
Description = Annotated[str, Field(max_length=50_000)]
Number = Annotated[int, Field(ge=-(2**53), le=2**53)]
AttributeIn = (
    Annotated[str, Field(max_length=1000)]
    | bool
    | Number
    | Annotated[float, Field(ge=-(2.0**53), le=2.0**53, allow_inf_nan=False)]
    | Annotated[list[Label], Field(max_length=50)]
)
Attributes = Annotated[dict[Label, AttributeIn], Field(max_length=200)]
FieldCode = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9]+(?:_[a-z0-9]+)*$")]
CustomFieldsIn = Annotated[
    dict[FieldCode, AttributeIn | None],
    Field(max_length=100, description="Values of custom fields by code; null takes one away"),
]


def attribute_values(given: dict[str, Any]) -> dict[str, AttributeValue]:
    """Return the attributes with exact numbers."""
    return {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in given.items()}


def stored_status(status: str) -> str:
    """Return the status as it is stored: a scheduled product is a published one with a time."""
    return "published" if status == "scheduled" else status


class SeoBody(Body):
    """What search engines show; null is the name, and the beginning of the description."""

    title: Annotated[str | None, Field(max_length=200)] = None
    description: Annotated[str | None, Field(max_length=500)] = None


class VariantBody(Body):
    """A new variant; `stock` is its first level."""

    sku: Sku
    price: MoneyIn
    compare_at_price: MoneyIn | None = None
    stock: Level | None = None
    options: Options = Field(default_factory=dict)
    weight_g: Grams | None = None
    barcode: Barcode | None = None
    tax_class: TaxClass | None = None
    attributes: Attributes = Field(default_factory=dict)
    custom_fields: CustomFieldsIn = Field(default_factory=dict)

    def to_input(self) -> VariantInput:
        """Return the same variant for the domain."""
        return VariantInput(
            sku=self.sku,
            price=self.price.to_money(),
            compare_at_price=self.compare_at_price.to_money() if self.compare_at_price else None,
            stock=self.stock,
            options=self.options,
            weight_g=self.weight_g,
            barcode=self.barcode,
            tax_class=self.tax_class,
            attributes=attribute_values(self.attributes),
        )


class ProductBody(Body):
    """A new product with its variants."""

    name: Text
    slug: Slug | None = None
    description: Description = ""
    brand: Label | None = None
    category: Slug | None = None
    product_type: Label | None = None
    attributes: Attributes = Field(default_factory=dict)
    status: Status = "draft"
    publish_at: Moment | None = None
    unpublish_at: Moment | None = None
    seo: SeoBody | None = None
    custom_fields: CustomFieldsIn = Field(default_factory=dict)
    variants: Annotated[list[VariantBody], Field(min_length=1, max_length=200)]

    def to_input(self, category_path: tuple[str, ...]) -> ProductInput:
        """Return the same product for the domain."""
        return ProductInput(
            name=self.name,
            variants=tuple(variant.to_input() for variant in self.variants),
            slug=self.slug,
            description=self.description,
            brand=self.brand,
            category_path=category_path,
            product_type=self.product_type,
            attributes=attribute_values(self.attributes),
            status=stored_status(self.status),
        )


class VariantPatch(Body):
    """What shall change of a variant; what is not named stays."""

    sku: Sku | None = None
    price: MoneyIn | None = None
    compare_at_price: MoneyIn | None = None
    options: Options | None = None
    weight_g: Grams | None = None
    barcode: Barcode | None = None
    tax_class: TaxClass | None = None
    is_active: bool | None = None
    attributes: Annotated[dict[Label, AttributeIn | None], Field(max_length=200)] | None = None
    media: Annotated[list[Id], Field(max_length=50, description="Ids of the product's pictures")] | None = None
    custom_fields: CustomFieldsIn | None = None
    version: Version | None = None

    @field_validator("sku", "price", "options", "tax_class", "is_active", "attributes", "media", "custom_fields")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class ProductPatch(Body):
    """What shall change of a product; what is not named stays. An attribute that is null is taken away.

    `variants` are found by SKU; an unknown SKU is a new variant and needs a price.
    """

    name: Text | None = None
    slug: Slug | None = None
    description: Description | None = None
    brand: Label | None = None
    category: Slug | None = None
    product_type: Label | None = None
    attributes: Annotated[dict[Label, AttributeIn | None], Field(max_length=200)] | None = None
    status: Status | None = None
    publish_at: Moment | None = None
    unpublish_at: Moment | None = None
    seo: SeoBody | None = None
    custom_fields: CustomFieldsIn | None = None
    variants: Annotated[list[SkuPatch], Field(max_length=200)] | None = None
    version: Version | None = None

    @field_validator("name", "slug", "description", "attributes", "status", "variants", "custom_fields")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class SkuPatch(VariantPatch):
    """A variant in a product's PATCH: changed where its SKU is known, else new."""

    sku: Sku
    stock: Annotated[Level | None, Field(description="First level of a new variant")] = None


class RepriceBody(Body):
    """By how much every price of a product changes: -10 is ten percent less."""

    percent: Annotated[int, Field(ge=-90, le=1000, description="Whole percent, rounded half up to minor units")]


class MatrixBody(Body):
    """Options and their values: each combination that the product has not becomes a variant with this price."""

    options: Annotated[
        dict[Label, Annotated[list[Label], Field(min_length=1, max_length=50)]], Field(min_length=1, max_length=10)
    ]
    price: MoneyIn
    compare_at_price: MoneyIn | None = None
    sku_prefix: Annotated[str | None, Field(min_length=1, max_length=60)] = None
    stock: Level | None = None
    weight_g: Grams | None = None
    tax_class: TaxClass | None = None
    attributes: Attributes = Field(default_factory=dict)
    version: Version | None = None

    @field_validator("options")
    @classmethod
    def _distinct(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for name, values in value.items():
            if len({one.lower() for one in values}) < len(values):
                raise ValueError(f"the values of '{name}' repeat: each may stand once")
        if len({name.lower() for name in value}) < len(value):
            raise ValueError("the options repeat: each may stand once")
        return value


class CategoryBody(Body):
    """A new category, under `parent` where that is given."""

    name: Label
    slug: Slug | None = None
    parent: Slug | None = None
    position: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    custom_fields: CustomFieldsIn = Field(default_factory=dict)


class AdjustmentBody(Body):
    """A correction of one variant's stock: `change` adds, `level` sets."""

    sku: Sku | None = None
    variant_id: Id | None = None
    change: Annotated[int | None, Field(ge=-MAX_LEVEL, le=MAX_LEVEL)] = None
    level: Level | None = None
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["delivery", "damaged", "counted"])]

    @model_validator(mode="after")
    def _one_of_each(self) -> AdjustmentBody:
        if (self.sku is None) == (self.variant_id is None):
            raise ValueError("name the variant by one of `sku` and `variant_id`")
        if (self.change is None) == (self.level is None):
            raise ValueError("give one of `change` and `level`")
        return self


class AdminListQuery(PageQuery):
    """Which products staff look for."""

    q: Annotated[str | None, Field(max_length=200)] = None
    status: Status | None = None


class VariantQuery(PageQuery):
    """Which variants staff look for."""

    q: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Words of the product, of its variants' options, their SKUs; the last may be unfinished",
        ),
    ] = None
    is_active: Annotated[bool | None, Field(description="`true`: not the withdrawn ones")] = None


class MovementQuery(PageQuery):
    """Whose movements; newest first."""

    sku: Annotated[str | None, Field(max_length=100)] = None
    variant_id: UUID | None = None


class AdminCard(ProductCard):
    """A product in staff's list."""

    status: str
    version: int
    on_hand: int
    updated_at: datetime


class AdminPage(Out):
    items: list[AdminCard]
    next_cursor: str | None


class AdminVariant(Out):
    """A variant as staff see it; `available` is `on_hand` less `reserved`."""

    id: UUID
    sku: str
    options: dict[str, str]
    price: MoneyOut
    compare_at_price: MoneyOut | None
    weight_g: int | None
    barcode: str | None
    tax_class: str
    attributes: dict[str, Any]
    custom_fields: dict[str, Any]
    is_active: bool
    on_hand: int
    reserved: int
    available: int


class ListedVariant(Out):
    """A variant of any product, as staff choose one."""

    id: UUID
    sku: str
    title: Annotated[str, Field(description="Name of the product, options, SKU", examples=["Mug, blue (MUG-1)"])]
    product_id: UUID
    name: Annotated[str, Field(description="Of the product")]
    options: dict[str, str]
    price: MoneyOut
    is_active: bool
    available: int


class AdminVariants(Out):
    items: list[AdminVariant]
    next_cursor: None = None
    version: int


class AdminCategory(Out):
    """A category; `path` are the slugs from the root down."""

    id: UUID
    slug: str
    name: str
    parent: str | None
    path: list[str]
    position: int
    custom_fields: dict[str, Any]
    version: int

    @field_validator("custom_fields", mode="before")
    @classmethod
    def _parsed(cls, value: Any) -> Any:
        return orjson.loads(value) if isinstance(value, str) else value


class AdminCategories(Out):
    items: list[AdminCategory]
    next_cursor: None = None


class StockState(Out):
    """A variant's stock after a correction."""

    variant_id: UUID
    sku: str
    on_hand: int
    reserved: int
    available: int


class MovementOut(Out):
    id: UUID
    variant_id: UUID
    sku: str
    change: int
    reason: str
    reference: str | None
    actor: str | None
    at: datetime


class MovementPage(Out):
    items: list[MovementOut]
    next_cursor: str | None


def given(value: Any) -> Any:
    if value is None:
        raise ValueError("null is not a value of this field: leave it away to keep what is stored")
    return value


ProductPatch.model_rebuild()
