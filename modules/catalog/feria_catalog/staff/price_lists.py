"""Price lists for staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_catalog.admin_schemas_prices import AdminPriceList, AdminPriceLists, PriceListBody, PriceListPatch
from feria_catalog.errors import CodeTaken
from feria_catalog.pricing import current
from feria_catalog.staff import audits, versions
from feria_catalog.writing.lock import one_writer
from feria_core import audit, db
from feria_core.errors import Invalid, NotFound
from feria_core.http import PageQuery, decode_cursor, encode_cursor
from feria_core.ids import new_id

_LISTS = """
SELECT l.id, l.code, l.name, l.starts_at, l.ends_at, l.customer_group, l.min_quantity, l.priority, l.is_active,
    l.version, (SELECT count(*) FROM catalog_price_list_price p WHERE p.price_list_id = l.id) AS price_count
FROM catalog_price_list l
"""
_INSERT = """
INSERT INTO catalog_price_list (id, code, name, starts_at, ends_at, customer_group, min_quantity, priority, is_active)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO NOTHING
"""
_UPDATE = """
UPDATE catalog_price_list SET name = $2, starts_at = $3, ends_at = $4, customer_group = $5, min_quantity = $6,
    priority = $7, is_active = $8, version = version + 1
WHERE id = $1
"""
_PRODUCTS = """
SELECT DISTINCT v.product_id FROM catalog_price_list_price p JOIN catalog_variant v ON v.id = p.variant_id
WHERE p.price_list_id = $1
"""


async def page(query: PageQuery) -> AdminPriceLists:
    """Return price lists by code."""
    position = decode_cursor(query.cursor, 1)
    after = str(position[0]).replace("\x00", "") if position else ""
    rows = await db.fetch_all(f"{_LISTS} WHERE l.code > $1 ORDER BY l.code LIMIT $2", after, query.limit + 1)
    cursor = encode_cursor(rows[query.limit - 1]["code"]) if len(rows) > query.limit else None
    return AdminPriceLists(items=[AdminPriceList(**row) for row in rows[: query.limit]], next_cursor=cursor)


async def find(code: str) -> AdminPriceList:
    """Return one price list. Raises NotFound."""
    row = None
    if code.isascii() and "\x00" not in code:
        row = await db.fetch_one(f"{_LISTS} WHERE l.code = $1", code)
    if row is None:
        raise NotFound(f"There is no price list '{code[:100]}': GET /api/admin/price-lists lists them.")
    return AdminPriceList(**row)


async def create(body: PriceListBody) -> AdminPriceList:
    """Create a price list without prices. Raises CodeTaken, Invalid."""
    _check_window(body.starts_at, body.ends_at)
    async with db.transaction():
        await one_writer()
        made = await db.execute(
            _INSERT, new_id(), body.code, body.name, body.starts_at, body.ends_at, body.customer_group,
            body.min_quantity, body.priority, body.is_active,
        )  # fmt: skip
        if not made:
            raise CodeTaken("a price list", body.code)
        created = await find(body.code)
        if created.is_public:
            await current.prepare(created.starts_at, created.ends_at)
        await audit.record(
            "catalog.price_list.created", "price_list", created.id, after=created.model_dump(mode="json")
        )
        return created


async def edit(code: str, patch: PriceListPatch) -> AdminPriceList:
    """Change what `patch` names. Raises NotFound, StaleVersion, Invalid."""
    await current.catch_up()
    async with db.transaction():
        await one_writer()
        before = await find(code)
        versions.check(before.version, patch.version)
        wished = {name: getattr(patch, name) for name in patch.model_fields_set - {"version"}}
        wanted = before.model_copy(update=wished)
        _check_window(wanted.starts_at, wanted.ends_at)
        await db.execute(
            _UPDATE, before.id, wanted.name, wanted.starts_at, wanted.ends_at, wanted.customer_group,
            wanted.min_quantity, wanted.priority, wanted.is_active,
        )  # fmt: skip
        after = await find(code)
        await audits.record_changes("catalog.price_list.edited", "price_list", after.id, before, after)
        if wished.keys() - {"name"} and (before.is_public or after.is_public):
            await current.reprice(await _products(before.id))
            if after.is_public:
                await current.prepare(after.starts_at, after.ends_at)
        return after


async def delete(code: str) -> None:
    """Delete a price list with its prices. Raises NotFound."""
    await current.catch_up()
    async with db.transaction():
        await one_writer()
        before = await find(code)
        products = await _products(before.id) if before.is_public else []
        await db.execute("DELETE FROM catalog_price_list WHERE id = $1", before.id)
        await audit.record("catalog.price_list.deleted", "price_list", before.id, before=before.model_dump(mode="json"))
        await current.reprice(products)


async def _products(list_id: UUID) -> list[UUID]:
    return [row["product_id"] for row in await db.fetch_all(_PRODUCTS, list_id)]


def _check_window(starts_at: datetime | None, ends_at: datetime | None) -> None:
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid.field(
            "body", "ends_at", code="ends_before_start", message="ends_at must be later than starts_at."
        )
