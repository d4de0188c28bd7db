"""Authors for staff: the names under which posts stand."""

from __future__ import annotations

from uuid import UUID

from feria_blog.admin_schemas_taxonomy import AdminAuthor, AdminAuthorPage, AuthorBody, AuthorPatch, NameQuery
from feria_blog.errors import AuthorUnknown, InUse, NameTaken, SlugTaken
from feria_blog.reading.cards import TAG
from feria_blog.staff.changes import check_version, free_slug, record_changes
from feria_blog.writing.lock import one_writer
from feria_core import audit, cache, clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import new_id

_ALL = """
SELECT a.id, a.slug, a.name, a.bio, a.url, a.picture_url, a.user_id, a.version,
    (SELECT count(*) FROM blog_post p WHERE p.author_id = a.id) AS post_count
FROM blog_author a
"""
_UPDATE = """
UPDATE blog_author SET slug = $2, name = $3, bio = $4, url = $5, picture_url = $6, user_id = $7, version = version + 1
WHERE id = $1
"""


async def listed(query: NameQuery) -> AdminAuthorPage:
    """Return a page of authors by slug."""
    (after,) = decode_cursor(query.cursor, 1) or ("",)
    if not isinstance(after, str) or "\x00" in after:
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    rows = await db.fetch_all(
        f"{_ALL} WHERE a.slug > $1 AND strpos(lower(a.name) || ' ' || a.slug, lower($2)) > 0"
        " ORDER BY a.slug LIMIT $3",
        after, query.q or "", query.limit + 1,
    )  # fmt: skip
    items = [AdminAuthor(**row) for row in rows[: query.limit]]
    return AdminAuthorPage(items=items, next_cursor=encode_cursor(items[-1].slug) if len(rows) > query.limit else None)


async def find(slug: str) -> AdminAuthor:
    """Return one author. Raises AuthorUnknown."""
    row = await db.fetch_one(f"{_ALL} WHERE a.slug = $1", slug) if "\x00" not in slug else None
    if row is None:
        raise AuthorUnknown(slug)
    return AdminAuthor(**row)


async def create(body: AuthorBody) -> AdminAuthor:
    """Create an author. Raises SlugTaken, NameTaken where the account has a name already."""
    async with db.transaction():
        await one_writer()
        slug = body.slug or await free_slug(body.name, "blog_author")
        await _check(slug, body.user_id, None)
        await db.execute(
            "INSERT INTO blog_author (id, slug, name, bio, url, picture_url, user_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            new_id(), slug, body.name, body.bio, body.url, body.picture_url, body.user_id, clock.now(),
        )  # fmt: skip
        made = await find(slug)
        await audit.record("blog.author.created", "person.author", made.id, after=made.model_dump(mode="json"))
        cache.touch(TAG)
        return made


async def edit(slug: str, patch: AuthorPatch) -> AdminAuthor:
    """Change what `patch` names. Raises AuthorUnknown, StaleVersion, SlugTaken, NameTaken."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        check_version(before.version, patch.version)
        wanted = before.model_copy(update=patch.model_dump(exclude_unset=True, exclude={"version"}))
        await _check(wanted.slug, wanted.user_id, before)
        await db.execute(
            _UPDATE, before.id, wanted.slug, wanted.name, wanted.bio, wanted.url, wanted.picture_url, wanted.user_id
        )
        after = await find(wanted.slug)
        await record_changes("blog.author.edited", "person.author", after.id, before, after)
        cache.touch(TAG)
        return after


async def delete(slug: str) -> None:
    """Delete an author without posts. Raises AuthorUnknown, InUse."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        if before.post_count:
            raise InUse(f"The author {before.name}", before.post_count, "posts")
        await db.execute("DELETE FROM blog_author WHERE id = $1", before.id)
        await audit.record("blog.author.deleted", "person.author", before.id, before=before.model_dump(mode="json"))
        cache.touch(TAG)


async def _check(slug: str, user_id: UUID | None, before: AdminAuthor | None) -> None:
    own = before.id if before else None
    if await db.fetch_value("SELECT id FROM blog_author WHERE slug = $1", slug) not in (None, own):
        raise SlugTaken(slug)
    if user_id and await db.fetch_value("SELECT id FROM blog_author WHERE user_id = $1", user_id) not in (None, own):
        raise NameTaken(f"author of the account {user_id}")
