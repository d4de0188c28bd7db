"""Variants of all products, as staff look for one to put into an order or a sale."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from feria_catalog.admin_schemas import ListedVariant, VariantQuery
from feria_catalog.listing.filters import Statement
from feria_catalog.search import matching, planning
from feria_core import db
from feria_core.errors import BadRequest
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_core.money import MoneyOut

MAX_WORDS = 8
# Of a search that finds more products, the newest so many are looked through: a word more leaves fewer, and a
# statement holds no number for each product of a word that most of them have.
MAX_PRODUCTS = 1_000
_LIST = """
SELECT * FROM (
    SELECT v.id, v.sku, v.product_id, v.options::text AS options, v.price_amount, v.currency, v.is_active, p.name,
        s.on_hand - s.reserved AS available, {rank} AS rank
    FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id JOIN catalog_stock s ON s.variant_id = v.id
    WHERE {where}
) found WHERE {after} ORDER BY rank DESC, id DESC LIMIT {limit}
"""
# The search finds products; of theirs, those variants come first whose own SKU, barcode or options have the words.
_HAS = """(v.sku ILIKE {word} || '%' OR coalesce(v.barcode, '') ILIKE {word} || '%'
    OR EXISTS (SELECT FROM jsonb_each_text(v.options) o WHERE o.value ILIKE {word} || '%'))::int"""


async def page(query: VariantQuery) -> Page[ListedVariant]:
    """Return variants that the search finds, the best first, without one the newest first. Raises BadRequest.

    Of the products that it finds the newest `MAX_PRODUCTS` are looked through.
    """
    statement = Statement()
    plan = await planning.plan(query.q, is_unfinished=True)
    where = ["true"]
    if plan is not None:
        newest = (await matching.numbers(plan))[-MAX_PRODUCTS:]
        where.append(f"p.no = ANY({statement.add(list(newest))}::int[])")
    if query.is_active is not None:
        where.append(f"v.is_active = {statement.add(query.is_active)}")
    words = (query.q or "").replace("\x00", " ").split()[:MAX_WORDS]
    rank = " + ".join(_HAS.format(word=f"{statement.add(_literal(word))}::text") for word in words) or "0"
    after = _position(query.cursor)
    beyond = f"(rank, id) < ({statement.add(after[0])}::int, {statement.add(after[1])}::uuid)" if after else "true"
    text = _LIST.format(rank=rank, where=" AND ".join(where), after=beyond, limit=statement.add(query.limit + 1))
    rows = await db.fetch_all(text, *statement.values)
    shown, last = rows[: query.limit], rows[query.limit - 1 : query.limit]
    cursor = encode_cursor(last[0]["rank"], last[0]["id"]) if len(rows) > query.limit else None
    return Page(items=[_shown(row) for row in shown], next_cursor=cursor)


def _literal(word: str) -> str:
    """Return a word in which nothing stands for anything else."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _position(cursor: str | None) -> tuple[int, UUID] | None:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    rank, variant_id = parts[0], parse_id(str(parts[1]))
    if type(rank) is not int or not 0 <= rank <= MAX_WORDS or variant_id is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return rank, variant_id


def _shown(row: Any) -> ListedVariant:
    options: dict[str, str] = orjson.loads(row["options"])
    return ListedVariant(
        id=row["id"],
        sku=row["sku"],
        title=f"{', '.join([row['name'], *options.values()])} ({row['sku']})",
        product_id=row["product_id"],
        name=row["name"],
        options=options,
        price=MoneyOut(amount=row["price_amount"], currency=row["currency"]),
        is_active=row["is_active"],
        available=row["available"],
    )
