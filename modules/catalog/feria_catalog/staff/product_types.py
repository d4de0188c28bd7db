"""Product types for staff: which attributes products of a kind have, and which of them they must have."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson

from feria_catalog.admin_schemas_attributes import (
    AdminProductType,
    ProductTypeBody,
    ProductTypePatch,
    TypeAttribute,
    TypeAttributeOut,
)
from feria_catalog.errors import CodeTaken, InUse
from feria_catalog.staff import audits, versions
from feria_catalog.writing.lock import one_writer
from feria_core import audit, db
from feria_core.errors import Invalid, NotFound
from feria_core.ids import new_id
from feria_core.text import slug_of

_TYPES = """
SELECT t.id, t.code, t.name, t.version, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'code', a.code, 'name', a.name, 'type', a.type, 'level', a.level, 'required', ta.is_required)
        ORDER BY ta.position, a.code), '[]')::text
    FROM catalog_product_type_attribute ta JOIN catalog_attribute a ON a.id = ta.attribute_id
    WHERE ta.product_type_id = t.id) AS attributes
FROM catalog_product_type t
"""
_INSERT_ATTRIBUTES = """
INSERT INTO catalog_product_type_attribute (product_type_id, attribute_id, is_required, position)
SELECT $1, a.id, g.is_required, g.nth
FROM unnest($2::text[], $3::boolean[]) WITH ORDINALITY AS g (code, is_required, nth)
JOIN catalog_attribute a ON a.code = g.code
"""


async def listed() -> list[AdminProductType]:
    """Return every product type, by name."""
    return [_out(row) for row in await db.fetch_all(f"{_TYPES} ORDER BY lower(t.name), t.code")]


async def find(code: str) -> AdminProductType:
    """Return one product type. Raises NotFound."""
    row = await db.fetch_one(f"{_TYPES} WHERE t.code = $1", code) if "\x00" not in code else None
    if row is None:
        raise NotFound(f"There is no product type '{code[:100]}': GET /api/admin/product-types lists them.")
    return _out(row)


async def create(body: ProductTypeBody) -> AdminProductType:
    """Create a product type; products that named it before it was known are of it. Raises CodeTaken, Invalid."""
    code = body.code or slug_of(body.name)
    async with db.transaction():
        await one_writer()
        type_id = new_id()
        made = await db.execute(
            "INSERT INTO catalog_product_type (id, code, name) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING",
            type_id, code, body.name,
        )  # fmt: skip
        if not made:
            raise CodeTaken("a product type", code)
        await _write_attributes(type_id, body.attributes)
        await _adopt(code)
        created = await find(code)
        await audit.record(
            "catalog.product_type.created", "product_type", type_id, after=created.model_dump(mode="json")
        )
        return created


async def edit(code: str, patch: ProductTypePatch) -> AdminProductType:
    """Change what `patch` names. Products that lack what is required from now on are refused when next edited."""
    async with db.transaction():
        await one_writer()
        before = await find(code)
        versions.check(before.version, patch.version)
        await db.execute(
            "UPDATE catalog_product_type SET name = $2, version = version + 1 WHERE id = $1",
            before.id, patch.name or before.name,
        )  # fmt: skip
        if patch.attributes is not None:
            await db.execute("DELETE FROM catalog_product_type_attribute WHERE product_type_id = $1", before.id)
            await _write_attributes(before.id, patch.attributes)
        after = await find(code)
        await audits.record_changes("catalog.product_type.edited", "product_type", after.id, before, after)
        return after


async def delete(code: str) -> None:
    """Delete a product type that no product is of. Raises NotFound, InUse."""
    async with db.transaction():
        await one_writer()
        before = await find(code)
        users = await db.fetch_value("SELECT count(*) FROM catalog_product WHERE product_type = $1", code)
        if users:
            raise InUse(f"The product type {code}", "products", users)
        await db.execute("DELETE FROM catalog_product_type WHERE id = $1", before.id)
        await audit.record(
            "catalog.product_type.deleted", "product_type", before.id, before=before.model_dump(mode="json")
        )


async def _write_attributes(type_id: UUID, attributes: Sequence[TypeAttribute]) -> None:
    codes = [attribute.code for attribute in attributes]
    if len(set(codes)) < len(codes):
        raise Invalid.field("body", "attributes", code="repeated", message="Each attribute may stand once.")
    rows = await db.fetch_all("SELECT code FROM catalog_attribute WHERE code = ANY($1::text[])", codes)
    unknown = set(codes) - {row["code"] for row in rows}
    if unknown:
        raise Invalid.field(
            "body", "attributes", code="unknown_attribute",
            message=f"There is no attribute '{min(unknown)}': create it with POST /api/admin/attributes first.",
        )  # fmt: skip
    await db.execute(_INSERT_ATTRIBUTES, type_id, codes, [attribute.required for attribute in attributes])


async def _adopt(code: str) -> None:
    """Let products that name the type in another spelling name its code."""
    rows = await db.fetch_all("SELECT DISTINCT product_type FROM catalog_product WHERE product_type IS NOT NULL")
    spellings = [row["product_type"] for row in rows if slug_of(row["product_type"]) == code]
    await db.execute(
        "UPDATE catalog_product SET product_type = $1 WHERE product_type = ANY($2::text[])", code, spellings
    )


def _out(row: db.Row) -> AdminProductType:
    attributes = [TypeAttributeOut(**one) for one in orjson.loads(row["attributes"])]
    return AdminProductType(**{**row, "attributes": attributes})
