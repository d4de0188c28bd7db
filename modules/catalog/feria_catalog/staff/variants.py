"""Adding and editing a product's variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from feria_catalog import documents
from feria_catalog.admin_schemas import AdminVariants, SkuPatch, VariantBody, VariantPatch, attribute_values
from feria_catalog.custom_fields import values
from feria_catalog.errors import SkuTaken, WrongCurrency
from feria_catalog.folding import attribute_code
from feria_catalog.staff import reading
from feria_catalog.stock import levels
from feria_catalog.writing import attributes as checking
from feria_catalog.writing import rows
from feria_catalog.writing.lock import one_writer
from feria_core import audit, clock, db
from feria_core.errors import Invalid, NotFound
from feria_core.ids import new_id, parse_id
from feria_core.money import MoneyIn
from feria_core.runtime import core_settings

_BY_PRODUCT = """
SELECT id, product_id, sku, options::text AS options, price_amount, currency, compare_at_amount, weight_g, barcode,
    attributes::text AS attributes, tax_class, is_active
FROM catalog_variant WHERE product_id = $1
"""

_LINK_MEDIA = """
INSERT INTO catalog_variant_media (variant_id, media_id, position)
SELECT $1, m.id, g.nth FROM unnest($3::uuid[]) WITH ORDINALITY AS g (id, nth)
JOIN catalog_media m ON m.id = g.id AND m.product_id = $2
"""


async def listed(key: str) -> AdminVariants:
    """Return the product's variants. Raises NotFound."""
    product = await reading.view(key)
    return AdminVariants(items=await reading.variants(product.row.id), version=product.version)


async def add(key: str, body: VariantBody) -> bytes:
    """Add a variant; return the product. Raises NotFound, SkuTaken, WrongCurrency."""
    async with db.transaction():
        await one_writer()
        product = await reading.view(key, lock=True)
        product_id = product.row.id
        await insert(product_id, [body])
        await demand_required(product.row)
        await rows.raise_versions([product_id], now=clock.now())
        await documents.rewrite([product_id])
        await audit.record(
            "catalog.variant.created", "product", product_id, after=body.model_dump(mode="json", exclude_none=True)
        )
        return await reading.document(product_id)


async def edit(key: str, variant_key: str, patch: VariantPatch) -> bytes:
    """Change what `patch` names of one variant; return the product. Raises NotFound, StaleVersion, SkuTaken."""
    from feria_catalog.staff.products import check_version

    async with db.transaction():
        await one_writer()
        product = await reading.view(key, lock=True)
        check_version(product, patch.version)
        product_id = product.row.id
        before = _find(await stored(product_id), variant_key)
        change = await _update(before, patch)
        if patch.attributes is not None:
            await demand_required(product.row)
        await rows.raise_versions([product_id], now=clock.now())
        await documents.rewrite([product_id])
        await audit.record("catalog.variant.edited", "product", product_id, after={"sku": before.sku, **change})
        return await reading.document(product_id)


async def write_all(product_id: UUID, patches: Sequence[SkuPatch]) -> dict[str, Any]:
    """Change the variants of a locked product that the patches name, add the others; return what changed by SKU."""
    if len({patch.sku for patch in patches}) < len(patches):
        raise Invalid.field("body", "variants", code="sku_repeated", message="Each SKU may stand once.")
    known = {row.sku: row for row in await stored(product_id)} if patches else {}
    changes: dict[str, Any] = {}
    added = []
    for patch in patches:
        row = known.get(patch.sku)
        if row is None:
            added.append(_as_new(patch))
            continue
        if patch.stock is not None:
            raise Invalid.field(
                "body", "variants", "stock", code="stock_of_known_variant",
                message="Stock of a variant that exists is corrected with POST /api/admin/stock/adjustments.",
            )  # fmt: skip
        changes[patch.sku] = await _update(row, patch)
    await insert(product_id, added)
    changes.update({body.sku: body.model_dump(mode="json", exclude_none=True) for body in added})
    return changes


async def merged(before: Mapping[str, Any], patch: Mapping[str, Any], level: str) -> dict[str, Any]:
    """Return the stored attributes with the changes of `patch`, where null takes away. Raises Invalid."""
    kept = attribute_values({name: value for name, value in patch.items() if value is not None})
    checks = await checking.load([kept], (), ()) if level == checking.PRODUCT else await checking.load((), [kept], ())
    gone = {attribute_code(name) for name, value in patch.items() if value is None}
    both = {**before, **checks.stored(kept, level)}
    return {code: value for code, value in both.items() if code not in gone}


async def demand_required(product: rows.ProductRow) -> None:
    """Raise Invalid where the product or one of its variants lacks what its type requires."""
    if product.product_type is not None:
        checks = await checking.load((), (), [product.product_type])
        own = [variant.attributes for variant in await stored(product.id)]
        checks.demand(product.product_type, product.attributes, own)


def _as_new(patch: SkuPatch) -> VariantBody:
    if patch.price is None:
        raise Invalid.field(
            "body", "variants", "price", code="missing", message=f"{patch.sku} is new: it needs a price."
        )
    return VariantBody(
        sku=patch.sku, price=patch.price, compare_at_price=patch.compare_at_price, stock=patch.stock,
        options=patch.options or {}, weight_g=patch.weight_g, barcode=patch.barcode, tax_class=patch.tax_class,
        attributes={name: value for name, value in (patch.attributes or {}).items() if value is not None},
        custom_fields=patch.custom_fields or {},
    )  # fmt: skip


async def insert(product_id: UUID, bodies: Sequence[VariantBody]) -> None:
    """Add variants to a locked product. Raises SkuTaken, OptionsTaken, BarcodeTaken, WrongCurrency, Invalid."""
    if not bodies:
        return
    for body in bodies:
        _check_currency(body.price, body.compare_at_price)
    await _check_free([body.sku for body in bodies])
    given = [attribute_values(body.attributes) for body in bodies]
    checks = await checking.load((), given, ())
    new = [
        rows.VariantRow.of(
            body.to_input(), variant_id=new_id(), product_id=product_id, attributes=checks.stored(own, checking.VARIANT)
        )
        for body, own in zip(bodies, given, strict=True)
    ]
    await rows.insert_variants(new, now=clock.now())
    first = {row.id: body.stock for row, body in zip(new, bodies, strict=True) if body.stock}
    if first:
        await levels.set_levels(first, reason="initial")
    own_fields = {row.id: body.custom_fields for row, body in zip(new, bodies, strict=True)}
    await values.write(values.VARIANT, own_fields)


async def _update(row: rows.VariantRow, patch: VariantPatch) -> dict[str, Any]:
    """Write the changes of `patch`; return them for the audit."""
    given = patch.model_fields_set
    _check_currency(patch.price, patch.compare_at_price)
    changes: dict[str, Any] = {
        name: getattr(patch, name) for name in ("options", "weight_g", "barcode", "tax_class") if name in given
    }
    if patch.attributes is not None:
        changes["attributes"] = await merged(row.attributes, patch.attributes, checking.VARIANT)
    if patch.sku is not None and patch.sku != row.sku:
        await _check_free([patch.sku])
        changes["sku"] = patch.sku
    if patch.price is not None:
        changes |= {"price_amount": patch.price.amount, "currency": patch.price.currency}
    if "compare_at_price" in given:
        changes["compare_at_amount"] = patch.compare_at_price.amount if patch.compare_at_price else None
    await rows.update_variants([replace(row, **changes)], now=clock.now())
    if patch.media is not None:
        await _link_media(row, patch.media)
        changes["media"] = [str(media_id) for media_id in patch.media]
    if patch.custom_fields:
        await values.write(values.VARIANT, {row.id: patch.custom_fields})
        changes["custom_fields"] = patch.custom_fields
    if patch.is_active is not None:
        changes["is_active"] = patch.is_active
        async with rows.no_twins():
            await db.execute("UPDATE catalog_variant SET is_active = $2 WHERE id = $1", row.id, patch.is_active)
    return changes


async def _link_media(row: rows.VariantRow, media_ids: Sequence[UUID]) -> None:
    """Let the variant show exactly these pictures of its product, in this order."""
    await db.execute("DELETE FROM catalog_variant_media WHERE variant_id = $1", row.id)
    linked = await db.execute(_LINK_MEDIA, row.id, row.product_id, list(dict.fromkeys(media_ids)))
    if linked < len(set(media_ids)):
        raise Invalid.field(
            "body", "media", code="unknown_media", message="A picture is not one of the product's: add it there first."
        )


async def _check_free(skus: Sequence[str]) -> None:
    taken = await db.fetch_value("SELECT min(sku) FROM catalog_variant WHERE sku = ANY($1::text[])", list(skus))
    if taken is not None:
        raise SkuTaken(taken)


def _check_currency(*prices: MoneyIn | None) -> None:
    expected = core_settings().currency
    for price in prices:
        if price is not None and price.currency != expected:
            raise WrongCurrency(price.currency, expected)


async def stored(product_id: UUID) -> list[rows.VariantRow]:
    """Return the rows of the product's variants, withdrawn ones too."""
    found = await db.fetch_all(_BY_PRODUCT, product_id)
    return [rows.variant_row(row) for row in found]


def _find(variants: Sequence[rows.VariantRow], key: str) -> rows.VariantRow:
    """Return the variant of that id or SKU. Raises NotFound."""
    variant_id = parse_id(key)
    for variant in variants:
        if variant.id == variant_id or variant.sku == key:
            return variant
    raise NotFound(f"The product has no variant '{key[:100]}': GET its variants to see them.")
