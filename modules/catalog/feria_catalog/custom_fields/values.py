"""Values of custom fields, stored with what has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.admin_schemas import attribute_values
from feria_catalog.custom_fields import definitions
from feria_catalog.custom_fields.definitions import CATEGORY, PRODUCT, VARIANT
from feria_core import db

__all__ = ["CATEGORY", "PRODUCT", "TABLES", "VARIANT", "write", "write_variants"]

TABLES: Mapping[str, str] = {PRODUCT: "catalog_product", VARIANT: "catalog_variant", CATEGORY: "catalog_category"}

_VARIANTS = "SELECT id, sku FROM catalog_variant WHERE product_id = $1 AND sku = ANY($2::text[])"


async def write(kind: str, given: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Set the given values and take away those that are null, in the caller's transaction. Raises Invalid."""
    wanted = {object_id: values for object_id, values in given.items() if values}
    if not wanted:
        return
    fields = await definitions.load()
    table = TABLES[kind]
    rows = await db.fetch_all(
        f"SELECT id, custom_fields::text AS own FROM {table} WHERE id = ANY($1::uuid[])", list(wanted)
    )
    after = {
        row["id"]: definitions.merged(fields, kind, orjson.loads(row["own"]), attribute_values(dict(wanted[row["id"]])))
        for row in rows
    }
    await db.execute(
        f"UPDATE {table} o SET custom_fields = g.own::jsonb FROM unnest($1::uuid[], $2::text[]) AS g (id, own)"
        " WHERE o.id = g.id",
        list(after), [orjson.dumps(values).decode() for values in after.values()],
    )  # fmt: skip


async def write_variants(product_id: UUID, given: Mapping[str, Mapping[str, Any]]) -> None:
    """Set values of the product's variants, found by SKU, as `write` does."""
    wanted = {sku: values for sku, values in given.items() if values}
    if wanted:
        rows = await db.fetch_all(_VARIANTS, product_id, list(wanted))
        await write(VARIANT, {row["id"]: wanted[row["sku"]] for row in rows})
