"""What staff do with custom fields."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas_custom_fields import (
    AdminCustomField,
    AdminCustomFields,
    CustomFieldBody,
    CustomFieldPatch,
)
from feria_catalog.staff import custom_fields
from feria_core.http import ApiBlueprint

blueprint = ApiBlueprint("catalog_admin_custom_fields", __name__)
FIELDS = "/api/admin/custom-fields"


@blueprint.endpoint("GET", FIELDS, access=READ, returns=AdminCustomFields)
async def admin_list_custom_fields() -> AdminCustomFields:
    """Every custom field by code, those of modules too."""
    return AdminCustomFields(items=await custom_fields.listed())


@blueprint.endpoint("POST", FIELDS, access=WRITE, body=CustomFieldBody, returns=AdminCustomField, status=201)
async def admin_create_custom_field(body: CustomFieldBody) -> AdminCustomField:
    """Declare a custom field of products, of variants or of categories."""
    return await custom_fields.create(body)


@blueprint.endpoint("GET", f"{FIELDS}/<code>", access=READ, returns=AdminCustomField)
async def admin_get_custom_field(code: str) -> AdminCustomField:
    """One custom field."""
    return await custom_fields.find(code)


@blueprint.endpoint("PATCH", f"{FIELDS}/<code>", access=WRITE, body=CustomFieldPatch, returns=AdminCustomField)
async def admin_edit_custom_field(code: str, body: CustomFieldPatch) -> AdminCustomField:
    """Change a custom field as far as the stored values fit."""
    return await custom_fields.edit(code, body)


@blueprint.endpoint("DELETE", f"{FIELDS}/<code>", access=WRITE, status=204)
async def admin_delete_custom_field(code: str) -> None:
    """Delete a custom field that nothing has a value of."""
    await custom_fields.delete(code)
