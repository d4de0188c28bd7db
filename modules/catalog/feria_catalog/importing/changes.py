"""What a rehearsed batch would change, in the words of the file. Pure but for the names of brands and categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from feria_catalog.domain import ProductInput
from feria_catalog.writing import Rehearsed
from feria_catalog.writing.rows import ProductRow, VariantRow
from feria_core import db

# Of a text that changes, so much is shown.
SHOWN = 500
PLAIN = ("name", "slug", "description", "product_type", "status", "publish_at", "seo_title", "seo_description")
VARIANT = (
    "price_amount",
    "compare_at_amount",
    "weight_g",
    "barcode",
    "tax_class",
    "is_active",
    "options",
    "attributes",
)

_BRANDS = "SELECT id, name FROM catalog_brand WHERE id = ANY($1::uuid[])"
_CATEGORIES = """
SELECT leaf.id, string_agg(step.name, ' > ' ORDER BY part.depth) AS name
FROM catalog_category leaf CROSS JOIN unnest(leaf.path) WITH ORDINALITY AS part (slug, depth)
JOIN catalog_category step ON step.slug = part.slug WHERE leaf.id = ANY($1::uuid[]) GROUP BY leaf.id
"""
Field = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What would become of one product: `created` or `changed`, and each field with what it is before and after."""

    line: int
    kind: str
    sku: str
    name: str
    fields: list[Field]


async def of(rehearsed: Iterable[Rehearsed], lines: Mapping[int, int]) -> list[Change]:
    """Return the changes; `lines` are those of the given products, by their identity."""
    found: list[Change] = []
    for batch in rehearsed:
        names = await _names(batch)
        found += _changes(batch, names, lines)
    return found


async def _names(batch: Rehearsed) -> dict[UUID, str]:
    rows = [*batch.wanted.changed_products, *batch.wanted.new_products]
    rows += [batch.stored.products[row.id] for row in batch.wanted.changed_products]
    brands = {row.brand_id for row in rows if row.brand_id}
    categories = {row.category_id for row in rows if row.category_id}
    named = [*await db.fetch_all(_BRANDS, list(brands)), *await db.fetch_all(_CATEGORIES, list(categories))]
    return {row["id"]: row["name"] for row in named}


def _changes(batch: Rehearsed, names: Mapping[UUID, str], lines: Mapping[int, int]) -> Iterator[Change]:
    wanted, stored = batch.wanted, batch.stored
    new = iter(wanted.new_products)
    changed = {row.id: row for row in wanted.changed_products}
    variants: dict[UUID, list[VariantRow]] = {}
    for row in (*wanted.new_variants, *wanted.changed_variants):
        variants.setdefault(row.product_id, []).append(row)
    for product, target in zip(batch.given, stored.targets, strict=True):
        after = next(new) if target is None else changed.get(target)
        before = stored.products[target] if target else None
        fields = list(_product_fields(before, after, names)) if after else []
        product_id = target or (after.id if after else None)
        if target in wanted.media:
            keys = [picture.key for picture in stored.media.get(target, ())]
            fields.append(_field("media", keys, [picture.key for picture in wanted.media[target]]))
        for row in variants.get(product_id, ()) if product_id else ():
            fields += _variant_fields(stored.variants.get(row.sku), row)
        fields += _levels(batch, product, is_new=target is None)
        if fields:
            kind = "created" if target is None else "changed"
            yield Change(lines[id(product)], kind, product.variants[0].sku, product.name, fields)


def _product_fields(before: ProductRow | None, after: ProductRow, names: Mapping[UUID, str]) -> Iterator[Field]:
    for name in PLAIN:
        yield from _differing(name, getattr(before, name, None), getattr(after, name))
    for name, column in (("brand", "brand_id"), ("category", "category_id")):
        old, new = getattr(before, column, None), getattr(after, column)
        if old != new:
            yield _field(name, names.get(old) if old else None, names.get(new) if new else None)
    yield from _mapping("attr", before.attributes if before else {}, after.attributes)


def _variant_fields(before: VariantRow | None, after: VariantRow) -> Iterator[Field]:
    for name in VARIANT:
        old, new = getattr(before, name, None), getattr(after, name)
        if isinstance(new, Mapping):
            yield from _mapping(f"variants.{after.sku}.{name}", old or {}, new)
        else:
            yield from _differing(f"variants.{after.sku}.{name}", old, new)


def _levels(batch: Rehearsed, product: ProductInput, *, is_new: bool) -> Iterator[Field]:
    for variant in product.variants:
        before = batch.stored.to_level.get(variant.sku)
        is_added = is_new or variant.sku not in batch.stored.variants
        if variant.stock is not None and (is_added or before is not None):
            yield _field(f"variants.{variant.sku}.stock", before, variant.stock)


def _mapping(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Field]:
    for code in (*after, *(code for code in before if code not in after)):
        yield from _differing(f"{name}.{code}", before.get(code), after.get(code))


def _differing(name: str, before: Any, after: Any) -> Iterator[Field]:
    if before != after or type(before) is not type(after):
        yield _field(name, before, after)


def _field(name: str, before: Any, after: Any) -> Field:
    return {"field": name, "before": _shown(before), "after": _shown(after)}


def _shown(value: Any) -> Any:
    if isinstance(value, str) and len(value) > SHOWN:
        return f"{value[:SHOWN]}…"
    return value
