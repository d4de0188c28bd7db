"""The use cases of testimonials."""

from __future__ import annotations

from typing import Any

from feria_core import audit, cache, clock, db
from feria_core.errors import Invalid
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.http.bodies import validate
from feria_core.ids import new_id, parse_id
from feria_landing.errors import TestimonialUnknown, check_version
from feria_landing.testimonials.schemas import (
    AdminTestimonial,
    OrderBody,
    TestimonialBody,
    TestimonialOut,
    TestimonialPatch,
    TestimonialQuery,
    TestimonialsOut,
)

TAG = "landing-testimonials"
SHOWN = 200
_COLUMNS = "id, author, role, company, quote, rating, url, image_url, status, position, version, created_at, updated_at"
_PUBLISHED = (
    f"SELECT {_COLUMNS} FROM landing_testimonial WHERE status = 'published' ORDER BY position, id LIMIT {SHOWN}"
)
_LISTED = f"""
SELECT {_COLUMNS} FROM landing_testimonial
WHERE ($1::text IS NULL OR status = $1) AND ($2::int IS NULL OR (position, id) > ($2, $3::uuid))
ORDER BY position, id LIMIT $4
"""
_INSERT = """
INSERT INTO landing_testimonial
    (id, author, role, company, quote, rating, url, image_url, status, position, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
    coalesce($10, (SELECT least(coalesce(max(position) + 1, 0), 1000000) FROM landing_testimonial)), $11, $11)
"""
_UPDATE = """
UPDATE landing_testimonial SET author = $2, role = $3, company = $4, quote = $5, rating = $6, url = $7, image_url = $8,
    status = $9, position = $10, updated_at = $11, version = version + 1 WHERE id = $1
"""
_LOCK = "SELECT id FROM landing_testimonial ORDER BY id FOR UPDATE"
# Those named come first in the order of their naming, the others behind in the order that they had.
_REORDER = """
UPDATE landing_testimonial t SET position = o.place, version = version + 1, updated_at = $2 FROM (
    SELECT t.id, row_number() OVER (ORDER BY g.place NULLS LAST, t.position, t.id) - 1 AS place
    FROM landing_testimonial t
    LEFT JOIN unnest($1::uuid[]) WITH ORDINALITY AS g (id, place) ON g.id = t.id) AS o
WHERE o.id = t.id AND t.position <> o.place
"""


async def published() -> TestimonialsOut:
    """Return what visitors see."""
    return TestimonialsOut(items=[TestimonialOut(**row) for row in await db.fetch_all(_PUBLISHED)])


async def listed(query: TestimonialQuery) -> Page[AdminTestimonial]:
    """Return a page of testimonials in their order."""
    position, last = decode_cursor(query.cursor, 2) or (None, None)
    is_number = isinstance(position, int) and 0 <= position < 2**31
    rows = await db.fetch_all(
        _LISTED, query.status, position if is_number else None, parse_id(str(last)), query.limit + 1
    )  # fmt: skip
    items = [AdminTestimonial(**row) for row in rows[: query.limit]]
    more = encode_cursor(items[-1].position, str(items[-1].id)) if len(rows) > query.limit else None
    return Page[AdminTestimonial](items=items, next_cursor=more)


async def find(testimonial_id: str) -> AdminTestimonial:
    """Return one. Raises TestimonialUnknown."""
    return await _stored(testimonial_id)


async def create(body: TestimonialBody) -> AdminTestimonial:
    """Make one, behind the others unless it says where."""
    testimonial_id = new_id()
    async with db.transaction():
        await db.execute(_INSERT, testimonial_id, *_values(body), clock.now())
        cache.touch(TAG)
        made = await find(str(testimonial_id))
        await audit.record(
            "landing.testimonial.created", "testimonial", testimonial_id, after=made.model_dump(mode="json")
        )  # fmt: skip
        return made


async def edit(testimonial_id: str, patch: TestimonialPatch) -> AdminTestimonial:
    """Change what `patch` names; publishing and rejecting are changes of `status`.

    Raises TestimonialUnknown, StaleVersion, Invalid.
    """
    given = patch.model_dump(exclude_unset=True, exclude={"version"})
    async with db.transaction():
        before = await _stored(testimonial_id, lock=True)
        check_version(before.version, patch.version)
        stored = before.model_dump(include=set(TestimonialBody.model_fields))
        body = validate(TestimonialBody, stored | given, where="body")
        if body.position is None:
            body = body.model_copy(update={"position": before.position})
        await db.execute(_UPDATE, before.id, *_values(body), clock.now())
        cache.touch(TAG)
        after = await find(testimonial_id)
        await audit.record(
            "landing.testimonial.changed", "testimonial", before.id,
            before={name: stored[name] for name in given}, after=given,
        )  # fmt: skip
        return after


async def remove(testimonial_id: str) -> None:
    """Delete one. Raises TestimonialUnknown."""
    async with db.transaction():
        before = await _stored(testimonial_id, lock=True)
        await db.execute("DELETE FROM landing_testimonial WHERE id = $1", before.id)
        cache.touch(TAG)
        await audit.record(
            "landing.testimonial.deleted", "testimonial", before.id, before=before.model_dump(mode="json")
        )  # fmt: skip


async def reorder(body: OrderBody) -> None:
    """Show them in this order, those not named behind. Raises Invalid, TestimonialUnknown."""
    ids = [parse_id(text) for text in body.ids]
    if len(set(ids)) != len(ids):
        raise Invalid.field("body", "ids", code="duplicate", message="Each testimonial can be named once.")
    async with db.transaction():
        known = {row["id"] for row in await db.fetch_all(_LOCK)}
        for text, testimonial_id in zip(body.ids, ids, strict=True):
            if testimonial_id not in known:
                raise TestimonialUnknown(text)
        if await db.execute(_REORDER, ids, clock.now()):
            cache.touch(TAG)
            await audit.record("landing.testimonials.reordered", "testimonial", "all", after={"ids": body.ids})


async def _stored(testimonial_id: str, *, lock: bool = False) -> AdminTestimonial:
    known = parse_id(testimonial_id)
    sql = f"SELECT {_COLUMNS} FROM landing_testimonial WHERE id = $1" + (" FOR UPDATE" if lock else "")
    row = await db.fetch_one(sql, known) if known else None
    if row is None:
        raise TestimonialUnknown(testimonial_id)
    return AdminTestimonial(**row)


def _values(body: TestimonialBody) -> tuple[Any, ...]:
    return (
        body.author, body.role, body.company, body.quote, body.rating, body.url, body.image_url, body.status,
        body.position,
    )  # fmt: skip
