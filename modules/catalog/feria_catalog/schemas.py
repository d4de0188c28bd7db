"""The shapes that the catalog's routes take and give."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from feria_core.http import Out, PageQuery, Query
from feria_core.http.schemas import StringList
from feria_core.money import MAX_AMOUNT, MoneyOut

SortName = Literal["relevance", "price", "-price", "-created_at", "-rating", "-popularity", "name"]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT)]
Slug = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", examples=["oak-table"])
]
_ATTRIBUTE = re.compile(r"(?:attr|field)\.[a-z0-9_]{1,100}")
# Codes of custom fields keep their prefix: it tells them from attributes.
_RANGE = re.compile(r"(?:attr\.([a-z0-9_]{1,100})|(field\.[a-z0-9_]{1,100}))\.(min|max)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
MAX_VALUES = 50
MAX_ATTRIBUTES = 50


def _bounded(values: list[str]) -> list[str]:
    if len(values) > MAX_VALUES or any(len(value) > 200 for value in values):  # noqa: PLR2004 - as Text
        raise ValueError(f"at most {MAX_VALUES} values of at most 200 characters")
    return values


# A Decimal is described as any text too, which none of them is.
RATING = WithJsonSchema({"type": "number", "minimum": 0, "maximum": 5, "multipleOf": 0.01})
RatingText = Annotated[Decimal, Field(ge=0, le=5, max_digits=3, decimal_places=2), RATING]
Values = Annotated[StringList, AfterValidator(_bounded)]


class ProductListQuery(PageQuery):
    """Which products, in which order. `attr.<code>=value` keeps those with the attribute or option value.

    It may stand several times: any of an attribute's values will do. `attr.<code>.min` and `.max` keep those whose
    number is in the range, both bounds included, in the unit of the facet. `field.<code>`, `.min` and `.max` are the
    same of public custom fields.
    """

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    q: Annotated[str | None, Field(max_length=1000, description="Words, an SKU or a barcode")] = None
    category: Annotated[str | None, Field(max_length=100, description="Slug; takes its subtree")] = None
    brand: Annotated[Values | None, Field(description="Name or slug, repeatable")] = None
    collection: Annotated[str | None, Field(max_length=100, description="Slug")] = None
    price_min: Annotated[Amount | None, Field(description="In minor units")] = None
    price_max: Annotated[Amount | None, Field(description="In minor units")] = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    rating_min: RatingText | None = None
    sort: SortName | None = None
    facets: Annotated[bool, Field(description="Add `facets`: values of the found products with their counts")] = False

    @model_validator(mode="after")
    def _only_attributes(self) -> ProductListQuery:
        if len(self.model_extra or {}) > MAX_ATTRIBUTES:
            raise ValueError(f"at most {MAX_ATTRIBUTES} attributes can be asked for at a time")
        for name in self.model_extra or {}:
            if not _ATTRIBUTE.fullmatch(name) and not _RANGE.fullmatch(name):
                raise ValueError(f"unknown parameter '{name[:100]}': ask for attr.<code> or field.<code>")
        self.attributes()
        self.ranges()
        return self

    def attributes(self) -> dict[str, list[str]]:
        """Return the wished values by attribute code."""
        extra = self.model_extra or {}
        return {
            name.removeprefix("attr."): _bounded(value if isinstance(value, list) else [value])
            for name, value in extra.items()
            if _ATTRIBUTE.fullmatch(name)
        }

    def ranges(self) -> dict[str, tuple[float | None, float | None]]:
        """Return the wished bounds by attribute code; None is no bound. Raises ValueError for one that is no number."""
        found: dict[str, dict[str, float]] = {}
        for name, value in (self.model_extra or {}).items():
            asked = _RANGE.fullmatch(name)
            if asked is None:
                continue
            if not isinstance(value, str) or not _NUMBER.fullmatch(value):
                raise ValueError(f"{name} is one number, such as 12.5")
            found.setdefault(asked[1] or asked[2], {})[asked[3]] = float(value)
        return {code: (bounds.get("min"), bounds.get("max")) for code, bounds in found.items()}


class SuggestQuery(Query):
    """What was typed so far."""

    q: Annotated[str, Field(max_length=1000)] = ""


class FocalPoint(Out):
    """What no cut may lose: shares of width and height from the upper left corner."""

    x: Annotated[float, Field(ge=0, le=1, examples=[0.5])]
    y: Annotated[float, Field(ge=0, le=1, examples=[0.25])]


class ImageVariant(Out):
    """The same picture narrower, as WebP or AVIF by `Accept`."""

    url: str
    width: int


class ImageOut(Out):
    """A picture; sizes in pixels, narrower ones with `?w=160|320|640|1280`."""

    url: str
    alt: str
    width: int
    height: int
    focal_point: FocalPoint | None = None
    variants: list[ImageVariant] = Field(default_factory=list)


LowestPrice = Annotated[
    MoneyOut | None, Field(description="The lowest price of the 30 days before this one was reduced, null else")
]


class ProductCard(Out):
    """A product as lists show it; the price is that of its first variant."""

    id: str
    slug: str
    name: str
    brand: str | None
    price: MoneyOut | None
    compare_at_price: MoneyOut | None
    lowest_price_30d: LowestPrice = None
    on_sale: bool
    in_stock: bool
    rating: float | None
    review_count: int
    image: ImageOut | None
    category: str | None
    sku: str | None
    default_variant_id: str | None


class FacetValueOut(Out):
    """A value and how many products have it; `value` is what the parameter takes, ratings are "so many and more"."""

    value: str
    label: str
    count: int
    selected: bool


class FacetRangeOut(Out):
    """Products of a range, both bounds included, in minor units as price_min and price_max take them."""

    min: int
    max: int
    count: int


class FacetOut(Out):
    """One way to narrow the list, counted for what all other filters keep: its own does not empty it.

    `parameter` is what to ask with (`attr.colour`, `brand`); numbers also take `.min` and `.max`, prices
    `price_min` and `price_max`. `values` are the most frequent ones and those asked for, `more` says that there are
    others. Categories count their subtrees. `min` and `max` are the least and greatest number, in `unit`.
    """

    code: str
    parameter: str
    name: str
    type: Annotated[str, Field(description="list, price, rating, or the type of the attribute")]
    unit: str | None
    values: list[FacetValueOut]
    more: bool
    min: float | None
    max: float | None
    ranges: list[FacetRangeOut]


class ProductPage(Out):
    """A page of products; `total` is exact up to 10,000, and 10,001 where there are more.

    `facets` stands there where it was asked for: category, brand, price, rating, in_stock and on_sale, then the
    attributes that most of the products have.
    """

    items: list[ProductCard]
    next_cursor: str | None
    total: int
    corrected_query: Annotated[str | None, Field(description="What was searched for, where words were mended")] = None
    facets: list[FacetOut] | None = None


class SpecificationOut(Out):
    code: str
    name: str
    value: Any
    unit: str | None
    group: str | None


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
    lowest_price_30d: LowestPrice = None
    available: int
    weight_g: int | None
    barcode: str | None
    media: list[ImageOut]
    specifications: list[SpecificationOut]
    custom_fields: dict[str, Any]


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
    custom_fields: Annotated[dict[str, Any], Field(description="Public ones by code; staff see all")]
    media: list[ImageOut]
    jsonld: dict[str, Any]
    related: list[ProductCard]


class Suggestion(Out):
    """A completion: a product or category with its slug, or a search that others made, without any."""

    kind: Literal["product", "category", "query"]
    text: str
    slug: str | None


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
    custom_fields: dict[str, Any] = Field(default_factory=dict)


class BrandOut(Out):
    slug: str
    name: str
    product_count: int


class BrandList(Out):
    items: list[BrandOut]
    next_cursor: None = None


class CollectionOut(Out):
    """A collection; its products are `GET /api/products?collection=<slug>`, those by hand in their order."""

    slug: str
    name: str
    description: str
    kind: Literal["manual", "rule"]
    product_count: int


class CollectionList(Out):
    items: list[CollectionOut]
    next_cursor: None = None


class AdminProduct(Product):
    """A product as staff see it."""

    version: int
    status: str
    publish_at: datetime | None
    unpublish_at: datetime | None
    description: str
    product_type: str | None
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime
