"""Links that show a post to whoever has them, before it is published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from feria_blog.admin_schemas import PreviewOut
from feria_blog.errors import PreviewUnknown
from feria_blog.reading import page
from feria_blog.settings import BlogSettings
from feria_blog.writing import rows
from feria_core import audit, clock, db
from feria_core.ids import new_token, token_hash
from feria_core.runtime import core_settings, settings


async def give(key: str) -> PreviewOut:
    """Make a link for the post; only a hash of its token is stored. Raises PostUnknown."""
    post = await rows.find(key)
    token = new_token()
    expires_at = clock.now() + timedelta(hours=settings(BlogSettings).preview_hours)
    async with db.transaction():
        await db.execute(
            "INSERT INTO blog_preview (token_hash, post_id, expires_at)"
            " SELECT $1, id, $3 FROM blog_post WHERE id = $2",
            token_hash(token), post.id, expires_at,
        )  # fmt: skip
        await audit.record("blog.preview.given", "post", post.id, after={"expires_at": expires_at})
    url = f"{core_settings().public_url.rstrip('/')}/blog/preview?token={token}"
    return PreviewOut(token=token, url=url, expires_at=expires_at)


async def withdraw(key: str) -> None:
    """End every link of the post. Raises PostUnknown."""
    post = await rows.find(key)
    async with db.transaction():
        count = await db.execute("DELETE FROM blog_preview WHERE post_id = $1", post.id)
        if count:
            await audit.record("blog.preview.withdrawn", "post", post.id, before={"links": count})


async def shown(token: str) -> dict[str, Any]:
    """Return the post behind a link, as its page would be. Raises PreviewUnknown."""
    post_id = await db.fetch_value(
        "SELECT post_id FROM blog_preview WHERE token_hash = $1 AND expires_at > $2", token_hash(token), clock.now()
    )
    post = await page.preview(post_id) if post_id else None
    if post is None:
        raise PreviewUnknown
    return post


async def forget_expired() -> int:
    """Delete the links that have ended; return how many."""
    return await db.execute("DELETE FROM blog_preview WHERE expires_at <= $1", clock.now())
