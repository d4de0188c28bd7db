"""What a product is made of, before any of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from feria_core.money import Money

AttributeValue = str | int | bool | Decimal | list[str]

_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
_NO_ATTRIBUTES: Mapping[str, AttributeValue] = MappingProxyType({})


@dataclass(frozen=True)
class MediaInput:
    """A picture that the media store holds already, under `key` (`<hash>.webp`); sizes in pixels."""

    key: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class VariantInput:
    """One thing that is sold, as it shall be; `stock` is a level, None leaves the level alone."""

    sku: str
    price: Money
    compare_at_price: Money | None = None
    stock: int | None = None
    options: Mapping[str, str] = field(default_factory=lambda: _NO_OPTIONS)
    weight_g: int | None = None
    barcode: str | None = None


@dataclass(frozen=True)
class ProductInput:
    """A product with its variants, as it shall be.

    `category_path` names the categories from the root down; those that are missing are created, like brand
    and attributes. Without `slug` a free one is made from the name.
    """

    name: str
    variants: tuple[VariantInput, ...]
    slug: str | None = None
    description: str = ""
    brand: str | None = None
    category_path: tuple[str, ...] = ()
    product_type: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=lambda: _NO_ATTRIBUTES)
    status: str = "published"
    media: tuple[MediaInput, ...] = ()


@dataclass(frozen=True)
class UpsertCounts:
    """How many products were made, changed and found as they should be."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: UpsertCounts) -> UpsertCounts:
        return UpsertCounts(
            self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged
        )
