"""What categories, tags and authors have in common when staff look at them and change them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from feria_blog.admin_schemas_taxonomy import NameQuery
from feria_blog.errors import SlugTaken
from feria_blog.reading.cards import TAG
from feria_blog.reading.languages import check_known
from feria_blog.writing.lock import one_writer
from feria_core import audit, cache, db
from feria_core.db import Row
from feria_core.errors import BadRequest, StaleVersion
from feria_core.http import Body, Out, decode_cursor, encode_cursor
from feria_core.text import slug_of

T = TypeVar("T", bound=Out)


@asynccontextmanager
async def change() -> AsyncIterator[None]:
    """A transaction in which nobody else writes the blog; what readers have kept is stale after it."""
    async with db.transaction():
        await one_writer()
        yield
        cache.touch(TAG)


async def page_by_slug(select: str, query: NameQuery) -> tuple[Sequence[Row], str | None]:
    """Return a page of what `select` finds (its table named `o`), by slug, and the cursor of the next page."""
    (after,) = decode_cursor(query.cursor, 1) or ("",)
    if not isinstance(after, str) or "\x00" in after:
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    rows = await db.fetch_all(
        f"{select} WHERE o.slug > $1 AND strpos(lower(o.name) || ' ' || o.slug, lower($2)) > 0"
        " ORDER BY o.slug LIMIT $3",
        after, query.q or "", query.limit + 1,
    )  # fmt: skip
    shown = rows[: query.limit]
    return shown, encode_cursor(shown[-1]["slug"]) if len(rows) > query.limit else None


async def by_slug(select: str, slug: str) -> Row | None:
    """Return what `select` finds (its table named `o`) by its slug, None for an unknown one."""
    return await db.fetch_one(f"{select} WHERE o.slug = $1", slug) if "\x00" not in slug else None


def changed(before: T, patch: Body, *, version: int, given: int | None) -> T:
    """Return what the patch makes of it. Raises StaleVersion where another version than the stored one was edited."""
    if given is not None and given != version:
        raise StaleVersion(
            f"Version {given} was edited, {version} is stored: read it again and repeat the change.",
            members={"version": version},
        )
    return before.model_copy(update=patch.model_dump(exclude_unset=True, exclude={"version"}))


def check_names(names: dict[str, str]) -> None:
    """Raise Invalid for a name in a language that the deployment has not."""
    for language in names:
        check_known(language, "names", language[:20])


async def check_slug(table: str, slug: str, own: UUID | None) -> None:
    """Raise SlugTaken where another row of the table than `own` has the slug."""
    if await db.fetch_value(f"SELECT id FROM {table} WHERE slug = $1", slug) not in (None, own):
        raise SlugTaken(slug)


async def free_slug(name: str, *tables: str) -> str:
    """Return a free slug for a name, `news`, else `news-2`. The writer's lock keeps it free."""
    wished, number = slug_of(name), 1
    slug = wished
    taken = " UNION ALL ".join(f"SELECT slug FROM {table} WHERE slug = $1" for table in tables)
    while await db.fetch_value(taken, slug) is not None:
        number += 1
        slug = f"{wished}-{number}"
    return slug


async def record_changes(action: str, kind: str, object_id: object, before: Out, after: Out) -> None:
    """Write the audit row with the fields that differ."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    names = [name for name in new if old[name] != new[name]]
    await audit.record(
        action, kind, object_id, before={name: old[name] for name in names}, after={name: new[name] for name in names}
    )
