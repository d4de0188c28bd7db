"""Categories for staff: created, renamed, moved with their subtrees, deleted where nothing is in them."""

from __future__ import annotations

from typing import Any

import orjson

from feria_blog.admin_schemas_taxonomy import AdminCategory, CategoryBody, CategoryPatch
from feria_blog.errors import CategoryCycle, CategoryTooDeep, CategoryUnknown, InUse, NameTaken
from feria_blog.staff.changes import by_slug, change, changed, check_names, check_slug, free_slug, record_changes
from feria_core import audit, clock, db
from feria_core.ids import new_id

MAX_DEPTH = 8
_ALL = """
SELECT o.id, o.slug, o.name, o.names::text AS names, m.slug AS parent, o.path, o.description, o.position, o.version,
    (SELECT count(*) FROM blog_post p WHERE p.category_id = o.id) AS post_count
FROM blog_category o LEFT JOIN blog_category m ON m.id = o.parent_id
"""
_INSERT = """
INSERT INTO blog_category (id, name, slug, parent_id, path, description, names, position, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9)
"""
_UPDATE = """
UPDATE blog_category SET name = $2, slug = $3, parent_id = $4, path = $5, description = $6, names = $7::jsonb,
    position = $8, version = version + 1
WHERE id = $1
"""
# The descendants of the category that stood at path $1 now stand under path $2.
_MOVE = """
UPDATE blog_category SET path = $2::text[] || path[cardinality($1::text[]) + 1:]
WHERE cardinality(path) > cardinality($1::text[]) AND path[:cardinality($1::text[])] = $1::text[]
"""
_DEEPEST = """
SELECT coalesce(max(cardinality(path)), 0) FROM blog_category WHERE path[:cardinality($1::text[])] = $1::text[]
"""
_TWIN = """
SELECT EXISTS (SELECT FROM blog_category
    WHERE parent_id IS NOT DISTINCT FROM $1 AND lower(name) = lower($2) AND id IS DISTINCT FROM $3)
"""


async def listed() -> list[AdminCategory]:
    """Return every category, parents before their children."""
    return [AdminCategory(**row) for row in await db.fetch_all(f"{_ALL} ORDER BY o.path")]


async def find(slug: str) -> AdminCategory:
    """Return one category. Raises CategoryUnknown."""
    row = await by_slug(_ALL, slug)
    if row is None:
        raise CategoryUnknown(slug)
    return AdminCategory(**row)


async def create(body: CategoryBody) -> AdminCategory:
    """Create a category. Raises CategoryUnknown for its parent, NameTaken, SlugTaken, CategoryTooDeep."""
    check_names(body.names)
    async with change():
        parent = await find(body.parent) if body.parent else None
        slug = body.slug or await free_slug(body.name, "blog_category", "blog_category_slug")
        path = [*(parent.path if parent else ()), slug]
        await _check(body.name, slug, parent, None)
        if len(path) > MAX_DEPTH:
            raise CategoryTooDeep(len(path), MAX_DEPTH)
        category_id = new_id()
        await db.execute("DELETE FROM blog_category_slug WHERE slug = $1", slug)
        await db.execute(
            _INSERT, category_id, body.name, slug, parent.id if parent else None, path, body.description,
            orjson.dumps(body.names).decode(), body.position, clock.now(),
        )  # fmt: skip
        made = await find(slug)
        await audit.record("blog.category.created", "blog_category", category_id, after=made.model_dump(mode="json"))
        return made


async def edit(slug: str, patch: CategoryPatch) -> AdminCategory:
    """Rename a category, give it another slug, move it with its subtree; a former slug leads to it.

    Raises CategoryUnknown, StaleVersion, NameTaken, SlugTaken, CategoryCycle, CategoryTooDeep.
    """
    check_names(patch.names or {})
    async with change():
        before = await find(slug)
        wanted = changed(before, patch, version=before.version, given=patch.version)
        await _place(before, wanted)
        after = await find(wanted.slug)
        await record_changes("blog.category.edited", "blog_category", after.id, before, after)
        return after


async def delete(slug: str) -> None:
    """Delete a category without children and posts. Raises CategoryUnknown, InUse."""
    async with change():
        before = await find(slug)
        children = await db.fetch_value("SELECT count(*) FROM blog_category WHERE parent_id = $1", before.id)
        for count, by in ((children, "categories"), (before.post_count, "posts")):
            if count:
                raise InUse(f"The category {before.name}", count, by)
        await db.execute("DELETE FROM blog_category WHERE id = $1", before.id)
        await audit.record(
            "blog.category.deleted", "blog_category", before.id, before=before.model_dump(mode="json")
        )  # fmt: skip


async def _place(before: AdminCategory, wanted: AdminCategory) -> None:
    """Write the category and the paths of its subtree."""
    parent = await find(wanted.parent) if wanted.parent else None
    if parent and before.slug in parent.path:
        raise CategoryCycle(before.name, parent.slug)
    await _check(wanted.name, wanted.slug, parent, before)
    path = [*(parent.path if parent else ()), wanted.slug]
    deepest = await db.fetch_value(_DEEPEST, before.path) + len(path) - len(before.path)
    if deepest > MAX_DEPTH:
        raise CategoryTooDeep(deepest, MAX_DEPTH)
    if wanted.slug != before.slug:
        await db.execute("DELETE FROM blog_category_slug WHERE slug = $1", wanted.slug)
        await db.execute(
            "INSERT INTO blog_category_slug (slug, category_id) VALUES ($1, $2)", before.slug, before.id
        )  # fmt: skip
    values: tuple[Any, ...] = (
        wanted.name, wanted.slug, parent.id if parent else None, path, wanted.description,
        orjson.dumps(wanted.names).decode(), wanted.position,
    )  # fmt: skip
    await db.execute(_UPDATE, before.id, *values)
    await db.execute(_MOVE, before.path, path)


async def _check(name: str, slug: str, parent: AdminCategory | None, before: AdminCategory | None) -> None:
    """Raise NameTaken or SlugTaken where another category has the name in this place, or the slug."""
    own = before.id if before else None
    if await db.fetch_value(_TWIN, parent.id if parent else None, name, own):
        raise NameTaken(name)
    await check_slug("blog_category", slug, own)
