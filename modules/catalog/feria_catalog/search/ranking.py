"""The order of what a search finds: the score of each product, then what breaks ties."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from feria_catalog.facets.index import FacetIndex
from feria_catalog.proved import bitmap_of, view_of
from feria_catalog.search.plan import Group, SearchPlan
from feria_catalog.search.scoring import Floats, Known, Numbers, Places, greatest, known, scores
from feria_catalog.search.terms import Term
from feria_core import db

# Of common words only the best products are known with their impacts: of so many candidates they are looked up.
LOOKED_UP = 300
# Of so many candidates each is scored. Of more those alone that are among the best of a word: no other has a score, so
# that a page costs the same of a million products.
SCORED = 16_000
# An exact SKU or barcode stands above all words; what was not looked up below what was, what has no score last.
CODED, LOWER = 1000.0, -1000.0
LAST = 2 * LOWER
# Scores are rounded to more than twice this, so that what breaks ties never overtakes a better fit.
TIE, DECIMALS = 0.00004, 4
_IMPACTS = """
SELECT g.nth, g.term, e.impacts[array_position(e.terms, g.term)] AS impact
FROM unnest($1::int[], $2::text[], $3::int[]) AS g (product_no, term, nth)
JOIN catalog_search_entry e ON e.product_no = g.product_no
"""


@dataclass(frozen=True)
class Place:
    """A product and how well it fits; lists go by descending key, then by ascending number."""

    key: float
    no: int


class Ranking:
    """The order of what was found. Ties are broken among those alone that a page may show."""

    def __init__(
        self,
        plan: SearchPlan,
        index: FacetIndex,
        within: BitMap,
        numbers: Numbers,
        keys: Floats,
        rarity: Sequence[float],
    ) -> None:
        """Take all that was found, and of some of it the numbers, ascending, and the scores; LAST stands for none."""
        self._plan, self._index = plan, index
        has_score = keys > LAST
        self._within = within
        self._numbers, self._keys = numbers[has_score], keys[has_score]
        self.rarity = rarity

    def page(self, after: Place | None, limit: int) -> list[Place]:
        """Return the next `limit` places after that one; fewer at the end."""
        found = self._scored(after, limit)
        if len(found) < limit and (after is None or after.key >= LAST):
            first = after.no + 1 if after is not None and after.key == LAST else 0
            rest = self._within - bitmap_of(self._numbers)
            following = islice(rest.iter_equal_or_larger(first), limit - len(found))
            found += [Place(LAST, no) for no in following]
        return found

    def _scored(self, after: Place | None, limit: int) -> list[Place]:
        """Return the next places of products that have a score."""
        bound = math.inf if after is None else after.key
        coded = np.isin(self._numbers, view_of(self._plan.coded.to_array()))
        open_ = np.flatnonzero((self._keys <= bound) & ~coded)
        keys = self._keys[open_]
        # Of the equals of the last place some were shown before.
        equals = int(np.count_nonzero(keys > bound - 2 * TIE)) if after is not None else 0
        likely = open_[keys >= _nth(keys, limit + equals) - 2 * TIE]
        likely = np.append(likely, np.flatnonzero(coded))
        numbers, keys = self._numbers[likely], self._finished(likely, coded)
        if after is not None:
            follow = (keys < after.key) | ((keys == after.key) & (numbers > after.no))
            numbers, keys = numbers[follow], keys[follow]
        order = np.lexsort((numbers, -keys))[:limit]
        return [Place(key, no) for key, no in zip(keys[order].tolist(), numbers[order].tolist(), strict=True)]

    def _finished(self, places: Places, coded: NDArray[np.bool_]) -> Floats:
        """Return the keys: products that fit about as well go by stock, then by what was sold lately."""
        keys, numbers = self._keys[places], self._numbers[places]
        sold = self._index.numbers["popularity"].values(numbers)
        in_stock = np.isin(numbers, view_of((self._index.flags["in_stock"] & bitmap_of(numbers)).to_array()))
        finished = keys + TIE * in_stock + TIE * sold / (sold + 50) + CODED * coded[places]
        return np.where(keys < 0, keys, finished)


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
    candidates = _candidates(plan, terms, within)
    numbers = view_of(candidates.to_array())
    impacts = {name: known(term.best, numbers) for name, term in terms.items()}
    found = scores(plan.groups, impacts, rarity, len(numbers))
    unknown = {
        name: _unknown(term, impacts[name], candidates, numbers, found)
        for name, term in terms.items()
        if term.best is not None and term.best.floor > 0
    }
    if unknown:
        keys = await _looked_up(plan.groups, terms, impacts, unknown, rarity, numbers, found)
    else:
        keys = np.where(found > 0, np.round(found, DECIMALS), LAST)
    # A whole code finds what has none of the words too.
    coded = np.isin(numbers, view_of(plan.coded.to_array()))
    return Ranking(plan, index, within, numbers, np.where(coded & (keys < 0), 0.0, keys), told)


def _candidates(plan: SearchPlan, terms: Mapping[str, Term], within: BitMap) -> BitMap:
    """Return those of the products that may have a score."""
    if len(within) <= SCORED:
        return within
    best = (term.best.members for term in terms.values() if term.best is not None)
    return within & BitMap.union(plan.coded, *best)


async def _looked_up(
    groups: Sequence[Group],
    terms: Mapping[str, Term],
    impacts: Mapping[str, Known],
    unknown: Mapping[str, Places],
    rarity: Mapping[str, float],
    numbers: Numbers,
    found: Floats,
) -> Floats:
    """Return the keys where a common word's impacts are not known of all: looked up for the likeliest.

    What the best of one word have of another, common one is not known yet: at most as much as that one's floor.
    """
    likely = found.copy()
    for group in groups:
        for way in group.alternatives:
            for name in way.terms:
                best = terms[name].best
                if name in unknown and best is not None:
                    likely[unknown[name]] += way.weight * rarity[name] * best.floor
    chosen = greatest(likely, LOOKED_UP)
    looked_up = await _look_up(chosen, unknown, numbers)
    exact = scores(
        groups,
        {name: one.among(chosen).plus(*looked_up.get(name, ((), ()))) for name, one in impacts.items()},
        rarity,
        len(chosen),
    )
    keys = np.where(found > 0, LOWER + np.round(likely, DECIMALS), LAST)
    keys[chosen] = np.round(exact, DECIMALS)
    return keys


async def _look_up(
    chosen: Places, unknown: Mapping[str, Places], numbers: Numbers
) -> Mapping[str, tuple[list[int], list[float]]]:
    """Return by term the chosen ones' places among themselves, and the impacts that were not known of them."""
    asked = [(int(numbers[chosen[nth]]), name, int(nth)) for name, places in unknown.items()
             for nth in np.flatnonzero(np.isin(chosen, places))]  # fmt: skip
    looked_up: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for row in await db.fetch_all(_IMPACTS, *map(list, zip(*asked, strict=True))) if asked else ():
        if row["impact"] is not None:
            looked_up[row["term"]][0].append(row["nth"])
            looked_up[row["term"]][1].append(row["impact"])
    return looked_up


def _unknown(term: Term, told: Known, candidates: BitMap, numbers: Numbers, found: Floats) -> Places:
    """Return the places of the products that have the term, but not among its best, and a score by other words.

    Where nothing has a score all may have one by this word.
    """
    having = np.searchsorted(numbers, view_of((term.products & candidates).to_array()))
    open_ = having[~np.isin(having, told.places, assume_unique=True)]
    return open_[found[open_] > 0] if len(numbers) > LOOKED_UP else open_


def _nth(keys: Floats, count: int) -> float:
    """Return the key that is `count`th from the top, the lowest where there are fewer."""
    if not len(keys):
        return 0.0
    return float(np.partition(keys, max(len(keys) - count, 0))[max(len(keys) - count, 0)])


def _rarity(holders: int, products: int) -> float:
    return math.log(1 + max(products - holders + 0.5, 0.5) / (holders + 0.5))
