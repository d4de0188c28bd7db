"""One page of products, as the JSON that goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from feria_catalog.listing import statements
from feria_catalog.listing.filters import Filters, Statement, conditions
from feria_catalog.listing.query import SearchQuery, parse
from feria_catalog.listing.sorting import RELEVANCE, Position, read_cursor, write_cursor
from feria_core import clock, db
from feria_core.db import Row

# Fewer products than this that have every word: those with some of the words follow.
SHORT = 3
NEWEST = "-created_at"

Build = Callable[[Sequence[str], SearchQuery, Statement, Position | None, int], str]
_SEARCHES: Mapping[str, Build] = {"all": statements.all_words, "any": statements.any_word}


async def page(filters: Filters, *, q: str | None, sort: str | None, limit: int, cursor: str | None) -> bytes:
    """Return `{"items": [ProductCard], "next_cursor", "total"}`; `total` is exact up to 10,000, 10,001 means more."""
    query = parse(q)
    sort = sort or (RELEVANCE if query else NEWEST)
    if sort == RELEVANCE and query is None:
        sort = NEWEST
    position = read_cursor(cursor, sort)
    if query is None or sort != RELEVANCE:
        rows = await _sorted(filters, query, sort, position, limit)
        return _answer(rows, sort, "", limit)
    mode = position.mode or "all" if position else "all"
    rows = await _searched(mode, filters, query, position, limit)
    if position is None and rows[0]["total"] < SHORT and len(query.words) > 1:
        mode = "any"
        rows = await _searched(mode, filters, query, None, limit)
    return _answer(rows, sort, mode, limit)


async def _sorted(
    filters: Filters, query: SearchQuery | None, sort: str, position: Position | None, limit: int
) -> Sequence[Row]:
    statement = Statement()
    where = conditions(filters, statement, clock.now())
    if query is not None:
        where.append(statements.match(query, statement))
    sql = statements.plain(where, statement, sort, position, limit + 1)
    return await db.fetch_all(sql, *statement.values)


async def _searched(
    mode: str, filters: Filters, query: SearchQuery, position: Position | None, limit: int
) -> Sequence[Row]:
    statement = Statement()
    where = conditions(filters, statement, clock.now())
    sql = _SEARCHES[mode](where, query, statement, position, limit + 1)
    return await db.fetch_all(sql, *statement.values)


def _answer(rows: Sequence[Row], sort: str, mode: str, limit: int) -> bytes:
    """Join the cards as they are; without any product there is one row, with the total alone."""
    found = [row for row in rows if row["product_id"] is not None]
    shown = found[:limit]
    cursor: Any = None
    if len(found) > limit:
        last = shown[-1]
        cursor = write_cursor(sort, Position(last["k"], last["product_id"], mode))
    cards = ",".join([row["card"] for row in shown])
    return f'{{"items":[{cards}],"next_cursor":{orjson.dumps(cursor).decode()},"total":{rows[0]["total"]}}}'.encode()
