"""Custom fields for staff: declared, changed as far as stored values fit, deleted where none is stored."""

from __future__ import annotations

from uuid import UUID

import orjson

from feria_catalog.admin_schemas_custom_fields import (
    AdminCustomField,
    CustomFieldBody,
    CustomFieldPatch,
    check_field,
)
from feria_catalog.attributes.definitions import BadValue, Definition
from feria_catalog.custom_fields import definitions
from feria_catalog.custom_fields.values import TABLES
from feria_catalog.documents import affected
from feria_catalog.errors import CodeTaken, FieldOfModule, InUse, ValuesUnfit
from feria_catalog.staff import audits, versions
from feria_catalog.writing.lock import one_writer
from feria_core import audit, db
from feria_core.errors import Invalid, NotFound
from feria_core.ids import new_id

MAX_FIELDS = 500

_FIELDS = """
SELECT id, code, name, type, allowed_values, object, is_public AS public, is_filterable AS filterable,
    'staff' AS declared_by, version
FROM catalog_custom_field
"""
_INSERT = """
INSERT INTO catalog_custom_field (id, code, name, type, allowed_values, object, is_public, is_filterable)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code) DO NOTHING
"""
_UPDATE = """
UPDATE catalog_custom_field SET name = $2, type = $3, allowed_values = $4, is_public = $5, is_filterable = $6,
    version = version + 1
WHERE id = $1
"""


async def listed() -> list[AdminCustomField]:
    """Return every field by code."""
    by_code = {row["code"]: AdminCustomField(**row) for row in await db.fetch_all(_FIELDS)}
    by_code |= {code: _of_module(field) for code, field in definitions.of_modules().items()}
    return [field for _, field in sorted(by_code.items())]


async def find(code: str) -> AdminCustomField:
    """Return one field. Raises NotFound."""
    declared = definitions.of_modules().get(code)
    if declared is not None:
        return _of_module(declared)
    row = None
    if code.isascii() and "\x00" not in code:
        row = await db.fetch_one(f"{_FIELDS} WHERE code = $1", code)
    if row is None:
        raise NotFound(f"There is no custom field '{code[:100]}': GET /api/admin/custom-fields lists them.")
    return AdminCustomField(**row)


async def create(body: CustomFieldBody) -> AdminCustomField:
    """Declare a field. Raises CodeTaken, Invalid where there are too many."""
    async with db.transaction():
        await one_writer()
        if body.code in definitions.of_modules():
            raise CodeTaken("a custom field", body.code)
        if await db.fetch_value("SELECT count(*) FROM catalog_custom_field") >= MAX_FIELDS:
            raise Invalid.field(
                "body", "code", code="too_many_fields",
                message=f"There are {MAX_FIELDS} custom fields, which is the most: delete one that nothing has.",
            )  # fmt: skip
        made = await db.execute(
            _INSERT, new_id(), body.code, body.name, body.type, body.allowed_values, body.object, body.public,
            body.filterable,
        )  # fmt: skip
        if not made:
            raise CodeTaken("a custom field", body.code)
        created = await find(body.code)
        await audit.record(
            "catalog.custom_field.created", "custom_field", created.id, after=created.model_dump(mode="json")
        )
        return created


async def edit(code: str, patch: CustomFieldPatch) -> AdminCustomField:
    """Change what `patch` names. Raises NotFound, FieldOfModule, StaleVersion, ValuesUnfit, Invalid."""
    async with db.transaction():
        await one_writer()
        field_id, before = await _own(code)
        versions.check(before.version or 0, patch.version)
        wished = {name: getattr(patch, name) for name in patch.model_fields_set - {"version"}}
        wanted = before.model_copy(update=wished)
        try:
            check_field(wanted)
        except ValueError as error:
            raise Invalid.field("body", "type", code="value_error", message=f"{error}.") from error
        await _check_stored(wanted)
        await db.execute(
            _UPDATE, field_id, wanted.name, wanted.type, wanted.allowed_values, wanted.public, wanted.filterable
        )
        after = await find(code)
        await audits.record_changes("catalog.custom_field.edited", "custom_field", field_id, before, after)
        await affected.rewrite_showing(affected.CUSTOM_FIELD, code)
        return after


async def delete(code: str) -> None:
    """Delete a field that nothing has a value of. Raises NotFound, FieldOfModule, InUse."""
    async with db.transaction():
        await one_writer()
        field_id, before = await _own(code)
        table = TABLES[before.object]
        count = await db.fetch_value(f"SELECT count(*) FROM {table} WHERE custom_fields ? $1", code)
        if count:
            raise InUse(f"The custom field {code}", f"{before.object} values", count)
        await db.execute("DELETE FROM catalog_custom_field WHERE id = $1", field_id)
        await audit.record(
            "catalog.custom_field.deleted", "custom_field", field_id, before=before.model_dump(mode="json")
        )


async def _own(code: str) -> tuple[UUID, AdminCustomField]:
    """Return staff's field and its id. Raises NotFound, FieldOfModule."""
    found = await find(code)
    if found.id is None:
        raise FieldOfModule(code)
    return found.id, found


async def _check_stored(wanted: AdminCustomField) -> None:
    """Raise ValuesUnfit where a stored value would be refused if it were given now."""
    definition = Definition(
        wanted.code, wanted.name, wanted.type, allowed_values=tuple(wanted.allowed_values), is_declared=True
    )
    rows = await db.fetch_all(
        f"SELECT DISTINCT (custom_fields -> $1)::text AS value FROM {TABLES[wanted.object]} WHERE custom_fields ? $1",
        wanted.code,
    )
    for row in rows:
        try:
            definition.fit(orjson.loads(row["value"]))
        except BadValue as error:
            raise ValuesUnfit(f"A {wanted.object} has another value: {error.message} Correct it first.") from error


def _of_module(field: definitions.Field) -> AdminCustomField:
    definition = field.definition
    return AdminCustomField(
        id=None, code=definition.code, name=definition.name, type=definition.type,
        allowed_values=list(definition.allowed_values), object=field.object, public=field.is_public,
        filterable=definition.is_filterable, declared_by="module", version=None,
    )  # fmt: skip
