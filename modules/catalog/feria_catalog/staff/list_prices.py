"""The prices of a price list, for staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from feria_catalog.admin_schemas_prices import AdminListPrice, AdminListPrices, AdminPriceList, PricesBody
from feria_catalog.errors import WrongCurrency
from feria_catalog.pricing import current
from feria_catalog.staff import price_lists, versions
from feria_catalog.writing.lock import one_writer
from feria_core import audit, db
from feria_core.errors import Invalid
from feria_core.http import PageQuery, decode_cursor, encode_cursor
from feria_core.money import MoneyIn, MoneyOut
from feria_core.runtime import core_settings

_PRICES = """
SELECT v.id, v.sku, p.amount, p.currency, v.price_amount, v.currency AS base_currency
FROM catalog_price_list_price p JOIN catalog_variant v ON v.id = p.variant_id
WHERE p.price_list_id = $1 AND v.sku > $2 ORDER BY v.sku LIMIT $3
"""
_STORED = """
SELECT v.sku, v.id, v.product_id, p.amount FROM catalog_variant v
LEFT JOIN catalog_price_list_price p ON p.variant_id = v.id AND p.price_list_id = $1
WHERE v.sku = ANY($2::text[])
"""
_PUT = """
INSERT INTO catalog_price_list_price (price_list_id, variant_id, amount, currency)
SELECT $1, g.id, g.amount, $4 FROM unnest($2::uuid[], $3::bigint[]) AS g (id, amount)
ON CONFLICT (price_list_id, variant_id) DO UPDATE SET amount = excluded.amount, currency = excluded.currency
"""


async def page(code: str, query: PageQuery) -> AdminListPrices:
    """Return the list's prices by SKU. Raises NotFound."""
    found = await price_lists.find(code)
    position = decode_cursor(query.cursor, 1)
    after = str(position[0]).replace("\x00", "") if position else ""
    rows = await db.fetch_all(_PRICES, found.id, after, query.limit + 1)
    cursor = encode_cursor(rows[query.limit - 1]["sku"]) if len(rows) > query.limit else None
    return AdminListPrices(items=[_out(row) for row in rows[: query.limit]], next_cursor=cursor)


async def put(code: str, body: PricesBody) -> AdminPriceList:
    """Set and take out prices; return the list. Raises NotFound, StaleVersion, WrongCurrency, Invalid."""
    _check_currency(body.prices)
    await current.catch_up()
    async with db.transaction():
        await one_writer()
        before = await price_lists.find(code)
        versions.check(before.version, body.version)
        stored = await _stored(before.id, body.prices)
        wished = {sku: price.amount if price is not None else None for sku, price in body.prices.items()}
        changed = {sku: amount for sku, amount in wished.items() if stored[sku]["amount"] != amount}
        if not changed:
            return before
        await _write(before.id, {stored[sku]["id"]: amount for sku, amount in changed.items()})
        await db.execute("UPDATE catalog_price_list SET version = version + 1 WHERE id = $1", before.id)
        await audit.record(
            "catalog.price_list.priced", "price_list", before.id,
            before={sku: stored[sku]["amount"] for sku in changed}, after=changed,
        )  # fmt: skip
        if before.is_public:
            await current.reprice({stored[sku]["product_id"] for sku in changed})
        return await price_lists.find(code)


async def _stored(list_id: UUID, prices: Mapping[str, MoneyIn | None]) -> Mapping[str, Mapping[str, Any]]:
    """Return the variants by SKU, each with its present price in the list. Raises Invalid for unknown ones."""
    stored = {row["sku"]: row for row in await db.fetch_all(_STORED, list_id, list(prices))}
    for sku in prices:
        if sku not in stored:
            raise Invalid.field(
                "body", "prices", sku, code="unknown_sku", message=f"There is no variant {sku}: create it first."
            )
    return stored


async def _write(list_id: UUID, amounts: Mapping[UUID, int | None]) -> None:
    gone = [variant_id for variant_id, amount in amounts.items() if amount is None]
    kept = {variant_id: amount for variant_id, amount in amounts.items() if amount is not None}
    if gone:
        await db.execute(
            "DELETE FROM catalog_price_list_price WHERE price_list_id = $1 AND variant_id = ANY($2::uuid[])",
            list_id, gone,
        )  # fmt: skip
    if kept:
        await db.execute(_PUT, list_id, list(kept), list(kept.values()), core_settings().currency)


def _check_currency(prices: Mapping[str, MoneyIn | None]) -> None:
    expected = core_settings().currency
    for price in prices.values():
        if price is not None and price.currency != expected:
            raise WrongCurrency(price.currency, expected)


def _out(row: db.Row) -> AdminListPrice:
    return AdminListPrice(
        variant_id=row["id"],
        sku=row["sku"],
        price=MoneyOut(amount=row["amount"], currency=row["currency"]),
        base_price=MoneyOut(amount=row["price_amount"], currency=row["base_currency"]),
    )
