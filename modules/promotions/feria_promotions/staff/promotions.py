"""Promotions for staff: made, changed while nobody else was faster, archived once somebody has used them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from feria_core import audit, clock, db
from feria_core.errors import StaleVersion
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.http.bodies import validate
from feria_core.ids import new_id, parse_id
from feria_core.runtime import core_settings
from feria_promotions import live
from feria_promotions.definition import body_of, check_currency, stored_definition
from feria_promotions.errors import PromotionUnknown
from feria_promotions.schemas import PromotionBody, PromotionOut, PromotionPatch, PromotionQuery

COLUMNS = """
p.id, p.name, p.kind, p.definition::text AS definition, p.currency, p.is_active, p.starts_at, p.ends_at, p.stacking,
p.lane, p.priority, p.usage_limit, p.usage_limit_per_customer, p.needs_code, p.version, p.archived_at, p.created_at,
(SELECT count(*) FROM promotions_claim c
 WHERE c.target_id = p.id AND c.kind = 'promotion' AND c.state <> 'released') AS used
"""
_INSERT = """
INSERT INTO promotions_promotion (id, name, kind, definition, currency, is_active, starts_at, ends_at, stacking, lane,
    priority, usage_limit, usage_limit_per_customer, created_at, updated_at)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
"""
# With a new limit the uses so far are counted: without one nobody counts. The row is locked, and every claim
# holds it too, so none is missed.
_UPDATE = """
UPDATE promotions_promotion AS p SET name = $2, kind = $3, definition = $4::text::jsonb, currency = $5, is_active = $6,
    starts_at = $7, ends_at = $8, stacking = $9, lane = $10, priority = $11, usage_limit = $12,
    usage_limit_per_customer = $13, updated_at = $14, version = version + 1, used = (
        SELECT count(*) FROM promotions_claim c
        WHERE c.target_id = p.id AND c.kind = 'promotion' AND c.state <> 'released')
WHERE id = $1
"""


async def listed(query: PromotionQuery) -> Page[PromotionOut]:
    """Return a page of promotions, newest first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await db.fetch_all(
        f"SELECT {COLUMNS} FROM promotions_promotion p WHERE (p.archived_at IS NOT NULL) = $1"
        " AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3",
        query.archived, before, query.limit + 1,
    )  # fmt: skip
    shown = rows[: query.limit]
    more = encode_cursor(str(shown[-1]["id"])) if len(rows) > query.limit else None
    return Page[PromotionOut](items=[_out(row) for row in shown], next_cursor=more)


async def find(promotion_id: str) -> PromotionOut:
    """Return one promotion, archived or not. Raises PromotionUnknown."""
    known = parse_id(promotion_id)
    row = await db.fetch_one(f"SELECT {COLUMNS} FROM promotions_promotion p WHERE p.id = $1", known) if known else None
    if row is None:
        raise PromotionUnknown(promotion_id)
    return _out(row)


async def create(body: PromotionBody) -> PromotionOut:
    """Make a promotion. Raises Invalid for amounts of another currency than the shop's."""
    check_currency(body, core_settings().currency)
    async with db.transaction():
        promotion_id = new_id()
        await db.execute(_INSERT, promotion_id, *_values(body))
        await live.touch()
        made = await find(str(promotion_id))
        await audit.record("promotions.promotion.created", "promotion", promotion_id, after=made.model_dump())
        return made


async def edit(promotion_id: str, patch: PromotionPatch) -> PromotionOut:
    """Change what `patch` names. Raises PromotionUnknown, StaleVersion, Invalid."""
    given = patch.model_dump(mode="json", exclude_unset=True, exclude={"version"})
    async with db.transaction():
        row = await lock(promotion_id)
        _check_version(row["version"], patch.version)
        before = body_of(row, orjson.loads(row["definition"]))
        if given.get("conditions", {}) is None:
            given["conditions"] = {}
        body = validate(PromotionBody, before | given, where="body")
        check_currency(body, core_settings().currency)
        await db.execute(_UPDATE, row["id"], *_values(body))
        await live.touch()
        changed = await find(promotion_id)
        await audit.record(
            "promotions.promotion.changed", "promotion", row["id"],
            before={name: before.get(name) for name in given}, after=given,
        )  # fmt: skip
        return changed


async def remove(promotion_id: str) -> None:
    """Delete a promotion that nobody has used and that has no codes, archive any other. Raises PromotionUnknown."""
    async with db.transaction():
        row = await lock(promotion_id)
        in_use = await db.fetch_value(
            "SELECT EXISTS (SELECT FROM promotions_claim WHERE target_id = $1)"
            " OR EXISTS (SELECT FROM promotions_code WHERE promotion_id = $1)"
            " OR EXISTS (SELECT FROM promotions_code_batch WHERE promotion_id = $1)",
            row["id"],
        )
        if in_use:
            await db.execute(
                "UPDATE promotions_promotion SET archived_at = coalesce(archived_at, $2), updated_at = $2,"
                " version = version + 1 WHERE id = $1",
                row["id"], clock.now(),
            )  # fmt: skip
        else:
            await db.execute("DELETE FROM promotions_promotion WHERE id = $1", row["id"])
        await live.touch()
        what = "promotions.promotion.archived" if in_use else "promotions.promotion.deleted"
        await audit.record(what, "promotion", row["id"], before=_out(row).model_dump())


async def lock(promotion_id: str) -> db.Row:
    """Return the promotion's row, locked. Raises PromotionUnknown."""
    known = parse_id(promotion_id)
    # Alone, since the count in the columns would be that from before the wait.
    if known is None or not await db.fetch_value("SELECT 1 FROM promotions_promotion WHERE id = $1 FOR UPDATE", known):
        raise PromotionUnknown(promotion_id)
    row = await db.fetch_one(f"SELECT {COLUMNS} FROM promotions_promotion p WHERE p.id = $1", known)
    assert row is not None  # noqa: S101 - locked above
    return row


def _check_version(stored: int, given: int | None) -> None:
    if given is not None and given != stored:
        raise StaleVersion(
            f"Version {given} was edited, {stored} is stored: read it again and repeat the change.",
            members={"version": stored},
        )


def _values(body: PromotionBody) -> tuple[Any, ...]:
    definition = orjson.dumps(stored_definition(body)).decode()
    return (
        body.name, body.kind, definition, core_settings().currency, body.active, body.starts_at, body.ends_at,
        body.stacking, body.lane, body.priority, body.usage_limit, body.usage_limit_per_customer, clock.now(),
    )  # fmt: skip


def _out(row: db.Row) -> PromotionOut:
    return PromotionOut(
        **body_of(row, orjson.loads(row["definition"])),
        id=UUID(str(row["id"])),
        needs_code=row["needs_code"],
        used=row["used"],
        archived_at=row["archived_at"],
        created_at=row["created_at"],
        version=row["version"],
    )
