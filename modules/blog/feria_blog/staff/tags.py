"""Tags for staff."""

from __future__ import annotations

import orjson

from feria_blog.admin_schemas_taxonomy import AdminTag, AdminTagPage, NameQuery, TagBody, TagPatch
from feria_blog.errors import TagUnknown
from feria_blog.staff.changes import (
    by_slug,
    change,
    changed,
    check_names,
    check_slug,
    free_slug,
    page_by_slug,
    record_changes,
)
from feria_core import audit, clock, db
from feria_core.ids import new_id
from feria_core.jobs import enqueue

_ALL = """
SELECT o.id, o.slug, o.name, o.names::text AS names, o.version,
    (SELECT count(*) FROM blog_post_tag x WHERE x.tag_id = o.id) AS post_count
FROM blog_tag o
"""


async def listed(query: NameQuery) -> AdminTagPage:
    """Return a page of tags by slug."""
    rows, more = await page_by_slug(_ALL, query)
    return AdminTagPage(items=[AdminTag(**row) for row in rows], next_cursor=more)


async def find(slug: str) -> AdminTag:
    """Return one tag. Raises TagUnknown."""
    row = await by_slug(_ALL, slug)
    if row is None:
        raise TagUnknown(slug)
    return AdminTag(**row)


async def create(body: TagBody) -> AdminTag:
    """Create a tag. Raises SlugTaken."""
    check_names(body.names)
    async with change():
        slug = body.slug or await free_slug(body.name, "blog_tag")
        await check_slug("blog_tag", slug, None)
        await db.execute(
            "INSERT INTO blog_tag (id, slug, name, names, created_at) VALUES ($1, $2, $3, $4::jsonb, $5)",
            new_id(), slug, body.name, orjson.dumps(body.names).decode(), clock.now(),
        )  # fmt: skip
        made = await find(slug)
        await audit.record("blog.tag.created", "tag", made.id, after=made.model_dump(mode="json"))
        return made


async def edit(slug: str, patch: TagPatch) -> AdminTag:
    """Rename a tag; a job lets its posts be found by the new name. Raises TagUnknown, StaleVersion, SlugTaken."""
    check_names(patch.names or {})
    async with change():
        before = await find(slug)
        wanted = changed(before, patch, version=before.version, given=patch.version)
        await check_slug("blog_tag", wanted.slug, before.id)
        await db.execute(
            "UPDATE blog_tag SET slug = $2, name = $3, names = $4::jsonb, version = version + 1 WHERE id = $1",
            before.id, wanted.slug, wanted.name, orjson.dumps(wanted.names).decode(),
        )  # fmt: skip
        if wanted.name != before.name:
            await enqueue("blog.reindex", tag_id=str(before.id))
        after = await find(wanted.slug)
        await record_changes("blog.tag.edited", "tag", after.id, before, after)
        return after


async def delete(slug: str) -> None:
    """Delete a tag and take it off its posts. Raises TagUnknown."""
    async with change():
        before = await find(slug)
        await db.execute("DELETE FROM blog_tag WHERE id = $1", before.id)
        await audit.record("blog.tag.deleted", "tag", before.id, before=before.model_dump(mode="json"))
