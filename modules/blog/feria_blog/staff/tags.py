"""Tags for staff."""

from __future__ import annotations

import orjson

from feria_blog.admin_schemas_taxonomy import AdminTag, AdminTagPage, NameQuery, TagBody, TagPatch
from feria_blog.errors import SlugTaken, TagUnknown
from feria_blog.reading.cards import TAG
from feria_blog.staff.changes import check_names, check_version, free_slug, record_changes
from feria_blog.writing.lock import one_writer
from feria_core import audit, cache, clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import new_id
from feria_core.jobs import enqueue

_ALL = """
SELECT g.id, g.slug, g.name, g.names::text AS names, g.version,
    (SELECT count(*) FROM blog_post_tag x WHERE x.tag_id = g.id) AS post_count
FROM blog_tag g
"""


async def listed(query: NameQuery) -> AdminTagPage:
    """Return a page of tags by slug."""
    (after,) = decode_cursor(query.cursor, 1) or ("",)
    if not isinstance(after, str) or "\x00" in after:
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    rows = await db.fetch_all(
        f"{_ALL} WHERE g.slug > $1 AND strpos(lower(g.name) || ' ' || g.slug, lower($2)) > 0"
        " ORDER BY g.slug LIMIT $3",
        after, query.q or "", query.limit + 1,
    )  # fmt: skip
    items = [AdminTag(**row) for row in rows[: query.limit]]
    return AdminTagPage(items=items, next_cursor=encode_cursor(items[-1].slug) if len(rows) > query.limit else None)


async def find(slug: str) -> AdminTag:
    """Return one tag. Raises TagUnknown."""
    row = await db.fetch_one(f"{_ALL} WHERE g.slug = $1", slug) if "\x00" not in slug else None
    if row is None:
        raise TagUnknown(slug)
    return AdminTag(**row)


async def create(body: TagBody) -> AdminTag:
    """Create a tag. Raises SlugTaken."""
    check_names(body.names)
    async with db.transaction():
        await one_writer()
        slug = body.slug or await free_slug(body.name, "blog_tag")
        await _check(slug, None)
        await db.execute(
            "INSERT INTO blog_tag (id, slug, name, names, created_at) VALUES ($1, $2, $3, $4::jsonb, $5)",
            new_id(), slug, body.name, orjson.dumps(body.names).decode(), clock.now(),
        )  # fmt: skip
        made = await find(slug)
        await audit.record("blog.tag.created", "tag", made.id, after=made.model_dump(mode="json"))
        cache.touch(TAG)
        return made


async def edit(slug: str, patch: TagPatch) -> AdminTag:
    """Rename a tag; a job lets its posts be found by the new name. Raises TagUnknown, StaleVersion, SlugTaken."""
    check_names(patch.names or {})
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        check_version(before.version, patch.version)
        wanted = before.model_copy(update=patch.model_dump(exclude_unset=True, exclude={"version"}))
        await _check(wanted.slug, before)
        await db.execute(
            "UPDATE blog_tag SET slug = $2, name = $3, names = $4::jsonb, version = version + 1 WHERE id = $1",
            before.id, wanted.slug, wanted.name, orjson.dumps(wanted.names).decode(),
        )  # fmt: skip
        if wanted.name != before.name:
            await enqueue("blog.reindex", tag_id=str(before.id))
        after = await find(wanted.slug)
        await record_changes("blog.tag.edited", "tag", after.id, before, after)
        cache.touch(TAG)
        return after


async def delete(slug: str) -> None:
    """Delete a tag and take it off its posts. Raises TagUnknown."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        await db.execute("DELETE FROM blog_tag WHERE id = $1", before.id)
        await audit.record("blog.tag.deleted", "tag", before.id, before=before.model_dump(mode="json"))
        cache.touch(TAG)


async def _check(slug: str, before: AdminTag | None) -> None:
    taken = await db.fetch_value("SELECT id FROM blog_tag WHERE slug = $1", slug)
    if taken not in (None, before.id if before else None):
        raise SlugTaken(slug)
