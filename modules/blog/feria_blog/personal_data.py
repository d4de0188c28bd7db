"""What the blog knows of a person, for the port `personal_data`: who writes for it."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from feria_blog.reading.cards import TAG
from feria_core import cache, db
from feria_core.contracts.privacy import DataSubject, Json

ANONYMOUS = "Former author"
_EXPORT = """
SELECT json_build_object(
    'author', (SELECT json_build_object('slug', a.slug, 'name', a.name, 'bio', a.bio, 'url', a.url,
        'picture_url', a.picture_url, 'posts', (SELECT count(*) FROM blog_post p WHERE p.author_id = a.id))
        FROM blog_author a WHERE a.user_id = $1),
    'edits', (SELECT coalesce(json_agg(json_build_object('post_id', r.post_id, 'number', r.number, 'at', r.at)
        ORDER BY r.at, r.id), '[]') FROM blog_revision r WHERE r.actor_id = $1))::text
"""
# The slug is made of the name.
_ERASE = """
UPDATE blog_author SET name = $2, slug = 'author-' || right(id::text, 12), bio = '', url = NULL, picture_url = NULL,
    user_id = NULL, version = version + 1
WHERE user_id = $1 RETURNING slug
"""


class BlogData:
    """The author that an account writes as, and the edits it made."""

    section = "blog"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the author's profile and the edits; nothing of who never wrote."""
        found: Mapping[str, Json] = orjson.loads(await db.fetch_value(_EXPORT, subject.user_id))
        return found if found["author"] or found["edits"] else {}

    async def erase(self, subject: DataSubject) -> None:
        """Make the author anonymous; the posts stay, as the company's own texts."""
        before = await db.fetch_value("SELECT slug FROM blog_author WHERE user_id = $1 FOR UPDATE", subject.user_id)
        after = await db.fetch_value(_ERASE, subject.user_id, ANONYMOUS)
        await db.execute("UPDATE blog_revision SET actor_id = NULL WHERE actor_id = $1", subject.user_id)
        if before is not None:
            # Revisions name the author by the slug, which was the name.
            await db.execute(
                "UPDATE blog_revision SET content = jsonb_set(content, '{author}', to_jsonb($2::text))"
                " WHERE content ->> 'author' = $1",
                before, after,
            )  # fmt: skip
            cache.touch(TAG)
