"""Posts as staff see them."""

from __future__ import annotations

from typing import Any

from feria_blog.admin_schemas import AdminCard, AdminPage, AdminPost, AdminPostQuery
from feria_blog.domain import Status, reading_minutes, status_at
from feria_blog.reading.cards import COLUMNS, JOINS, card, path_of
from feria_blog.reading.filters import Filters
from feria_blog.settings import BlogSettings
from feria_blog.writing.rows import Stored, plain
from feria_core import clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_core.runtime import settings

_STATUS = {
    Status.DRAFT: "p.status = 'draft'",
    Status.ARCHIVED: "p.status = 'archived'",
    Status.PUBLISHED: "p.status = 'published' AND p.publish_at <= $1",
    Status.SCHEDULED: "p.status = 'published' AND p.publish_at > $1",
}
# No language has this name: staff see each post in its own.
_OWN = ""


async def listed(query: AdminPostQuery) -> AdminPage:
    """Return a page of posts of any status, the newest first."""
    values: list[Any] = [clock.now(), _OWN]
    where = _STATUS[Status(query.status)] if query.status else "true"
    where += Filters(query.category, query.tag, query.author).conditions(values)
    if query.q:
        values.append(query.q.lower())
        where += f" AND strpos(lower(p.title) || ' ' || p.slug, ${len(values)}) > 0"
    position = decode_cursor(query.cursor, 1)
    if position:
        before = parse_id(str(position[0]))
        if before is None:
            raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
        values.append(before)
        where += f" AND p.id < ${len(values)}::uuid"
    rows = await db.fetch_all(
        # $1 is not in every condition, and PostgreSQL wants to know its type.
        f"SELECT p.version, {COLUMNS} FROM blog_post p {JOINS} WHERE $1::timestamptz IS NOT NULL AND {where}"
        f" ORDER BY p.id DESC LIMIT {query.limit + 1}",
        *values,
    )
    items = [
        AdminCard(**card(row), status=status_at(row["status"], row["publish_at"], clock.now()), version=row["version"])
        for row in rows[: query.limit]
    ]
    return AdminPage(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > query.limit else None)


def detail(stored: Stored) -> AdminPost:
    """Return one post as staff edit it."""
    row, content = stored.row, plain(stored.content)
    htmls = stored.translated_html
    return AdminPost(
        **{
            **content,
            "translations": {
                language: {**each, "html": htmls[language]} for language, each in content["translations"].items()
            },
        },
        id=stored.id,
        version=stored.version,
        status=status_at(row["status"], stored.publish_at, clock.now()),
        publish_at=stored.publish_at,
        slug=stored.slug,
        url=path_of(stored.slug),
        html=row["html"],
        products=list(row["products"]),
        word_count=row["words"],
        reading_time_minutes=reading_minutes(row["words"], settings(BlogSettings).words_per_minute),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
