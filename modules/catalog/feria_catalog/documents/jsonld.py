"""A product as schema.org has it: Product with its offers, rating and breadcrumb. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from feria_core.money import exponent

if TYPE_CHECKING:
    from feria_catalog.documents.rendering import ProductFacts, VariantFacts

Json = dict[str, Any]
MAX_DESCRIPTION = 5000


def jsonld(product: ProductFacts, plain: str, canonical: str, public_url: str) -> Json:
    """Return the schema.org Product that search engines read; `plain` is the description as one line."""
    base = public_url.rstrip("/")
    document: Json = {
        "@context": "https://schema.org", "@type": "Product", "@id": f"{canonical}#product", "name": product.name,
        "url": canonical,
    }  # fmt: skip
    if plain:
        document["description"] = plain[:MAX_DESCRIPTION]
    if product.brand:
        document["brand"] = {"@type": "Brand", "name": product.brand}
    if product.media:
        document["image"] = [f"{base}/media/{picture['key']}" for picture in product.media]
    if product.category_path:
        document["category"] = " > ".join(step["name"] for step in product.category_path)
    if product.variants:
        document["sku"] = product.variants[0].sku
        document["offers"] = _offers(product, canonical)
    if product.rating is not None and product.review_count:
        document["aggregateRating"] = {
            "@type": "AggregateRating", "ratingValue": str(product.rating), "reviewCount": product.review_count,
            "bestRating": "5", "worstRating": "1",
        }  # fmt: skip
    # A breadcrumb belongs to a page, and this is how a product names its page.
    document["mainEntityOfPage"] = {
        "@type": "WebPage", "@id": canonical, "breadcrumb": _breadcrumb(product, canonical, base),
    }  # fmt: skip
    return document


def _offers(product: ProductFacts, canonical: str) -> Json:
    """Return the one offer, or all of them with the range of their prices."""
    first = product.variants[0]
    stock = f"https://schema.org/{'InStock' if product.in_stock else 'OutOfStock'}"
    if len(product.variants) == 1:
        return _offer(first, canonical, stock)
    amounts = [variant.price_amount for variant in product.variants]
    return {
        "@type": "AggregateOffer",
        "url": canonical,
        "priceCurrency": first.currency,
        "price": _price(first.price_amount, first.currency),
        "lowPrice": _price(min(amounts), first.currency),
        "highPrice": _price(max(amounts), first.currency),
        "offerCount": len(amounts),
        "availability": stock,
        # Of single variants the stock changes with every sale, and this text does not: the page tells it.
        "offers": [_offer(variant, f"{canonical}?variant={variant.id}", None) for variant in product.variants],
    }


def _offer(variant: VariantFacts, address: str, stock: str | None) -> Json:
    offer: Json = {
        "@type": "Offer",
        "url": address,
        "sku": variant.sku,
        "priceCurrency": variant.currency,
        "price": _price(variant.price_amount, variant.currency),
        "itemCondition": "https://schema.org/NewCondition",
    }
    return offer | {"availability": stock} if stock else offer


def _breadcrumb(product: ProductFacts, canonical: str, base: str) -> Json:
    steps = [(step["name"], f"{base}/categories/{step['slug']}") for step in product.category_path]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate([*steps, (product.name, canonical)], 1)
        ],
    }


def _price(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-exponent(currency)))
