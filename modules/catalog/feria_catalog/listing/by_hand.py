"""Pages of a collection in the order that staff gave it."""

from __future__ import annotations

from feria_catalog.facets.answering import count_facets
from feria_catalog.facets.current import current
from feria_catalog.facets.selecting import select
from feria_catalog.listing import cards
from feria_catalog.listing.filters import Filters
from feria_catalog.listing.selected import answer
from feria_catalog.settings import CatalogSettings
from feria_core import clock
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.runtime import settings

_ORDER = "by_hand"


async def page(filters: Filters, *, limit: int, cursor: str | None, facets: bool) -> bytes:
    """Return a page of what the filters keep of `filters.numbers`, in their order. Raises BadRequest."""
    now = clock.now()
    after = _read(cursor)
    index = await current()
    selection = select(index, filters, now)
    within = selection.all()
    ordered = [no for no in filters.numbers or () if no in within]
    counted = None
    if facets:
        bounds = settings(CatalogSettings)
        counted = count_facets(index, selection, filters, codes=bounds.facet_attributes, values=bounds.facet_values)
    start = _place_after(list(filters.numbers or ()), ordered, after)
    shown = ordered[start : start + limit]
    found, more = await cards.shown(shown, now, counted)
    following = encode_cursor(_ORDER, shown[-1]) if start + limit < len(ordered) else None
    return answer(found, following, len(ordered), {"corrected_query": None, **more})


def _place_after(everything: list[int], ordered: list[int], after: int | None) -> int:
    """Return where in `ordered` to go on after that product, also where it is not shown any more."""
    if after is None:
        return 0
    if after not in everything:
        return len(ordered)
    passed = set(everything[: everything.index(after) + 1])
    return sum(1 for no in ordered if no in passed)


def _read(cursor: str | None) -> int | None:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    order, no = parts
    if order != _ORDER or isinstance(no, bool) or not isinstance(no, int):
        raise BadRequest("The cursor belongs to another list or order: leave it away to begin at the start.")
    return no
