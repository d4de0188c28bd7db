"""What workers do for the blog."""

from __future__ import annotations

from uuid import UUID

from feria_blog.staff import previews
from feria_blog.writing import mentions, reindexing
from feria_core.jobs import JobContext


async def resolve_mentions(ctx: JobContext) -> None:
    """Find the products that were made after a post named them; running it again finds the rest."""
    del ctx
    await mentions.resolve()


async def forget_previews(ctx: JobContext) -> None:
    """Delete the preview links that have ended."""
    del ctx
    await previews.forget_expired()


async def reindex(ctx: JobContext, *, tag_id: str) -> None:
    """Let the posts of a tag be found by its present name; repeats safely."""
    del ctx
    await reindexing.of_tag(UUID(tag_id))
