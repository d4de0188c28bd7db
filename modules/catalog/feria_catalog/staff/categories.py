"""Categories for staff: created, renamed, moved with their subtrees, deleted where nothing is in them."""

from __future__ import annotations

from typing import Any

from feria_catalog.admin_schemas import AdminCategory, CategoryBody
from feria_catalog.admin_schemas_tree import CategoryPatch
from feria_catalog.custom_fields import values
from feria_catalog.documents import affected
from feria_catalog.documents.writing import LISTS
from feria_catalog.errors import CategoryCycle, CategoryTooDeep, InUse, NameTaken, SlugTaken
from feria_catalog.staff import audits, versions
from feria_catalog.staff.products import no_category
from feria_catalog.writing import renames
from feria_catalog.writing.lock import one_writer
from feria_catalog.writing.references import MAX_DEPTH, CategoryNode, CategoryTree
from feria_core import audit, cache, db

_ALL = """
SELECT c.id, c.slug, c.name, p.slug AS parent, c.path, c.position, c.version,
    c.custom_fields::text AS custom_fields
FROM catalog_category c LEFT JOIN catalog_category p ON p.id = c.parent_id
"""
_UPDATE = """
UPDATE catalog_category SET name = $2, slug = $3, parent_id = $4, path = $5, position = $6, version = version + 1
WHERE id = $1
"""
# The descendants of the category that stood at path $1 now stand under path $2.
_MOVE = """
UPDATE catalog_category SET path = $2::text[] || path[cardinality($1::text[]) + 1:]
WHERE cardinality(path) > cardinality($1::text[]) AND path[:cardinality($1::text[])] = $1::text[]
"""
_DEEPEST = """
SELECT coalesce(max(cardinality(path)), 0) FROM catalog_category
WHERE path[:cardinality($1::text[])] = $1::text[]
"""


async def listed() -> list[AdminCategory]:
    """Return every category, parents before their children."""
    return [AdminCategory(**row) for row in await db.fetch_all(f"{_ALL} ORDER BY c.path")]


async def find(slug: str) -> AdminCategory:
    """Return one category. Raises NotFound."""
    row = await db.fetch_one(f"{_ALL} WHERE c.slug = $1", slug) if "\x00" not in slug else None
    if row is None:
        raise no_category(slug[:100])
    return AdminCategory(**row)


async def create(body: CategoryBody) -> AdminCategory:
    """Create a category. Raises NotFound for an unknown parent, NameTaken, SlugTaken, CategoryTooDeep."""
    async with db.transaction():
        await one_writer()
        tree = await CategoryTree.load()
        parent = _parent(tree, body.parent) if body.parent else None
        if (parent.id if parent else None, body.name.lower()) in tree.by_name:
            raise _name_taken(body.name)
        if body.slug in tree.slugs:
            raise SlugTaken(body.slug)
        if parent and len(parent.path) >= MAX_DEPTH:
            raise CategoryTooDeep(len(parent.path) + 1, MAX_DEPTH)
        node = await tree.create(body.name, parent=parent, slug=body.slug)
        await db.execute("UPDATE catalog_category SET position = $2 WHERE id = $1", node.id, body.position)
        await values.write(values.CATEGORY, {node.id: body.custom_fields})
        created = await find(node.path[-1])
        await audit.record("catalog.category.created", "category", node.id, after=created.model_dump(mode="json"))
        cache.touch(LISTS)
        return created


async def edit(slug: str, patch: CategoryPatch) -> AdminCategory:
    """Rename a category, give it another slug, move it with its subtree; two moves at once make no loop.

    Raises NotFound, StaleVersion, NameTaken, SlugTaken, CategoryCycle, CategoryTooDeep.
    """
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        versions.check(before.version, patch.version)
        wished = patch.model_dump(exclude_unset=True, exclude={"version", "custom_fields"})
        wanted = before.model_copy(update=wished)
        await _place(before, wanted)
        await values.write(values.CATEGORY, {before.id: patch.custom_fields or {}})
        after = await find(wanted.slug)
        await audits.record_changes("catalog.category.edited", "category", after.id, before, after)
        if (before.name, before.path) != (after.name, after.path):
            await affected.rewrite_showing(affected.CATEGORY, after.id)
        cache.touch(LISTS)
        return after


async def delete(slug: str) -> None:
    """Delete a category without children and products. Raises NotFound, InUse."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        for by, table, column in (
            ("categories", "catalog_category", "parent_id"),
            ("products", "catalog_product", "category_id"),
        ):
            count = await db.fetch_value(f"SELECT count(*) FROM {table} WHERE {column} = $1", before.id)
            if count:
                raise InUse(f"The category {before.name}", by, count)
        await db.execute("DELETE FROM catalog_category WHERE id = $1", before.id)
        await audit.record("catalog.category.deleted", "category", before.id, before=before.model_dump(mode="json"))
        cache.touch(LISTS)


async def _place(before: AdminCategory, wanted: AdminCategory) -> None:
    """Write the category and the paths of its subtree."""
    tree = await CategoryTree.load()
    parent = _parent(tree, wanted.parent) if wanted.parent else None
    if parent and before.slug in parent.path:
        raise CategoryCycle(before.name, wanted.parent or "")
    twin = tree.by_name.get((parent.id if parent else None, wanted.name.lower()))
    if twin and twin.id != before.id:
        raise _name_taken(wanted.name)
    if wanted.slug != before.slug:
        if wanted.slug in tree.slugs:
            raise SlugTaken(wanted.slug)
        await renames.claim(renames.CATEGORY, wanted.slug)
        await renames.retire(renames.CATEGORY, before.slug, before.id)
    path = [*(parent.path if parent else ()), wanted.slug]
    await _check_depth(before.path, path)
    values: tuple[Any, ...] = (wanted.name, wanted.slug, parent.id if parent else None, path, wanted.position)
    await db.execute(_UPDATE, before.id, *values)
    await db.execute(_MOVE, before.path, path)


async def _check_depth(old: list[str], new: list[str]) -> None:
    deepest = await db.fetch_value(_DEEPEST, old) + len(new) - len(old)
    if deepest > MAX_DEPTH:
        raise CategoryTooDeep(deepest, MAX_DEPTH)


def _name_taken(name: str) -> NameTaken:
    return NameTaken(f"There is a category '{name}' in that place already: use it, or choose another name.")


def _parent(tree: CategoryTree, slug: str) -> CategoryNode:
    for node in tree.by_name.values():
        if node.path[-1] == slug:
            return node
    raise no_category(slug)
