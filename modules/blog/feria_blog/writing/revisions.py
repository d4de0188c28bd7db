"""The states that a post had."""

from __future__ import annotations

from uuid import UUID

import orjson

from feria_blog.admin_schemas import PostContent
from feria_blog.settings import BlogSettings
from feria_blog.writing.rows import plain
from feria_core import clock, db
from feria_core.auth import maybe_principal
from feria_core.ids import new_id
from feria_core.runtime import settings

_ADD = """
INSERT INTO blog_revision (id, post_id, number, content, reason, actor_id, at)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3::jsonb, $4, $5, $6 FROM blog_revision WHERE post_id = $2
RETURNING number
"""
_FORGET = "DELETE FROM blog_revision WHERE post_id = $1 AND number <= $2"


async def add(post_id: UUID, content: PostContent, reason: str) -> int:
    """Write the state that the post has now; return its number. The writer's lock keeps numbers apart."""
    principal = maybe_principal()
    row = await db.fetch_one(
        _ADD, new_id(), post_id, orjson.dumps(plain(content)).decode(), reason,
        principal.id if principal else None, clock.now(),
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an aggregate has one row
    number = int(row["number"])
    await db.execute(_FORGET, post_id, number - settings(BlogSettings).revisions_kept)
    return number
