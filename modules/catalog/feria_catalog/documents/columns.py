"""The columns of a document that are filtered and sorted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from feria_catalog.documents.rendering import ProductFacts, card, page, to_text
from feria_core.text import fold

# Far enough away, and unlike PostgreSQL's infinities dates that Python can read.
ALWAYS = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

MAX_ATTRIBUTE_VALUE = 100

# Name and type of each column, in the order of `row`.
COLUMNS = (
    ("product_id", "uuid"), ("no", "int"), ("slug", "text"), ("listed_from", "timestamptz"),
    ("listed_until", "timestamptz"), ("name_key", "text"),
    ("price_amount", "bigint"), ("on_sale", "boolean"), ("in_stock", "boolean"), ("rating", "numeric"),
    ("popularity", "bigint"), ("created_at", "timestamptz"), ("brand_slug", "text"), ("category_slug", "text"),
    ("category_path", "text"), ("attribute_values", "text"), ("image_key", "text"), ("variant_ids", "text"),
    ("card", "text"), ("page", "text"), ("price_until", "timestamptz"),
)  # fmt: skip


def row(product: ProductFacts, tokens: Sequence[str], public_url: str) -> tuple[Any, ...]:
    """Return the document's columns; `tokens` are the values of its attributes, as facets have them.

    Arrays are PostgreSQL's own literals, since a column of arrays has one shape.
    """
    the_card = card(product)
    first = product.default_variant
    return (
        product.id, product.no, product.slug, listed_from(product), listed_until(product), fold(product.name)[:200],
        first.price_amount if first else None, product.on_sale, product.in_stock, product.rating or 0,
        product.popularity, product.created_at, product.brand_slug, product.category_slug,
        array_literal([step["slug"] for step in product.category_path]), array_literal(tokens),
        product.media[0]["key"] if product.media else None,
        array_literal([str(variant.id) for variant in product.variants]),
        to_text(the_card), to_text(page(product, the_card, public_url)), product.price_until,
    )  # fmt: skip


def listed_from(product: ProductFacts) -> datetime:
    """Return from when on the product is shown."""
    if product.status != "published" or not product.variants:
        return NEVER
    return product.publish_at or ALWAYS


def listed_until(product: ProductFacts) -> datetime:
    """Return until when the product is shown, itself excluded."""
    return product.unpublish_at or NEVER


def attribute_token(code: str, value: Any) -> str:
    """Return how a value is stored and asked for."""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return f"{code}={fold(text.strip())[:MAX_ATTRIBUTE_VALUE]}"


def array_literal(items: Iterable[str]) -> str:
    """Return the items as the text of a PostgreSQL array."""
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
