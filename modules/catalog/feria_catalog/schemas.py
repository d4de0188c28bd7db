"""The shapes that the catalog's routes take and give."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from feria_core.http import Out, PageQuery, Query
from feria_core.http.schemas import StringList
from feria_core.money import MAX_AMOUNT, MoneyOut

SortName = Literal["relevance", "price", "-price", "-created_at", "-rating", "-popularity", "name"]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT)]
Slug = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", examples=["oak-table"])
]
_ATTRIBUTE = re.compile(r"attr\.([a-z0-9_]{1,100})")
MAX_VALUES = 50
MAX_ATTRIBUTES = 50


def _bounded(values: list[str]) -> list[str]:
    if len(values) > MAX_VALUES or any(len(value) > 200 for value in values):  # noqa: PLR2004 - as Text
        raise ValueError(f"at most {MAX_VALUES} values of at most 200 characters")
    return values


Values = Annotated[StringList, AfterValidator(_bounded)]


class ProductListQuery(PageQuery):
    """Which products, in which order. `attr.<code>=value` keeps those with the attribute or option value."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    q: Annotated[str | None, Field(max_length=1000, description="Words, an SKU or a barcode")] = None
    category: Annotated[str | None, Field(max_length=100, description="Slug; takes its subtree")] = None
    brand: Annotated[Values | None, Field(description="Name or slug, repeatable")] = None
    price_min: Annotated[Amount | None, Field(description="In minor units")] = None
    price_max: Annotated[Amount | None, Field(description="In minor units")] = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    rating_min: Annotated[Decimal | None, Field(ge=0, le=5, max_digits=3, decimal_places=2)] = None
    sort: SortName | None = None

    @model_validator(mode="after")
    def _only_attributes(self) -> ProductListQuery:
        if len(self.model_extra or {}) > MAX_ATTRIBUTES:
            raise ValueError(f"at most {MAX_ATTRIBUTES} attributes can be asked for at a time")
        for name in self.model_extra or {}:
            if not _ATTRIBUTE.fullmatch(name):
                raise ValueError(f"unknown parameter '{name[:100]}': attributes are asked for as attr.<code>")
        self.attributes()
        return self

    def attributes(self) -> dict[str, list[str]]:
        """Return the wished values by attribute code."""
        extra = self.model_extra or {}
        return {
            name.removeprefix("attr."): _bounded(value if isinstance(value, list) else [value])
            for name, value in extra.items()
        }


class SuggestQuery(Query):
    """What was typed so far."""

    q: Annotated[str, Field(max_length=1000)] = ""


class ImageOut(Out):
    """A picture; sizes in pixels, narrower ones with `?w=160|320|640|1280`."""

    url: str
    alt: str
    width: int
    height: int


class ProductCard(Out):
    """A product as lists show it; the price is that of its first variant."""

    id: str
    slug: str
    name: str
    brand: str | None
    price: MoneyOut | None
    compare_at_price: MoneyOut | None
    on_sale: bool
    in_stock: bool
    rating: float | None
    review_count: int
    image: ImageOut | None
    category: str | None
    sku: str | None
    default_variant_id: str | None


class ProductPage(Out):
    """A page of products; `total` is exact up to 10,000, and 10,001 where there are more."""

    items: list[ProductCard]
    next_cursor: str | None
    total: int


class OptionOut(Out):
    code: str
    name: str
    values: list[str]


class VariantOut(Out):
    """What is bought; `available` is what nobody else holds."""

    id: str
    sku: str
    options: dict[str, str]
    price: MoneyOut
    compare_at_price: MoneyOut | None
    available: int
    weight_g: int | None
    barcode: str | None
    media: list[ImageOut]


class SpecificationOut(Out):
    code: str
    name: str
    value: Any
    unit: str | None
    group: str | None


class SeoOut(Out):
    title: str
    description: str
    canonical: str


class CategoryRef(Out):
    slug: str
    name: str


class Product(ProductCard):
    """A product with all that its page shows."""

    description_html: str
    seo: SeoOut
    category_path: list[CategoryRef]
    options: list[OptionOut]
    variants: list[VariantOut]
    specifications: list[SpecificationOut]
    media: list[ImageOut]
    jsonld: dict[str, Any]
    related: list[ProductCard]


class Suggestion(Out):
    """A completion: of a product with its slug, or of a category with its slug."""

    kind: Literal["product", "category"]
    text: str
    slug: str


class Suggestions(Out):
    items: list[Suggestion]


class CategoryOut(Out):
    """A category; `product_count` counts its subtree."""

    slug: str
    name: str
    product_count: int
    children: list[CategoryOut] = Field(default_factory=list)


class CategoryTreeOut(Out):
    items: list[CategoryOut]
    next_cursor: None = None


class AttributeOut(Out):
    code: str
    name: str
    type: str
    unit: str | None


class CategoryDetail(CategoryOut):
    """A category with the way to it; `attributes` are those that its products can be filtered by."""

    breadcrumb: list[CategoryRef]
    attributes: list[AttributeOut]


class BrandOut(Out):
    slug: str
    name: str
    product_count: int


class BrandList(Out):
    items: list[BrandOut]
    next_cursor: None = None


class AdminProduct(Product):
    """A product as staff see it."""

    version: int
    status: str
    publish_at: datetime | None
    description: str
    product_type: str | None
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime
