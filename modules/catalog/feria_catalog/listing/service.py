"""One page of products, as the JSON that goes out."""

from __future__ import annotations

from collections.abc import Sequence

from feria_catalog.facets.answering import count_facets
from feria_catalog.facets.current import current
from feria_catalog.facets.index import FacetIndex
from feria_catalog.facets.selecting import select
from feria_catalog.listing import cards, selected
from feria_catalog.listing.filters import Filters
from feria_catalog.listing.selected import COUNTED, NEWEST, answer
from feria_catalog.listing.sorting import RELEVANCE
from feria_catalog.search import log, matching, planning, ranking
from feria_catalog.search.plan import SearchPlan
from feria_catalog.search.ranking import Place
from feria_catalog.settings import CatalogSettings
from feria_core import clock
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.runtime import settings

_MAX_INT = 2**31


async def page(
    filters: Filters, *, q: str | None, sort: str | None, limit: int, cursor: str | None, facets: bool = False
) -> bytes:
    """Return `{"items": [ProductCard], "next_cursor", "total"}`; `total` is exact up to 10,000, 10,001 means more.

    With `facets` the answer has these too; `corrected_query` is what was searched for where words were mended.
    """
    index = await current() if q else None
    plan = await planning.plan(q, among=index.schedule.shown(clock.now()).copy()) if index else None
    if plan is None or index is None:
        order = NEWEST if sort in (None, RELEVANCE) else str(sort)
        nothing = {"corrected_query": None}
        return await selected.page(filters, sort=order, limit=limit, cursor=cursor, facets=facets, extra=nothing)
    if sort in (None, RELEVANCE):
        return await _by_relevance(filters, plan, index, limit, cursor, facets=facets)
    return await selected.page(
        filters,
        sort=str(sort),
        limit=limit,
        cursor=cursor,
        facets=facets,
        matching=await matching.numbers(plan),
        extra={"corrected_query": plan.corrected_query},
    )


async def _by_relevance(
    filters: Filters, plan: SearchPlan, index: FacetIndex, limit: int, cursor: str | None, *, facets: bool
) -> bytes:
    now = clock.now()
    after, rarity = _read(cursor)
    selection = select(index, filters, now, matching=plan.products)
    within = selection.all().copy()
    counted = None
    if facets:
        bounds = settings(CatalogSettings)
        counted = count_facets(index, selection, filters, codes=bounds.facet_attributes, values=bounds.facet_values)
    if after is None:
        log.count(plan.typed, len(selection.found))
    order = await ranking.ranked(plan, within, index, rarity_before=rarity)
    places, following = _cut(order, after, limit)
    shown, more = await cards.shown([place.no for place in places], now, counted)
    more = {"corrected_query": plan.corrected_query, **more}
    return answer(shown, following, min(len(within), COUNTED + 1), more)


def _cut(order: ranking.Ranking, after: Place | None, limit: int) -> tuple[Sequence[Place], str | None]:
    """Return the page, and its cursor where more follows."""
    places = order.page(after, limit + 1)
    shown = places[:limit]
    if len(places) <= limit:
        return shown, None
    return shown, encode_cursor(RELEVANCE, shown[-1].key, shown[-1].no, list(order.rarity))


def _read(cursor: str | None) -> tuple[Place | None, Sequence[float]]:
    """Return the last place of the page before, and how rare the words were then."""
    parts = decode_cursor(cursor, 4)
    if parts is None:
        return None, ()
    name, key, no, rarity = parts
    is_place = _is_number(key) and type(no) is int and 0 <= no < _MAX_INT
    if name != RELEVANCE or not is_place or not isinstance(rarity, list) or not all(map(_is_number, rarity)):
        raise BadRequest("The cursor belongs to another list or order: leave it away to begin at the start.")
    return Place(float(key), no), [float(each) for each in rarity]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _MAX_INT
