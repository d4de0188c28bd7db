"""Attributes for staff: declared, changed as far as stored values fit, deleted where none is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from feria_catalog.admin_schemas_attributes import (
    AdminAttribute,
    AdminAttributes,
    AttributeBody,
    AttributePatch,
    check_shape,
)
from feria_catalog.attributes.definitions import BadValue, Definition
from feria_catalog.documents import affected
from feria_catalog.errors import CodeTaken, InUse, ValuesUnfit
from feria_catalog.folding import attribute_code
from feria_catalog.staff import audits, versions
from feria_catalog.writing.lock import one_writer
from feria_core import audit, db
from feria_core.errors import Invalid, NotFound
from feria_core.http import PageQuery, decode_cursor, encode_cursor
from feria_core.ids import new_id

_COLUMNS = """id, code, name, type, unit, group_name AS "group", is_filterable AS filterable, allowed_values, level,
    position, version"""
_INSERT = """
INSERT INTO catalog_attribute (id, code, name, type, unit, group_name, is_filterable, allowed_values, level, position,
    is_declared)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true) ON CONFLICT (code) DO NOTHING
"""
_UPDATE = """
UPDATE catalog_attribute SET name = $2, type = $3, unit = $4, group_name = $5, is_filterable = $6,
    allowed_values = $7, level = $8, position = $9, is_declared = true, version = version + 1
WHERE code = $1
"""
# Bare numbers are in the attribute's unit: before that changes they get it written behind them.
_KEEP_UNIT = """
UPDATE {table} SET attributes = jsonb_set(attributes, ARRAY[$1::text], to_jsonb((attributes ->> $1) || ' ' || $2::text))
WHERE jsonb_typeof(attributes -> $1) = 'number'
"""
_STORED = """
SELECT DISTINCT 'product' AS level, (attributes -> $1)::text AS value FROM catalog_product WHERE attributes ? $1
UNION ALL
SELECT DISTINCT 'variant', (attributes -> $1)::text FROM catalog_variant WHERE attributes ? $1
"""
_USERS = """
SELECT (SELECT count(*) FROM catalog_product WHERE attributes ? $1)
    + (SELECT count(DISTINCT product_id) FROM catalog_variant WHERE attributes ? $1) AS products,
    (SELECT count(*) FROM catalog_product_type_attribute ta JOIN catalog_attribute a ON a.id = ta.attribute_id
     WHERE a.code = $1) AS types
"""


async def page(query: PageQuery) -> AdminAttributes:
    """Return attributes by code."""
    position = decode_cursor(query.cursor, 1)
    after = str(position[0]) if position else ""
    rows = await db.fetch_all(
        f"SELECT {_COLUMNS} FROM catalog_attribute WHERE code > $1 ORDER BY code LIMIT $2",
        after.replace("\x00", ""), query.limit + 1,
    )  # fmt: skip
    cursor = encode_cursor(rows[query.limit - 1]["code"]) if len(rows) > query.limit else None
    return AdminAttributes(items=[AdminAttribute(**row) for row in rows[: query.limit]], next_cursor=cursor)


async def find(code: str) -> AdminAttribute:
    """Return one attribute. Raises NotFound."""
    return AdminAttribute(**await _row(code))


async def create(body: AttributeBody) -> AdminAttribute:
    """Declare an attribute. Raises CodeTaken where there is one, also one that came with a product: PATCH that."""
    code = body.code or attribute_code(body.name)
    async with db.transaction():
        await one_writer()
        made = await db.execute(
            _INSERT, new_id(), code, body.name, body.type, body.unit, body.group, body.filterable, body.allowed_values,
            body.level, body.position,
        )  # fmt: skip
        if not made:
            raise CodeTaken("an attribute", code)
        created = await find(code)
        await audit.record("catalog.attribute.created", "attribute", created.id, after=created.model_dump(mode="json"))
        return created


async def edit(code: str, patch: AttributePatch) -> AdminAttribute:
    """Change what `patch` names; it is a declared attribute from then on. Raises StaleVersion, ValuesUnfit, Invalid."""
    async with db.transaction():
        await one_writer()
        before = await find(code)
        versions.check(before.version, patch.version)
        wished = {name: getattr(patch, name) for name in patch.model_fields_set - {"version"}}
        wanted = before.model_copy(update=wished)
        _check(wanted)
        if before.unit is not None and before.unit != wanted.unit:
            for table in ("catalog_product", "catalog_variant"):
                await db.execute(_KEEP_UNIT.format(table=table), code, before.unit)
        await _check_stored(wanted)
        await db.execute(
            _UPDATE, code, wanted.name, wanted.type, wanted.unit, wanted.group, wanted.filterable,
            wanted.allowed_values, wanted.level, wanted.position,
        )  # fmt: skip
        after = await find(code)
        await audits.record_changes("catalog.attribute.edited", "attribute", after.id, before, after)
        await affected.rewrite_showing(affected.ATTRIBUTE, code)
        return after


async def delete(code: str) -> None:
    """Delete an attribute that nothing has. Raises NotFound, InUse."""
    async with db.transaction():
        await one_writer()
        before = await find(code)
        users = await db.fetch_one(_USERS, code)
        for by in ("products", "types"):
            if users and users[by]:
                raise InUse(f"The attribute {code}", "product types" if by == "types" else by, users[by])
        await db.execute("DELETE FROM catalog_attribute WHERE code = $1", code)
        await audit.record("catalog.attribute.deleted", "attribute", before.id, before=before.model_dump(mode="json"))


def _check(wanted: AdminAttribute) -> None:
    try:
        check_shape(wanted.type, wanted.unit, wanted.allowed_values)
    except ValueError as error:
        raise Invalid.field("body", "type", code="value_error", message=f"{error}.") from error


async def _check_stored(wanted: AdminAttribute) -> None:
    """Raise ValuesUnfit where a stored value would be refused if it were given now."""
    definition = Definition(
        wanted.code, wanted.name, wanted.type, wanted.unit, allowed_values=tuple(wanted.allowed_values),
        level=wanted.level, is_declared=True,
    )  # fmt: skip
    for row in await db.fetch_all(_STORED, wanted.code):
        if row["level"] != wanted.level:
            raise ValuesUnfit(f"{wanted.name} is stored with {row['level']}s: take it away there first.")
        try:
            definition.fit(orjson.loads(row["value"]))
        except BadValue as error:
            raise ValuesUnfit(f"A product has another value: {error.message} Correct it first.") from error


async def _row(code: str) -> Mapping[str, Any]:
    row = None
    if code.isascii() and "\x00" not in code:
        row = await db.fetch_one(f"SELECT {_COLUMNS} FROM catalog_attribute WHERE code = $1", code)
    if row is None:
        raise NotFound(f"There is no attribute '{code[:100]}': GET /api/admin/attributes lists them.")
    return row
