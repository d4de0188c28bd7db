"""Brands for staff."""

from __future__ import annotations

from feria_catalog.admin_schemas_tree import AdminBrand, BrandBody, BrandPatch
from feria_catalog.documents import affected
from feria_catalog.documents.writing import LISTS
from feria_catalog.errors import InUse, SlugTaken
from feria_catalog.staff import audits, versions
from feria_catalog.writing import renames
from feria_catalog.writing.lock import one_writer
from feria_core import audit, cache, db
from feria_core.errors import NotFound
from feria_core.ids import new_id
from feria_core.text import slug_of

_BRANDS = """
SELECT b.id, b.slug, b.name, b.version, count(p.id) AS product_count
FROM catalog_brand b LEFT JOIN catalog_product p ON p.brand_id = b.id
"""
_GROUPED = " GROUP BY b.id, b.slug, b.name, b.version"


async def listed() -> list[AdminBrand]:
    """Return every brand with the number of its products of any status, by name."""
    return [AdminBrand(**row) for row in await db.fetch_all(f"{_BRANDS}{_GROUPED} ORDER BY lower(b.name), b.slug")]


async def find(slug: str) -> AdminBrand:
    """Return one brand. Raises NotFound."""
    row = await db.fetch_one(f"{_BRANDS} WHERE b.slug = $1 {_GROUPED}", slug) if "\x00" not in slug else None
    if row is None:
        raise NotFound(f"There is no brand '{slug[:100]}': GET /api/admin/brands lists them.")
    return AdminBrand(**row)


async def create(body: BrandBody) -> AdminBrand:
    """Create a brand. Raises SlugTaken."""
    slug = body.slug or slug_of(body.name)
    async with db.transaction():
        await one_writer()
        if await renames.is_taken(renames.BRAND, slug):
            raise SlugTaken(slug)
        await renames.claim(renames.BRAND, slug)
        brand_id = new_id()
        await db.execute("INSERT INTO catalog_brand (id, slug, name) VALUES ($1, $2, $3)", brand_id, slug, body.name)
        created = await find(slug)
        await _alias(created)
        await audit.record("catalog.brand.created", "brand", brand_id, after=created.model_dump(mode="json"))
        cache.touch(LISTS)
        return created


async def edit(slug: str, patch: BrandPatch) -> AdminBrand:
    """Rename a brand; without a slug of its own it gets that of its new name. Raises StaleVersion, SlugTaken."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        versions.check(before.version, patch.version)
        name = patch.name or before.name
        new_slug = patch.slug or (slug_of(name) if patch.name and patch.name != before.name else before.slug)
        if await renames.is_taken(renames.BRAND, new_slug, by_other_than=before.id):
            raise SlugTaken(new_slug)
        if new_slug != before.slug:
            await renames.claim(renames.BRAND, new_slug)
            await renames.retire(renames.BRAND, before.slug, before.id)
        await db.execute(
            "UPDATE catalog_brand SET name = $2, slug = $3, version = version + 1 WHERE id = $1",
            before.id, name, new_slug,
        )  # fmt: skip
        after = await find(new_slug)
        await _alias(after)
        await audits.record_changes("catalog.brand.edited", "brand", after.id, before, after)
        await affected.rewrite_showing(affected.BRAND, after.id)
        return after


async def delete(slug: str) -> None:
    """Delete a brand without products. Raises NotFound, InUse."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        if before.product_count:
            raise InUse(f"The brand {before.name}", "products", before.product_count)
        await db.execute("DELETE FROM catalog_brand WHERE id = $1", before.id)
        await audit.record("catalog.brand.deleted", "brand", before.id, before=before.model_dump(mode="json"))
        cache.touch(LISTS)


async def _alias(brand: AdminBrand) -> None:
    """Let the slug of the name lead to a brand that has another one, unless it is somebody else's."""
    by_name = slug_of(brand.name)
    if by_name != brand.slug and not await renames.is_taken(renames.BRAND, by_name):
        await renames.retire(renames.BRAND, by_name, brand.id)
