"""A product's card and page as JSON text, from what the tables hold. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.attributes.definitions import shown
from feria_catalog.documents.jsonld import jsonld
from feria_catalog.folding import label_of
from feria_catalog.media.keys import focal_point, narrower, url_of
from feria_catalog.pricing.lowest import Point

# Stands in a page where a variant's availability goes, filled when it is read: it changes with every sale. JSON
# writes control characters escaped, so no text of staff can hold this one.
AVAILABLE_MARK = "\x1f"
SEO_LENGTH = 160

Json = dict[str, Any]


@dataclass(frozen=True)
class AttributeLabel:
    """How an attribute is shown."""

    name: str
    unit: str | None
    group: str | None
    is_filterable: bool
    type: str = "text"
    position: int = 0
    # By locale.
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VariantFacts:
    """A variant that is sold."""

    id: UUID
    sku: str
    options: Mapping[str, str]
    price_amount: int
    currency: str
    compare_at_amount: int | None
    weight_g: int | None
    barcode: str | None
    available: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    media: Sequence[Mapping[str, Any]] = ()
    # Of the 30 days before the price was reduced; None where it is not.
    lowest_amount: int | None = None
    # When a list changes the price next.
    price_until: datetime | None = None
    # What the history of its prices does not have yet.
    price_news: Sequence[Point] = ()
    # The public ones.
    custom_fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Translation:
    """A product's texts in another language than the shop's first; what is None or empty is not translated."""

    name: str | None = None
    slug: str | None = None
    description: str | None = None
    seo_title: str | None = None
    seo_description: str | None = None


_NO_TRANSLATIONS: Mapping[str, Translation] = MappingProxyType({})


@dataclass(frozen=True)
class ProductFacts:
    """All that a product's documents show; variants in their order, only those that are sold."""

    id: UUID
    no: int
    name: str
    slug: str
    description: str
    brand: str | None
    brand_slug: str | None
    category_path: Sequence[Mapping[str, str]]
    attributes: Mapping[str, Any]
    labels: Mapping[str, AttributeLabel]
    seo_title: str | None
    seo_description: str | None
    rating: Decimal | None
    review_count: int
    status: str
    publish_at: datetime | None
    popularity: int
    created_at: datetime
    variants: Sequence[VariantFacts]
    media: Sequence[Mapping[str, Any]]
    unpublish_at: datetime | None = None
    # What orders by rating go by; none says the rating itself.
    rating_rank: Decimal | None = None
    # By locale.
    translations: Mapping[str, Translation] = field(default_factory=lambda: _NO_TRANSLATIONS)
    brand_names: Mapping[str, str] = field(default_factory=dict)
    # Of each step of the path.
    category_names: Sequence[Mapping[str, str]] = ()
    # The public ones, and the types of those that lists filter by.
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    filterable_fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def default_variant(self) -> VariantFacts | None:
        """The one whose price stands on the card: the first."""
        return self.variants[0] if self.variants else None

    @property
    def in_stock(self) -> bool:
        return any(variant.available > 0 for variant in self.variants)

    @property
    def on_sale(self) -> bool:
        first = self.default_variant
        return first is not None and (first.compare_at_amount or 0) > first.price_amount

    @property
    def price_until(self) -> datetime | None:
        """Until when the prices of all variants hold, None where no list will change one."""
        return min((v.price_until for v in self.variants if v.price_until is not None), default=None)

    @property
    def category_slug(self) -> str | None:
        return self.category_path[-1]["slug"] if self.category_path else None


def card(product: ProductFacts) -> Json:
    """Return the ProductCard."""
    first = product.default_variant
    return {
        "id": str(product.id),
        "slug": product.slug,
        "name": product.name,
        "brand": product.brand,
        "price": _money(first.price_amount, first.currency) if first else None,
        "compare_at_price": _compare_at(first) if first else None,
        "lowest_price_30d": _lowest(first) if first else None,
        "on_sale": product.on_sale,
        "in_stock": product.in_stock,
        "rating": float(product.rating) if product.rating is not None else None,
        "review_count": product.review_count,
        "image": _image(product.media[0]) if product.media else None,
        "category": product.category_slug,
        "sku": first.sku if first else None,
        "default_variant_id": str(first.id) if first else None,
    }


def page(product: ProductFacts, the_card: Json, public_url: str) -> Json:
    """Return the Product without `related`, with marks where availabilities go."""
    plain = " ".join(product.description.split())
    canonical = f"{public_url.rstrip('/')}/products/{product.slug}"
    summary = product.seo_description or _shortened(plain)
    return {
        **the_card,
        "description_html": description_html(product.description),
        "seo": {"title": product.seo_title or product.name, "description": summary, "canonical": canonical},
        "category_path": list(product.category_path),
        "options": _options(product.variants),
        "variants": [_variant(variant, product.labels) for variant in product.variants],
        "specifications": _specifications(product.attributes, product.labels),
        "custom_fields": dict(product.custom_fields),
        "media": [_image(picture) for picture in product.media],
        "jsonld": jsonld(product, plain, canonical, public_url),
    }


def to_text(document: object) -> str:
    """Return the JSON text of a card, a page or a part of one."""
    return orjson.dumps(document).decode()


def description_html(text: str) -> str:
    """Return plain text as paragraphs; nothing in it is taken for markup."""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


def _money(amount: int, currency: str) -> Json:
    return {"amount": amount, "currency": currency}


def _compare_at(variant: VariantFacts) -> Json | None:
    if variant.compare_at_amount is None:
        return None
    return _money(variant.compare_at_amount, variant.currency)


def _lowest(variant: VariantFacts) -> Json | None:
    return None if variant.lowest_amount is None else _money(variant.lowest_amount, variant.currency)


def _image(picture: Mapping[str, Any]) -> Json:
    return {
        "url": url_of(picture["key"]),
        "alt": picture["alt"],
        "width": picture["width"],
        "height": picture["height"],
        "focal_point": focal_point(picture),
        "variants": narrower(picture["key"], picture["width"]),
    }


def _variant(variant: VariantFacts, labels: Mapping[str, AttributeLabel]) -> Json:
    return {
        "id": str(variant.id),
        "sku": variant.sku,
        "options": dict(variant.options),
        "price": _money(variant.price_amount, variant.currency),
        "compare_at_price": _compare_at(variant),
        "lowest_price_30d": _lowest(variant),
        "available": orjson.Fragment(AVAILABLE_MARK),
        "weight_g": variant.weight_g,
        "barcode": variant.barcode,
        "media": [_image(picture) for picture in variant.media],
        "specifications": _specifications(variant.attributes, labels),
        "custom_fields": dict(variant.custom_fields),
    }


def _options(variants: Sequence[VariantFacts]) -> list[Json]:
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for code, value in variant.options.items():
            values.setdefault(code, {})[value] = None
    return [{"code": code, "name": label_of(code), "values": list(found)} for code, found in values.items()]


def _specifications(attributes: Mapping[str, Any], labels: Mapping[str, AttributeLabel]) -> list[Json]:
    """Return the attributes by group, then in the order that staff gave them, then by name."""
    rows = []
    for code, stored in attributes.items():
        label = labels.get(code) or AttributeLabel(label_of(code), None, None, is_filterable=True)
        value, unit = shown(label.type, label.unit, stored)
        row = {"code": code, "name": label.name, "value": value, "unit": unit, "group": label.group}
        rows.append(((label.group or "", label.position, label.name), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _shortened(plain: str) -> str:
    if len(plain) <= SEO_LENGTH:
        return plain
    return plain[: SEO_LENGTH - 1].rsplit(" ", 1)[0] + "…"
