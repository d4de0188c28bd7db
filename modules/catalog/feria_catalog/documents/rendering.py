"""A product's card and page as JSON text, from what the tables hold. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.folding import label_of
from feria_core.money import exponent

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


@dataclass(frozen=True)
class ProductFacts:
    """All that a product's documents show; variants in their order, only those that are sold."""

    id: UUID
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
        "variants": [_variant(variant) for variant in product.variants],
        "specifications": _specifications(product),
        "media": [_image(picture) for picture in product.media],
        "jsonld": _jsonld(product, plain, canonical, public_url),
    }


def to_text(document: Json) -> str:
    """Return the JSON text of a card or page."""
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


def _image(picture: Mapping[str, Any]) -> Json:
    return {
        "url": f"/media/{picture['key']}",
        "alt": picture["alt"],
        "width": picture["width"],
        "height": picture["height"],
    }


def _variant(variant: VariantFacts) -> Json:
    return {
        "id": str(variant.id),
        "sku": variant.sku,
        "options": dict(variant.options),
        "price": _money(variant.price_amount, variant.currency),
        "compare_at_price": _compare_at(variant),
        "available": orjson.Fragment(AVAILABLE_MARK),
        "weight_g": variant.weight_g,
        "barcode": variant.barcode,
        "media": [],
    }


def _options(variants: Sequence[VariantFacts]) -> list[Json]:
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for code, value in variant.options.items():
            values.setdefault(code, {})[value] = None
    return [{"code": code, "name": label_of(code), "values": list(found)} for code, found in values.items()]


def _specifications(product: ProductFacts) -> list[Json]:
    rows = []
    for code, value in product.attributes.items():
        label = product.labels.get(code)
        rows.append(
            {
                "code": code,
                "name": label.name if label else label_of(code),
                "value": value,
                "unit": label.unit if label else None,
                "group": label.group if label else None,
            }
        )
    return sorted(rows, key=lambda row: (row["group"] or "", row["name"]))


def _jsonld(product: ProductFacts, plain: str, canonical: str, public_url: str) -> Json:
    """Return the schema.org Product that search engines read."""
    document: Json = {"@context": "https://schema.org", "@type": "Product", "name": product.name, "url": canonical}
    if plain:
        document["description"] = plain[:5000]
    if product.brand:
        document["brand"] = {"@type": "Brand", "name": product.brand}
    if product.media:
        document["image"] = [f"{public_url.rstrip('/')}/media/{picture['key']}" for picture in product.media]
    first = product.default_variant
    if first is not None:
        digits = exponent(first.currency)
        document["sku"] = first.sku
        document["offers"] = {
            "@type": "Offer",
            "url": canonical,
            "priceCurrency": first.currency,
            "price": str(Decimal(first.price_amount).scaleb(-digits)),
            "availability": f"https://schema.org/{'InStock' if product.in_stock else 'OutOfStock'}",
        }
    if product.rating is not None and product.review_count:
        document["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": str(product.rating),
            "reviewCount": product.review_count,
        }
    return document


def _shortened(plain: str) -> str:
    if len(plain) <= SEO_LENGTH:
        return plain
    return plain[: SEO_LENGTH - 1].rsplit(" ", 1)[0] + "…"
