"""Flash sales for staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from feria_core import audit, cache, clock, db
from feria_core.contracts.catalog import CATALOG
from feria_core.errors import Invalid, StaleVersion
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.http.bodies import validate
from feria_core.ids import new_id, parse_id
from feria_core.runtime import core_settings, registry
from feria_promotions import live
from feria_promotions.errors import FlashSaleUnknown
from feria_promotions.flash_sales import TAG
from feria_promotions.flash_schemas import FlashItemBody, FlashSaleBody, FlashSaleOut, FlashSalePatch, FlashSaleQuery

_SALES = """
SELECT s.id, s.name, s.starts_at, s.ends_at, s.is_active, s.version, s.archived_at, s.created_at, (
    SELECT coalesce(json_agg(json_build_object('variant_id', i.variant_id, 'sku', i.sku,
        'price', json_build_object('amount', i.price, 'currency', i.currency), 'cap', i.cap,
        'cap_per_customer', i.cap_per_customer, 'sold', (
            SELECT coalesce(sum(c.units), 0)::bigint FROM promotions_claim c
            WHERE c.target_id = i.id AND c.kind = 'flash' AND c.state <> 'released')
    ) ORDER BY i.sku, i.id), '[]')::text
    FROM promotions_flash_item i WHERE i.sale_id = s.id AND i.removed_at IS NULL) AS items
FROM promotions_flash_sale s
"""
# What was sold is counted anew: an item that gets its first cap has not counted so far. Claims hold the row too.
_PUT_ITEM = """
INSERT INTO promotions_flash_item AS i (id, sale_id, variant_id, sku, price, currency, cap, cap_per_customer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (sale_id, variant_id) DO UPDATE SET
    sku = EXCLUDED.sku, price = EXCLUDED.price, currency = EXCLUDED.currency, cap = EXCLUDED.cap,
    cap_per_customer = EXCLUDED.cap_per_customer, removed_at = NULL, sold = (
        SELECT coalesce(sum(c.units), 0) FROM promotions_claim c
        WHERE c.target_id = i.id AND c.kind = 'flash' AND c.state <> 'released')
"""


async def listed(query: FlashSaleQuery) -> Page[FlashSaleOut]:
    """Return a page of sales, newest first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await db.fetch_all(
        f"{_SALES} WHERE (s.archived_at IS NOT NULL) = $1 AND ($2::uuid IS NULL OR s.id < $2)"
        " ORDER BY s.id DESC LIMIT $3",
        query.archived, before, query.limit + 1,
    )  # fmt: skip
    shown = rows[: query.limit]
    more = encode_cursor(str(shown[-1]["id"])) if len(rows) > query.limit else None
    return Page[FlashSaleOut](items=[_out(row) for row in shown], next_cursor=more)


async def find(sale_id: str) -> FlashSaleOut:
    """Return one sale. Raises FlashSaleUnknown."""
    known = parse_id(sale_id)
    row = await db.fetch_one(f"{_SALES} WHERE s.id = $1", known) if known else None
    if row is None:
        raise FlashSaleUnknown(sale_id)
    return _out(row)


async def create(body: FlashSaleBody) -> FlashSaleOut:
    """Make a sale. Raises Invalid for variants that are not sold here and for amounts of another currency."""
    skus = await _skus(body.items)
    async with db.transaction():
        sale_id = new_id()
        await db.execute(
            "INSERT INTO promotions_flash_sale (id, name, starts_at, ends_at, is_active, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6)",
            sale_id, body.name, body.starts_at, body.ends_at, body.active, clock.now(),
        )  # fmt: skip
        await _put_items(sale_id, body.items, skus)
        return await _changed(sale_id, "created")


async def edit(sale_id: str, patch: FlashSalePatch) -> FlashSaleOut:
    """Change what `patch` names. Raises FlashSaleUnknown, StaleVersion, Invalid."""
    given = patch.model_dump(mode="json", exclude_unset=True, exclude={"version"})
    async with db.transaction():
        before = await _lock(sale_id)
        if patch.version is not None and patch.version != before.version:
            raise StaleVersion(
                f"Version {patch.version} was edited, {before.version} is stored: read it again and repeat the change.",
                members={"version": before.version},
            )
        document = before.model_dump(mode="json", include={"name", "starts_at", "ends_at", "active", "items"})
        for item in document["items"]:
            del item["sku"], item["sold"]
        body = validate(FlashSaleBody, document | given, where="body")
        await db.execute(
            "UPDATE promotions_flash_sale SET name = $2, starts_at = $3, ends_at = $4, is_active = $5, updated_at = $6,"
            " version = version + 1 WHERE id = $1",
            before.id, body.name, body.starts_at, body.ends_at, body.active, clock.now(),
        )  # fmt: skip
        if patch.items is not None:
            await _put_items(before.id, body.items, await _skus(body.items))
        return await _changed(before.id, "changed", before=before)


async def archive(sale_id: str) -> None:
    """End a sale and take it out of the lists; what was sold stays known. Raises FlashSaleUnknown."""
    async with db.transaction():
        before = await _lock(sale_id)
        await db.execute(
            "UPDATE promotions_flash_sale SET archived_at = coalesce(archived_at, $2), updated_at = $2,"
            " version = version + 1 WHERE id = $1",
            before.id, clock.now(),
        )  # fmt: skip
        await _changed(before.id, "archived", before=before)


async def _lock(sale_id: str) -> FlashSaleOut:
    known = parse_id(sale_id)
    if known is None or not await db.fetch_value("SELECT 1 FROM promotions_flash_sale WHERE id = $1 FOR UPDATE", known):
        raise FlashSaleUnknown(sale_id)
    return await find(sale_id)


async def _changed(sale_id: UUID, what: str, *, before: FlashSaleOut | None = None) -> FlashSaleOut:
    await live.touch()
    cache.touch(TAG)
    after = await find(str(sale_id))
    await audit.record(
        f"promotions.flash_sale.{what}", "flash_sale", sale_id,
        before=before.model_dump(mode="json") if before else None, after=after.model_dump(mode="json"),
    )  # fmt: skip
    return after


async def _put_items(sale_id: UUID, items: list[FlashItemBody], skus: dict[str, str]) -> None:
    """Store the items and withdraw the others, their rows locked by id first."""
    wanted = [UUID(item.variant_id) for item in items]
    await db.execute("SELECT id FROM promotions_flash_item WHERE sale_id = $1 ORDER BY id FOR UPDATE", sale_id)
    await db.execute(
        "UPDATE promotions_flash_item SET removed_at = $3 WHERE sale_id = $1 AND NOT variant_id = ANY($2)"
        " AND removed_at IS NULL",
        sale_id, wanted, clock.now(),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            new_id(), sale_id, UUID(item.variant_id), skus[item.variant_id], item.price.amount, item.price.currency,
            item.cap, item.cap_per_customer,
        )
        for item in items
    ]  # fmt: skip
    await db.execute_many(_PUT_ITEM, rows)


async def _skus(items: list[FlashItemBody]) -> dict[str, str]:
    """Return the SKUs by variant. Raises Invalid for a variant that the catalog does not know, or another currency."""
    offers = await registry().get(CATALOG).offers([UUID(item.variant_id) for item in items])
    for index, item in enumerate(items):
        if UUID(item.variant_id) not in offers:
            raise Invalid.field(
                "body", "items", index, "variant_id", code="variant_unknown",
                message="No such variant is sold here: take the id from a product's `variants`.",
            )  # fmt: skip
        if item.price.currency != core_settings().currency:
            raise Invalid.field(
                "body", "items", index, "price", "currency", code="other_currency",
                message=f"This shop sells in {core_settings().currency}: give the amount in it.",
            )  # fmt: skip
    return {str(variant): offer.sku for variant, offer in offers.items()}


def _out(row: db.Row) -> FlashSaleOut:
    values = {name: row[name] for name in ("id", "name", "starts_at", "ends_at", "archived_at", "created_at")}
    return FlashSaleOut.model_validate(
        {**values, "active": row["is_active"], "version": row["version"], "items": orjson.loads(row["items"])}
    )
