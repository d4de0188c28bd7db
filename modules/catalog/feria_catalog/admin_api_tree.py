"""What staff do with brands and the category tree."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas import AdminCategories, AdminCategory, CategoryBody
from feria_catalog.admin_schemas_tree import AdminBrand, AdminBrands, BrandBody, BrandPatch, CategoryPatch
from feria_catalog.staff import brands, categories
from feria_core.http import ApiBlueprint

blueprint = ApiBlueprint("catalog_admin_tree", __name__)
CATEGORIES, BRANDS = "/api/admin/categories", "/api/admin/brands"


@blueprint.endpoint("GET", CATEGORIES, access=READ, returns=AdminCategories)
async def admin_list_categories() -> AdminCategories:
    """Every category, parents before their children."""
    return AdminCategories(items=await categories.listed())


@blueprint.endpoint("POST", CATEGORIES, access=WRITE, body=CategoryBody, returns=AdminCategory, status=201)
async def admin_create_category(body: CategoryBody) -> AdminCategory:
    """Create a category."""
    return await categories.create(body)


@blueprint.endpoint("GET", f"{CATEGORIES}/<slug>", access=READ, returns=AdminCategory)
async def admin_get_category(slug: str) -> AdminCategory:
    """One category."""
    return await categories.find(slug)


@blueprint.endpoint("PATCH", f"{CATEGORIES}/<slug>", access=WRITE, body=CategoryPatch, returns=AdminCategory)
async def admin_edit_category(slug: str, body: CategoryPatch) -> AdminCategory:
    """Rename a category, give it another slug, or move it with its subtree; old slugs lead to it."""
    return await categories.edit(slug, body)


@blueprint.endpoint("DELETE", f"{CATEGORIES}/<slug>", access=WRITE, status=204)
async def admin_delete_category(slug: str) -> None:
    """Delete a category that has neither children nor products."""
    await categories.delete(slug)


@blueprint.endpoint("GET", BRANDS, access=READ, returns=AdminBrands)
async def admin_list_brands() -> AdminBrands:
    """Every brand with the number of its products; a product's brand is created with it."""
    return AdminBrands(items=await brands.listed())


@blueprint.endpoint("POST", BRANDS, access=WRITE, body=BrandBody, returns=AdminBrand, status=201)
async def admin_create_brand(body: BrandBody) -> AdminBrand:
    """Create a brand."""
    return await brands.create(body)


@blueprint.endpoint("GET", f"{BRANDS}/<slug>", access=READ, returns=AdminBrand)
async def admin_get_brand(slug: str) -> AdminBrand:
    """One brand."""
    return await brands.find(slug)


@blueprint.endpoint("PATCH", f"{BRANDS}/<slug>", access=WRITE, body=BrandPatch, returns=AdminBrand)
async def admin_edit_brand(slug: str, body: BrandPatch) -> AdminBrand:
    """Rename a brand; its old slugs lead to it."""
    return await brands.edit(slug, body)


@blueprint.endpoint("DELETE", f"{BRANDS}/<slug>", access=WRITE, status=204)
async def admin_delete_brand(slug: str) -> None:
    """Delete a brand that no product has."""
    await brands.delete(slug)
