"""What a product is made of, before any of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Final

from feria_core.money import Money

AttributeValue = str | int | bool | Decimal | list[str]


class Unsaid(Enum):
    """Stands where nothing is said of a value that may be none: the stored one stays."""

    TOKEN = 0


UNSAID: Final = Unsaid.TOKEN

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
class ImageUrl:
    """A picture on somebody else's server, to be fetched once the product is stored."""

    url: str
    alt: str


@dataclass(frozen=True)
class VariantInput:
    """One thing that is sold, as it shall be; `stock` is a level, None leaves the level alone.

    `attributes` are those that differ between variants; None leaves the stored ones, as it does with tax class and
    whether the variant is sold.
    """

    sku: str
    price: Money
    compare_at_price: Money | None = None
    stock: int | None = None
    options: Mapping[str, str] = field(default_factory=lambda: _NO_OPTIONS)
    weight_g: int | None = None
    barcode: str | None = None
    attributes: Mapping[str, AttributeValue] | None = None
    tax_class: str | None = None
    is_active: bool | None = None


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
    images: tuple[ImageUrl, ...] = ()
    publish_at: datetime | Unsaid | None = UNSAID
    seo_title: str | Unsaid | None = UNSAID
    seo_description: str | Unsaid | None = UNSAID


def status_at(status: str, publish_at: datetime | None, unpublish_at: datetime | None, now: datetime) -> str:
    """Return draft, scheduled, published or archived, as a product with this stored status is at `now`."""
    if status != "published":
        return status
    if unpublish_at is not None and unpublish_at <= now:
        return "archived"
    return "scheduled" if publish_at is not None and publish_at > now else "published"


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
