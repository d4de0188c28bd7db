"""What staff do with the states that a post had: read, compare, restore."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from feria_blog.admin_schemas import Change, DiffOut, PostContent, RevisionCard, RevisionOut, RevisionPage
from feria_blog.domain import difference
from feria_blog.errors import RevisionUnknown
from feria_blog.staff import posts
from feria_blog.writing import rows
from feria_blog.writing.rows import Stored
from feria_core import db
from feria_core.errors import BadRequest
from feria_core.http import PageQuery, decode_cursor, encode_cursor

MAX_NUMBER = 2**31 - 1
# Compared line by line.
TEXTS = ("body", "excerpt")
NESTED = ("seo", "translations")


async def listed(key: str, query: PageQuery) -> RevisionPage:
    """Return the post's revisions, the newest first. Raises PostUnknown."""
    post = await rows.find(key)
    position = decode_cursor(query.cursor, 1)
    before = position[0] if position else MAX_NUMBER
    if not isinstance(before, int) or isinstance(before, bool) or not 0 < before <= MAX_NUMBER:
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    found = await db.fetch_all(
        "SELECT number, reason, actor_id, at, content ->> 'title' AS title FROM blog_revision"
        " WHERE post_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        post.id, before, query.limit + 1,
    )  # fmt: skip
    items = [RevisionCard(**row) for row in found[: query.limit]]
    more = encode_cursor(items[-1].number) if len(found) > query.limit else None
    return RevisionPage(items=items, next_cursor=more)


async def find(key: str, number: str) -> RevisionOut:
    """Return one revision with its content. Raises PostUnknown, RevisionUnknown."""
    post = await rows.find(key)
    return await _revision(post, _number(number))


async def diff(key: str, number: str, against: int | None) -> DiffOut:
    """Return what the revision has changed since `against`, by default the one before it.

    Raises PostUnknown, RevisionUnknown.
    """
    post, later = await rows.find(key), _number(number)
    earlier = against if against is not None else max(later - 1, 1)
    before, after = await _revision(post, earlier), await _revision(post, later)
    changes = await asyncio.to_thread(_changes, _flat(before.content), _flat(after.content))
    return DiffOut(before=earlier, after=later, changes=changes)


async def restore(key: str, number: str, *, version: int | None) -> Stored:
    """Give the post the content of a revision; its slug and status stay, and what is gone is left out.

    Raises PostUnknown, RevisionUnknown, StaleVersion.
    """
    post = await rows.find(key)
    revision = await _revision(post, _number(number))
    content = PostContent.model_validate(await _still_there(revision.content))
    return await posts.change(
        str(post.id), "blog.post.restored", content=lambda _: content, version=version,
        reason=f"restored {revision.number}",
    )  # fmt: skip


async def _still_there(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content without a category or author that was deleted since."""
    row = await db.fetch_one(
        "SELECT EXISTS (SELECT FROM blog_author WHERE slug = $1) AS author,"
        " EXISTS (SELECT FROM blog_category WHERE slug = $2)"
        " OR EXISTS (SELECT FROM blog_category_slug WHERE slug = $2) AS category",
        content["author"], content["category"],
    )  # fmt: skip
    assert row is not None  # noqa: S101 - one row of constants
    return {**content, **{name: content[name] if row[name] else None for name in ("author", "category")}}


async def _revision(post: Stored, number: int) -> RevisionOut:
    row = await db.fetch_one(
        "SELECT number, reason, actor_id, at, content::text AS content FROM blog_revision"
        " WHERE post_id = $1 AND number = $2",
        post.id, number,
    )  # fmt: skip
    if row is None:
        raise RevisionUnknown(number)
    content = orjson.loads(row["content"])
    return RevisionOut(**{**row, "content": content, "title": content["title"]})


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > MAX_NUMBER:  # noqa: PLR2004 - of 2^31
        raise RevisionUnknown(text)
    return int(text)


def _flat(content: dict[str, Any]) -> dict[str, Any]:
    """Return the fields side by side, those of translations and of what search engines show by their path."""
    flat: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, dict) and (name in NESTED or "body" in value):
            flat |= {f"{name}.{inner}": found for inner, found in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    names = [*after, *(name for name in before if name not in after)]
    return [
        Change(
            field=name,
            before=before.get(name),
            after=after.get(name),
            lines=difference(before.get(name) or "", after.get(name) or "") if _is_text(name) else None,
        )
        for name in names
        if before.get(name) != after.get(name)
    ]


def _is_text(name: str) -> bool:
    return name.rpartition(".")[2] in TEXTS
