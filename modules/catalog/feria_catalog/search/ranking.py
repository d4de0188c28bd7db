"""The order of what a search finds: BM25F over the groups of its plan."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from feria_catalog.facets.index import FacetIndex
from feria_catalog.search.plan import Alternative, Group, SearchPlan
from feria_catalog.search.terms import Term
from feria_core import db

# Of common words only the best products are known with their impacts: of so many candidates they are looked up.
LOOKED_UP = 300
# An exact SKU or barcode stands above all words; what was not looked up below what was.
CODED, LOWER = 1000.0, -1000.0
# Scores are rounded to more than twice this, so that what breaks ties never overtakes a better fit.
TIE = 0.00004
_IMPACTS = """
SELECT e.product_no, t.term, e.impacts[array_position(e.terms, t.term)] AS impact
FROM catalog_search_entry e CROSS JOIN unnest($2::text[]) AS t (term)
WHERE e.product_no = ANY($1::int[]) AND t.term = ANY(e.terms)
"""

Impacts = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Place:
    """A product and how well it fits; lists go by descending key, then by ascending number."""

    key: float
    no: int


class Ranking:
    """The order of what was found. Only the places that a page may show are worked out."""

    def __init__(
        self, plan: SearchPlan, index: FacetIndex, found: Mapping[int, float], within: BitMap, rarity: Sequence[float]
    ) -> None:
        self._plan, self._index = plan, index
        self.rarity = rarity
        # Whatever has no score of its own comes last, all alike.
        self._found, self._within = found, within

    def page(self, after: Place | None, limit: int) -> list[Place]:
        """Return the next `limit` places after that one; fewer at the end."""
        bound = math.inf if after is None else after.key
        found = {no: score for no, score in self._found.items() if score <= bound}
        # Ties and the mark of a whole code are added to those alone that can come among the first.
        coded = [no for no in self._plan.coded if no in self._found]
        # Of the equals of the last place some were shown before.
        equals = sum(score > bound - 2 * TIE for score in found.values()) if after is not None else 0
        worst = heapq.nlargest(limit + len(coded) + equals, found.values())[-1] if found else 0.0
        likely = {no for no, score in found.items() if score >= worst - 2 * TIE}
        places = [self._place(no) for no in likely.union(coded)]
        shown = heapq.nsmallest(limit, (place for place in places if _follows(place, after)), key=_order)
        if len(shown) < limit:
            rest = (Place(2 * LOWER, no) for no in self._within - BitMap(self._found))
            shown += itertools.islice((place for place in rest if _follows(place, after)), limit - len(shown))
        return shown

    def _place(self, no: int) -> Place:
        """Return the place: products that fit about as well go by stock, then by what was sold lately."""
        score = self._found[no]
        if score < 0:
            return Place(score, no)
        sold = self._index.numbers["popularity"].value(no)
        tie = TIE * (no in self._index.flags["in_stock"]) + TIE * sold / (sold + 50)
        return Place(score + tie + (CODED if no in self._plan.coded else 0.0), no)


async def ranked(
    plan: SearchPlan, within: BitMap, index: FacetIndex, *, rarity_before: Sequence[float] = ()
) -> Ranking:
    """Return the order of the products of `within`, all of which come from `plan.products`.

    `rarity_before` is the `rarity` of the page before: with it products that were added meanwhile, and make words
    more common, do not move those that were there.
    """
    names = sorted({name for group in plan.groups for way in group.alternatives for name in way.terms})
    terms = {name: plan.terms[name] for name in names}
    if plan.source is not None:
        await plan.source.with_best(terms)
    count = max(len(index.products), 1)
    told = list(rarity_before)
    if len(told) != len(names):
        told = [round(_rarity(len(term.products), count), 3) for term in terms.values()]
    rarity = dict(zip(names, told, strict=True))
    impacts = {name: _best(term, within) for name, term in terms.items()}
    scores = _scores(plan.groups, impacts, rarity)
    partly = [name for name, term in terms.items() if term.best is not None and term.best.floor > 0]
    if not partly:
        return Ranking(plan, index, _rounded(scores), within, told)
    # What the best of one word has of another, common one is not known yet: at most as much as that one's floor.
    likely = _with_floors(plan.groups, terms, rarity, scores)
    candidates = heapq.nsmallest(LOOKED_UP, likely, key=lambda no: (-likely[no], no))
    if len(within) <= LOOKED_UP:
        candidates = list(within)
    exact = _scores(plan.groups, await _look_up(candidates, terms), rarity)
    found = {no: LOWER + score for no, score in _rounded(likely).items()}
    found |= {no: round(exact.get(no, 0.0), 4) for no in candidates}
    return Ranking(plan, index, found, within, told)


def _rounded(scores: Mapping[int, float]) -> dict[int, float]:
    return {no: round(score, 4) for no, score in scores.items()}


def _order(place: Place) -> tuple[float, int]:
    return -place.key, place.no


def _follows(place: Place, after: Place | None) -> bool:
    return after is None or _order(place) > _order(after)


def _rarity(holders: int, products: int) -> float:
    return math.log(1 + max(products - holders + 0.5, 0.5) / (holders + 0.5))


def _best(term: Term, within: BitMap) -> Mapping[int, float]:
    if term.best is None:
        return {}
    if within.issuperset(term.products):
        return dict(zip(term.best.products, term.best.impacts, strict=True))
    return {no: impact for no, impact in zip(term.best.products, term.best.impacts, strict=True) if no in within}


def _scores(groups: Sequence[Group], impacts: Impacts, rarity: Mapping[str, float]) -> dict[int, float]:
    """Return each product's score: the sum over the groups of their best way, times the share of groups it has."""
    scores: dict[int, float] = defaultdict(float)
    shares: dict[int, float] = defaultdict(float)
    whole = 0.0
    for group in groups:
        weight = max((sum(rarity[name] for name in way.terms) for way in group.alternatives), default=0.0)
        whole += weight
        best: dict[int, float] = {}
        for way in group.alternatives:
            for no, score in _way(way, impacts, rarity):
                if score > best.get(no, 0.0):
                    best[no] = score
        for no, score in best.items():
            scores[no] += score
            shares[no] += weight
    if len(groups) == 1 or not whole:
        return scores
    return {no: score * shares[no] / whole for no, score in scores.items()}


def _way(way: Alternative, impacts: Impacts, rarity: Mapping[str, float]) -> Iterable[tuple[int, float]]:
    """Give the products that have all terms of one way, with what these add up to."""
    first, *others = way.terms
    factor = way.weight * rarity[first]
    if not others:
        return ((no, factor * impact) for no, impact in impacts[first].items())
    return (
        (no, factor * impact + sum(way.weight * rarity[name] * impacts[name][no] for name in others))
        for no, impact in impacts[first].items()
        if all(no in impacts[name] for name in others)
    )


def _with_floors(
    groups: Sequence[Group], terms: Mapping[str, Term], rarity: Mapping[str, float], scores: Mapping[int, float]
) -> dict[int, float]:
    """Add, for each common term that a product has without being among its best, the floor of these."""
    found = dict(scores)
    for group in groups:
        for way in group.alternatives:
            for name in way.terms:
                best = terms[name].best
                if best is None or not best.floor:
                    continue
                others = (terms[name].products & BitMap(found)) - BitMap(best.products)
                for no in others:
                    found[no] += way.weight * rarity[name] * best.floor
    return found


async def _look_up(candidates: Sequence[int], terms: Mapping[str, Term]) -> Impacts:
    impacts: dict[str, dict[int, float]] = {name: {} for name in terms}
    for row in await db.fetch_all(_IMPACTS, list(candidates), list(terms)):
        impacts[row["term"]][row["product_no"]] = row["impact"]
    return impacts
