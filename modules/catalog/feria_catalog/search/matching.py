"""The set of products that a search finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyroaring import BitMap

from feria_catalog.search.plan import Group, SearchPlan
from feria_catalog.search.terms import Term


async def numbers(plan: SearchPlan) -> BitMap:
    """Return the numbers (`catalog_product.no`) of all products that the search finds, whatever the filters.

    The same set that the list of the search pages through, before filters. The plan comes from
    `search.planning.plan(q, among=shown)`, made once for page and facets; the bitmap is the caller's own to change.
    """
    return plan.products.copy()


def members(group: Group, terms: Mapping[str, Term]) -> BitMap:
    """Return the products that have the group in any of its ways."""
    return BitMap.union(
        *(BitMap.intersection(*(terms[name].products for name in way.terms)) for way in group.alternatives)
    )


def required(sets: Sequence[BitMap]) -> BitMap | None:
    """Return what is in all of the sets; None where there is no set."""
    return BitMap.intersection(*sets) if sets else None


def at_least(count: int, sets: Sequence[BitMap]) -> BitMap:
    """Return what is in `count` of the sets or more."""
    if count == len(sets):
        return BitMap.intersection(*sets)
    if count == 1:
        return BitMap.union(*sets)
    # after[k] is what is in k + 1 of the sets so far.
    after = [BitMap() for _ in range(count)]
    for products in sets:
        for k in range(count - 1, 0, -1):
            after[k] |= after[k - 1] & products
        after[0] |= products
    return after[count - 1]
