"""Search words of posts, written anew."""

from __future__ import annotations

from uuid import UUID

from feria_blog.reading.languages import known
from feria_blog.writing import postings, rows
from feria_blog.writing.lock import one_writer
from feria_blog.writing.postings import Searched
from feria_blog.writing.rows import Stored
from feria_core import db
from feria_core.html import plain_text

BATCH = 50


async def of_tag(tag_id: UUID) -> None:
    """Write what the posts of a tag are found by, some in a transaction."""
    after = UUID(int=0)
    while ids := await _ids(tag_id, after):
        after = ids[-1]
        async with db.transaction():
            await one_writer()
            for post_id in ids:
                await rewrite(await rows.find(str(post_id)))


async def rewrite(post: Stored) -> None:
    """Write what a post is found by, in the caller's transaction."""
    texts = searched(post)
    await postings.rewrite(post.id, texts, post.content.tags, locale=post.row["locale"], first=known()[0])


def searched(post: Stored) -> dict[str, Searched]:
    """Return title and words of the post's texts by language."""
    found = {str(post.row["locale"]): Searched(post.content.title, plain_text(post.row["html"]))}
    for language, html in post.translated_html.items():
        found[language] = Searched(post.content.translations[language].title, plain_text(html))
    return found


async def _ids(tag_id: UUID, after: UUID) -> list[UUID]:
    rows_ = await db.fetch_all(
        "SELECT x.post_id FROM blog_post_tag x JOIN blog_post p ON p.id = x.post_id"
        " WHERE x.tag_id = $1 AND x.post_id > $2 ORDER BY x.post_id LIMIT $3",
        tag_id, after, BATCH,
    )  # fmt: skip
    return [row["post_id"] for row in rows_]
