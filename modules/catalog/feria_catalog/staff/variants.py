"""Adding and editing a product's variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from feria_catalog import documents
from feria_catalog.admin_schemas import AdminVariants, SkuPatch, VariantBody, VariantPatch
from feria_catalog.errors import SkuTaken, WrongCurrency
from feria_catalog.staff import reading
from feria_catalog.stock import levels
from feria_catalog.writing import rows
from feria_catalog.writing.lock import one_writer
from feria_core import audit, clock, db
from feria_core.errors import Invalid, NotFound
from feria_core.ids import new_id, parse_id
from feria_core.money import MoneyIn
from feria_core.runtime import core_settings

_BY_PRODUCT = """
SELECT id, product_id, sku, options::text AS options, price_amount, currency, compare_at_amount, weight_g, barcode
FROM catalog_variant WHERE product_id = $1
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
        await _insert(product_id, [body])
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
        before = _find(await _stored(product_id), variant_key)
        change = await _update(before, patch)
        await rows.raise_versions([product_id], now=clock.now())
        await documents.rewrite([product_id])
        await audit.record("catalog.variant.edited", "product", product_id, after={"sku": before.sku, **change})
        return await reading.document(product_id)


async def write_all(product_id: UUID, patches: Sequence[SkuPatch]) -> dict[str, Any]:
    """Change the variants of a locked product that the patches name, add the others; return what changed by SKU."""
    if len({patch.sku for patch in patches}) < len(patches):
        raise Invalid.field("body", "variants", code="sku_repeated", message="Each SKU may stand once.")
    known = {row.sku: row for row in await _stored(product_id)} if patches else {}
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
    await _insert(product_id, added)
    changes.update({body.sku: body.model_dump(mode="json", exclude_none=True) for body in added})
    return changes


def _as_new(patch: SkuPatch) -> VariantBody:
    if patch.price is None:
        raise Invalid.field(
            "body", "variants", "price", code="missing", message=f"{patch.sku} is new: it needs a price."
        )
    return VariantBody(
        sku=patch.sku, price=patch.price, compare_at_price=patch.compare_at_price, stock=patch.stock,
        options=patch.options or {}, weight_g=patch.weight_g, barcode=patch.barcode,
    )  # fmt: skip


async def _insert(product_id: UUID, bodies: Sequence[VariantBody]) -> None:
    if not bodies:
        return
    for body in bodies:
        _check_currency(body.price, body.compare_at_price)
    await _check_free([body.sku for body in bodies])
    new = [rows.VariantRow.of(body.to_input(), variant_id=new_id(), product_id=product_id) for body in bodies]
    await rows.insert_variants(new, now=clock.now())
    first = {row.id: body.stock for row, body in zip(new, bodies, strict=True) if body.stock}
    if first:
        await levels.set_levels(first, reason="initial")


async def _update(row: rows.VariantRow, patch: VariantPatch) -> dict[str, Any]:
    """Write the changes of `patch`; return them for the audit."""
    given = patch.model_fields_set
    _check_currency(patch.price, patch.compare_at_price)
    changes: dict[str, Any] = {
        name: getattr(patch, name) for name in ("options", "weight_g", "barcode") if name in given
    }
    if patch.sku is not None and patch.sku != row.sku:
        await _check_free([patch.sku])
        changes["sku"] = patch.sku
    if patch.price is not None:
        changes |= {"price_amount": patch.price.amount, "currency": patch.price.currency}
    if "compare_at_price" in given:
        changes["compare_at_amount"] = patch.compare_at_price.amount if patch.compare_at_price else None
    await rows.update_variants([replace(row, **changes)], now=clock.now())
    if patch.is_active is not None:
        changes["is_active"] = patch.is_active
        await db.execute("UPDATE catalog_variant SET is_active = $2 WHERE id = $1", row.id, patch.is_active)
    return changes


async def _check_free(skus: Sequence[str]) -> None:
    taken = await db.fetch_value("SELECT min(sku) FROM catalog_variant WHERE sku = ANY($1::text[])", list(skus))
    if taken is not None:
        raise SkuTaken(taken)


def _check_currency(*prices: MoneyIn | None) -> None:
    expected = core_settings().currency
    for price in prices:
        if price is not None and price.currency != expected:
            raise WrongCurrency(price.currency, expected)


async def _stored(product_id: UUID) -> list[rows.VariantRow]:
    found = await db.fetch_all(_BY_PRODUCT, product_id)
    return [rows.VariantRow(**{**row, "options": orjson.loads(row["options"])}) for row in found]


def _find(variants: Sequence[rows.VariantRow], key: str) -> rows.VariantRow:
    """Return the variant of that id or SKU. Raises NotFound."""
    variant_id = parse_id(key)
    for variant in variants:
        if variant.id == variant_id or variant.sku == key:
            return variant
    raise NotFound(f"The product has no variant '{key[:100]}': GET its variants to see them.")
