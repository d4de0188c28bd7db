"""The columns of a document that are filtered, sorted and searched. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from feria_catalog.documents.rendering import ProductFacts, card, page, to_text
from feria_catalog.folding import code_key, fold, words

# Far enough away, and unlike PostgreSQL's infinities dates that Python can read.
ALWAYS = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

# tsvector takes up to 1 MB; a description beyond this adds nothing that people search for.
SEARCHED_LENGTH = 20_000
MAX_ATTRIBUTE_VALUE = 100

# Name and type of each column, in the order of `row`.
COLUMNS = (
    ("product_id", "uuid"), ("slug", "text"), ("listed_from", "timestamptz"), ("name_key", "text"),
    ("price_amount", "bigint"), ("on_sale", "boolean"), ("in_stock", "boolean"), ("rating", "numeric"),
    ("popularity", "bigint"), ("created_at", "timestamptz"), ("brand_slug", "text"), ("category_slug", "text"),
    ("category_path", "text"), ("attribute_values", "text"), ("image_key", "text"), ("variant_ids", "text"),
    ("card", "text"), ("page", "text"),
    ("named", "text"), ("filed", "text"), ("specified", "text"), ("described", "text"), ("codes", "text"),
)  # fmt: skip


def row(product: ProductFacts, public_url: str) -> tuple[Any, ...]:
    """Return the document's columns; arrays as PostgreSQL's own literals, since a column of arrays has one shape."""
    the_card = card(product)
    first = product.default_variant
    return (
        product.id, product.slug, listed_from(product), fold(product.name)[:200],
        first.price_amount if first else None, product.on_sale, product.in_stock, product.rating or 0,
        product.popularity, product.created_at, product.brand_slug, product.category_slug,
        array_literal([step["slug"] for step in product.category_path]), array_literal(attribute_values(product)),
        product.media[0]["key"] if product.media else None,
        array_literal([str(variant.id) for variant in product.variants]),
        to_text(the_card), to_text(page(product, the_card, public_url)),
        *_searched(product),
    )  # fmt: skip


def listed_from(product: ProductFacts) -> datetime:
    """Return from when on the product is shown."""
    if product.status != "published" or not product.variants:
        return NEVER
    return product.publish_at or ALWAYS


def attribute_values(product: ProductFacts) -> list[str]:
    """Return "code=value", folded, for each value of each filterable attribute and option."""
    found: dict[str, None] = {}
    for code, value in product.attributes.items():
        label = product.labels.get(code)
        if label is None or label.is_filterable:
            for one in value if isinstance(value, list) else [value]:
                found[attribute_token(code, one)] = None
    for variant in product.variants:
        for code, option in variant.options.items():
            found[attribute_token(code, option)] = None
    return list(found)


def attribute_token(code: str, value: Any) -> str:
    """Return how a value is stored and asked for."""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return f"{code}={fold(text.strip())[:MAX_ATTRIBUTE_VALUE]}"


def array_literal(items: list[str]) -> str:
    """Return the items as the text of a PostgreSQL array."""
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"


def _searched(product: ProductFacts) -> tuple[str, str, str, str, str]:
    """Return the words of each weight, folded here since the dictionaries of PostgreSQL keep accents; and the codes."""
    filed = [product.brand or "", *(step["name"] for step in product.category_path)]
    filed += [variant.sku for variant in product.variants]
    specified = [option for variant in product.variants for option in variant.options.values()]
    for value in product.attributes.values():
        if not isinstance(value, (bool, int, float)):
            specified += value if isinstance(value, list) else [str(value)]
    codes = {variant.sku for variant in product.variants} | {v.barcode for v in product.variants if v.barcode}
    return (
        _text([product.name]), _text(filed), _text(specified), _text([product.description]),
        array_literal(sorted(f"code:{code_key(code)}" for code in codes)),
    )  # fmt: skip


def _text(parts: list[str]) -> str:
    return " ".join(words(" ".join(parts)[:SEARCHED_LENGTH]))[:SEARCHED_LENGTH]
