"""Products as JSON Lines."""

from __future__ import annotations

from typing import Any

import orjson

from feria_catalog.exporting.reading import Exported, ExportedVariant


def line(product: Exported) -> bytes:
    """Return the product as one line that the import reads as it is stored."""
    fields: dict[str, Any] = {
        "slug": product.slug,
        "name": product.name,
        "description": product.description,
        "brand": product.brand,
        "category": list(product.category),
        "product_type": product.product_type,
        "status": product.status,
        "publish_at": product.publish_at,
        "seo": {"title": product.seo_title, "description": product.seo_description},
        "attributes": product.attributes,
        "variants": [_variant(variant) for variant in product.variants],
    }
    if product.media:
        fields["media"] = list(product.media)
    if _has_outer_blanks(fields):
        fields["exact"] = True
    return orjson.dumps(fields, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def _variant(variant: ExportedVariant) -> dict[str, Any]:
    before = variant.compare_at
    return {
        "sku": variant.sku,
        "price": {"amount": variant.amount, "currency": variant.currency},
        "compare_at_price": None if before is None else {"amount": before, "currency": variant.currency},
        "stock": variant.stock,
        "options": variant.options,
        "weight_g": variant.weight_g,
        "barcode": variant.barcode,
        "attributes": variant.attributes,
        "tax_class": variant.tax_class,
        "is_active": variant.is_active,
    }


def _has_outer_blanks(value: Any) -> bool:
    """Return whether any text in the value would be another one trimmed."""
    if isinstance(value, str):
        return value != value.strip()
    if isinstance(value, dict):
        return any(_has_outer_blanks(name) or _has_outer_blanks(inner) for name, inner in value.items())
    return isinstance(value, (list, tuple)) and any(_has_outer_blanks(inner) for inner in value)
