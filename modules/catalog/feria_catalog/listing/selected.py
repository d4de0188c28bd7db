"""Pages of lists that are chosen and ordered by the index of facets; PostgreSQL gives the cards.

How many products fit, and which of them come first, is known from bitmaps whatever the filters are: a category whose
products all cost much, ordered by price, would have a scan of the price's index read half the shop. Without any
filter, and by name, PostgreSQL orders: there the index of the table ends after one page. Ratings have no index there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pyroaring import BitMap

from feria_catalog.documents import languages
from feria_catalog.facets.answering import count_facets
from feria_catalog.facets.current import current
from feria_catalog.facets.index import FacetIndex
from feria_catalog.facets.selecting import Selection, select
from feria_catalog.listing import cards
from feria_catalog.listing.filters import Filters, Statement
from feria_catalog.listing.sorting import SORTS, Position, read_cursor, write_cursor
from feria_catalog.settings import CatalogSettings
from feria_core import clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.runtime import settings

# Totals are exact up to this; one more says "more than that".
COUNTED = 10_000
NEWEST, RATING = "-created_at", "-rating"
# The columns of the index that orders go by.
_COLUMNS = {"price": "price_amount", "-price": "price_amount", "-created_at": "created_at", "-rating": "rating_rank",
            "-popularity": "popularity"}  # fmt: skip
# Marks cursors of orders by the index among those of orders by PostgreSQL.
_MODE = "no"
_MAX_INT, _MAX_BIGINT = 2**31, 2**63
Json = dict[str, Any]


async def page(
    filters: Filters,
    *,
    sort: str,
    limit: int,
    cursor: str | None,
    facets: bool,
    matching: BitMap | None = None,
    extra: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a page of what the filters keep, of `matching` alone where a search found those.

    `extra` are further members of the answer. Raises BadRequest for a cursor of another list or order.
    """
    now = clock.now()
    index = await current()
    selection = select(index, filters, now, matching=matching)
    products = selection.all()
    total = min(len(products), COUNTED + 1)
    counted = _counted(index, selection, filters) if facets else None
    if sort in _COLUMNS and (selection.kept or matching is not None or sort == RATING):
        numbers, next_cursor = _chosen(index, products, sort, limit, cursor)
        shown, more = await cards.shown(numbers, now, counted)
    else:
        only = products if selection.kept or matching is not None else None
        _, more = await cards.shown((), now, counted)
        shown, next_cursor = await _scanned(only, sort, limit, cursor, now)
    return answer(shown, next_cursor, total, {**(extra or {}), **more})


def answer(cards: Sequence[str], cursor: str | None, total: int, more: Mapping[str, Any]) -> bytes:
    """Join the cards as they are."""
    rest = "".join(f",{_json(name)}:{_json(value)}" for name, value in more.items())
    return f'{{"items":[{",".join(cards)}],"next_cursor":{_json(cursor)},"total":{total}{rest}}}'.encode()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _counted(index: FacetIndex, selection: Selection, filters: Filters) -> Any:
    bounds = settings(CatalogSettings)
    return count_facets(index, selection, filters, codes=bounds.facet_attributes, values=bounds.facet_values)


def _chosen(
    index: FacetIndex, products: BitMap, sort: str, limit: int, cursor: str | None
) -> tuple[list[int], str | None]:
    """Return the numbers of a page's products in order, and the cursor of the next page."""
    column, is_descending = index.numbers[_COLUMNS[sort]], SORTS[sort].is_descending
    position = _read(cursor, sort)
    if position is not None:
        products = column.after(products, *position, is_descending=is_descending)
    found = column.first(products, limit + 1, is_descending=is_descending)
    shown = found[:limit]
    if len(found) <= limit:
        return shown, None
    return shown, encode_cursor(sort, _MODE, column.value(shown[-1]), shown[-1])


def _read(cursor: str | None, sort: str) -> tuple[int, int] | None:
    parts = decode_cursor(cursor, 4)
    if parts is None:
        return None
    name, mode, number, no = parts
    for value, bound in ((number, _MAX_BIGINT), (no, _MAX_INT)):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < bound:
            name = None
    if name != sort or mode != _MODE:
        raise BadRequest("The cursor belongs to another list or order: leave it away to begin at the start.")
    return number, no


async def _scanned(
    products: BitMap | None, sort: str, limit: int, cursor: str | None, now: Any
) -> tuple[list[str], str | None]:
    """Return the cards of a page in PostgreSQL's order, of `products` alone unless that is None, and its cursor."""
    statement, order = Statement(), SORTS[sort]
    at_now = statement.add(now)
    where = f"d.listed_from <= {at_now} AND d.listed_until > {at_now}"
    if products is not None:
        where += f" AND d.no = ANY({statement.add(list(products))}::int[])"
    position = read_cursor(cursor, sort)
    if position is not None:
        compare = "<" if order.is_descending else ">"
        at = f"({statement.add(position.key)}::{order.kind}, {statement.add(position.product_id)}::uuid)"
        where += f" AND ({order.expression}, d.product_id) {compare} {at}"
    rows = await db.fetch_all(
        f"SELECT d.product_id, {order.expression} AS k, d.card FROM catalog_product_document d WHERE {where}"
        f" ORDER BY {order.order_by} LIMIT {statement.add(limit + 1)}",
        *statement.values,
    )
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = write_cursor(sort, Position(shown[-1]["k"], shown[-1]["product_id"], ""))
    translated = await languages.cards_by_id([row["product_id"] for row in shown])
    return [str(translated.get(row["product_id"], row["card"])) for row in shown], following
