"""Authors for staff: the names under which posts stand."""

from __future__ import annotations

from uuid import UUID

from feria_blog.admin_schemas_taxonomy import AdminAuthor, AdminAuthorPage, AuthorBody, AuthorPatch, NameQuery
from feria_blog.errors import AuthorUnknown, InUse, NameTaken
from feria_blog.staff.changes import by_slug, change, changed, check_slug, free_slug, page_by_slug, record_changes
from feria_core import audit, clock, db
from feria_core.ids import new_id

_ALL = """
SELECT o.id, o.slug, o.name, o.bio, o.url, o.picture_url, o.user_id, o.version,
    (SELECT count(*) FROM blog_post p WHERE p.author_id = o.id) AS post_count
FROM blog_author o
"""
_UPDATE = """
UPDATE blog_author SET slug = $2, name = $3, bio = $4, url = $5, picture_url = $6, user_id = $7, version = version + 1
WHERE id = $1
"""


async def listed(query: NameQuery) -> AdminAuthorPage:
    """Return a page of authors by slug."""
    rows, more = await page_by_slug(_ALL, query)
    return AdminAuthorPage(items=[AdminAuthor(**row) for row in rows], next_cursor=more)


async def find(slug: str) -> AdminAuthor:
    """Return one author. Raises AuthorUnknown."""
    row = await by_slug(_ALL, slug)
    if row is None:
        raise AuthorUnknown(slug)
    return AdminAuthor(**row)


async def create(body: AuthorBody) -> AdminAuthor:
    """Create an author. Raises SlugTaken, NameTaken where the account has a name already."""
    async with change():
        slug = body.slug or await free_slug(body.name, "blog_author")
        await _check(slug, body.user_id, None)
        await db.execute(
            "INSERT INTO blog_author (id, slug, name, bio, url, picture_url, user_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            new_id(), slug, body.name, body.bio, body.url, body.picture_url, body.user_id, clock.now(),
        )  # fmt: skip
        made = await find(slug)
        await audit.record("blog.author.created", "person.author", made.id, after=made.model_dump(mode="json"))
        return made


async def edit(slug: str, patch: AuthorPatch) -> AdminAuthor:
    """Change what `patch` names. Raises AuthorUnknown, StaleVersion, SlugTaken, NameTaken."""
    async with change():
        before = await find(slug)
        wanted = changed(before, patch, version=before.version, given=patch.version)
        await _check(wanted.slug, wanted.user_id, before)
        await db.execute(
            _UPDATE, before.id, wanted.slug, wanted.name, wanted.bio, wanted.url, wanted.picture_url, wanted.user_id
        )
        after = await find(wanted.slug)
        await record_changes("blog.author.edited", "person.author", after.id, before, after)
        return after


async def delete(slug: str) -> None:
    """Delete an author without posts. Raises AuthorUnknown, InUse."""
    async with change():
        before = await find(slug)
        if before.post_count:
            raise InUse(f"The author {before.name}", before.post_count, "posts")
        await db.execute("DELETE FROM blog_author WHERE id = $1", before.id)
        await audit.record("blog.author.deleted", "person.author", before.id, before=before.model_dump(mode="json"))


async def _check(slug: str, user_id: UUID | None, before: AdminAuthor | None) -> None:
    own = before.id if before else None
    await check_slug("blog_author", slug, own)
    if user_id and await db.fetch_value("SELECT id FROM blog_author WHERE user_id = $1", user_id) not in (None, own):
        raise NameTaken(f"author of the account {user_id}")
