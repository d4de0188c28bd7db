"""What staff do with attributes and product types."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas_attributes import (
    AdminAttribute,
    AdminAttributes,
    AdminProductType,
    AdminProductTypes,
    AttributeBody,
    AttributePatch,
    ProductTypeBody,
    ProductTypePatch,
)
from feria_catalog.staff import attributes, product_types
from feria_core.http import ApiBlueprint, PageQuery

blueprint = ApiBlueprint("catalog_admin_attributes", __name__)
ATTRIBUTES, TYPES = "/api/admin/attributes", "/api/admin/product-types"


@blueprint.endpoint("GET", ATTRIBUTES, access=READ, query=PageQuery, returns=AdminAttributes)
async def admin_list_attributes(query: PageQuery) -> AdminAttributes:
    """Attributes by code, also those that came with a product's first value."""
    return await attributes.page(query)


@blueprint.endpoint("POST", ATTRIBUTES, access=WRITE, body=AttributeBody, returns=AdminAttribute, status=201)
async def admin_create_attribute(body: AttributeBody) -> AdminAttribute:
    """Declare an attribute: its type, unit, allowed values and level are checked from then on."""
    return await attributes.create(body)


@blueprint.endpoint("GET", f"{ATTRIBUTES}/<code>", access=READ, returns=AdminAttribute)
async def admin_get_attribute(code: str) -> AdminAttribute:
    """One attribute."""
    return await attributes.find(code)


@blueprint.endpoint("PATCH", f"{ATTRIBUTES}/<code>", access=WRITE, body=AttributePatch, returns=AdminAttribute)
async def admin_edit_attribute(code: str, body: AttributePatch) -> AdminAttribute:
    """Change an attribute as far as the stored values fit; a changed unit leaves every quantity what it is."""
    return await attributes.edit(code, body)


@blueprint.endpoint("DELETE", f"{ATTRIBUTES}/<code>", access=WRITE, status=204)
async def admin_delete_attribute(code: str) -> None:
    """Delete an attribute that no product and no product type has."""
    await attributes.delete(code)


@blueprint.endpoint("GET", TYPES, access=READ, returns=AdminProductTypes)
async def admin_list_product_types() -> AdminProductTypes:
    """Every product type with its attributes."""
    return AdminProductTypes(items=await product_types.listed())


@blueprint.endpoint("POST", TYPES, access=WRITE, body=ProductTypeBody, returns=AdminProductType, status=201)
async def admin_create_product_type(body: ProductTypeBody) -> AdminProductType:
    """Create a product type: products of it must have its required attributes."""
    return await product_types.create(body)


@blueprint.endpoint("GET", f"{TYPES}/<code>", access=READ, returns=AdminProductType)
async def admin_get_product_type(code: str) -> AdminProductType:
    """One product type."""
    return await product_types.find(code)


@blueprint.endpoint("PATCH", f"{TYPES}/<code>", access=WRITE, body=ProductTypePatch, returns=AdminProductType)
async def admin_edit_product_type(code: str, body: ProductTypePatch) -> AdminProductType:
    """Change a product type's name and attributes."""
    return await product_types.edit(code, body)


@blueprint.endpoint("DELETE", f"{TYPES}/<code>", access=WRITE, status=204)
async def admin_delete_product_type(code: str) -> None:
    """Delete a product type that no product is of."""
    await product_types.delete(code)
