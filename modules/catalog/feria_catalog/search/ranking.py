"""The order of what a search finds: the score of each product, then what breaks ties."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from feria_catalog.facets.index import FacetIndex
from feria_catalog.proved import bitmap_of, view_of
from feria_catalog.search.impacts import Floats, Impacts, Known, Numbers
from feria_catalog.search.plan import SearchPlan
from feria_catalog.search.scoring import scores

# So many products that were found are scored each.
SCORED = 4000
# Of more, first those alone that are among so many best of a word, then of more. No other product's score exceeds what
# the least of these say: a page that lies above that is the same whatever else was found, so that it costs the same of
# a million products.
BESTS = (1000, 16_000)
# An exact SKU or barcode stands above all words, what has no score last.
CODED, LAST = 1000.0, -2000.0
# Scores are rounded to more than twice this, so that what breaks ties never overtakes a better fit.
TIE, DECIMALS = 0.00004, 4
_FIRST = np.zeros(1, np.intp)


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
        impacts: Mapping[str, Impacts],
        rarity: Mapping[str, float],
    ) -> None:
        """Take all that was found, and of each term of the plan its impacts and how rare it is."""
        self._plan, self._index, self._within = plan, index, within
        self._impacts, self._rarity = impacts, rarity

    @property
    def rarity(self) -> list[float]:
        """How rare the words are, in the order of the terms."""
        return list(self._rarity.values())

    def page(self, after: Place | None, limit: int) -> list[Place]:
        """Return the next `limit` places after that one; fewer at the end."""
        for count in BESTS if len(self._within) > SCORED else ():
            candidates, bound = self._best(count)
            found = self._first(*self._scored(candidates), after, limit)
            if len(found) == limit and found[-1].key > bound:
                return found
        numbers, keys = self._scored(self._within)
        found = self._first(numbers, keys, after, limit)
        if len(found) < limit and (after is None or after.key >= LAST):
            first = after.no + 1 if after is not None and after.key == LAST else 0
            rest = self._within - bitmap_of(numbers)
            following = islice(rest.iter_equal_or_larger(first), limit - len(found))
            found += [Place(LAST, no) for no in following]
        return found

    def _best(self, count: int) -> tuple[BitMap, float]:
        """Return those that are among so many best of a word, and a key that no other product's exceeds."""
        best = {name: term.best(count) for name, term in self._impacts.items()}
        candidates = self._within & BitMap.union(self._plan.coded, *(products for products, _ in best.values()))
        least = {name: Known(_FIRST[: floor > 0], np.full(int(floor > 0), floor)) for name, (_, floor) in best.items()}
        return candidates, float(scores(self._plan.groups, least, self._rarity, 1)[0]) + 4 * TIE

    def _scored(self, products: BitMap) -> tuple[Numbers, Floats]:
        """Return the numbers of those of the products that have a score, ascending, and their keys, without ties."""
        numbers = view_of(products.to_array())
        impacts = {name: term.known(numbers) for name, term in self._impacts.items()}
        found = np.round(scores(self._plan.groups, impacts, self._rarity, len(numbers)), DECIMALS)
        # A whole code finds what has none of the words too.
        has_score = (found > 0) | _are_in(self._plan.coded, numbers)
        return numbers[has_score], found[has_score]

    def _first(self, numbers: Numbers, keys: Floats, after: Place | None, limit: int) -> list[Place]:
        """Return the next places of products that have a score."""
        bound = math.inf if after is None else after.key
        coded = _are_in(self._plan.coded, numbers)
        open_ = np.flatnonzero((keys <= bound) & ~coded)
        before = keys[open_]
        # Of the equals of the last place some were shown before.
        equals = int(np.count_nonzero(before > bound - 2 * TIE)) if after is not None else 0
        likely = open_[before >= _nth(before, limit + equals) - 2 * TIE]
        likely = np.append(likely, np.flatnonzero(coded))
        numbers, keys = numbers[likely], self._finished(numbers[likely], keys[likely], coded[likely])
        if after is not None:
            follow = (keys < after.key) | ((keys == after.key) & (numbers > after.no))
            numbers, keys = numbers[follow], keys[follow]
        order = np.lexsort((numbers, -keys))[:limit]
        return [Place(key, no) for key, no in zip(keys[order].tolist(), numbers[order].tolist(), strict=True)]

    def _finished(self, numbers: Numbers, keys: Floats, coded: NDArray[np.bool_]) -> Floats:
        """Return the keys: products that fit about as well go by stock, then by what was sold lately."""
        sold = self._index.numbers["popularity"].values(numbers)
        in_stock = _are_in(self._index.flags["in_stock"], numbers)
        return keys + TIE * in_stock + TIE * sold / (sold + 50) + CODED * coded


async def ranked(
    plan: SearchPlan, within: BitMap, index: FacetIndex, *, rarity_before: Sequence[float] = ()
) -> Ranking:
    """Return the order of the products of `within`, all of which come from `plan.products`.

    `rarity_before` is the `rarity` of the page before: with it products that were added meanwhile, and make words
    more common, do not move those that were there.
    """
    names = sorted({name for group in plan.groups for way in group.alternatives for name in way.terms})
    terms = await plan.source.load(names, weighed=True) if plan.source is not None else {}
    count = max(len(index.products), 1)
    told = list(rarity_before)
    if len(told) != len(names):
        told = [round(_rarity(len(term.products), count), 3) for term in terms.values()]
    impacts = {name: term.impacts for name, term in terms.items() if term.impacts is not None}
    return Ranking(plan, index, within, impacts, dict(zip(names, told, strict=True)))


def _are_in(products: BitMap, numbers: Numbers) -> NDArray[np.bool_]:
    """Return of each number whether it is one of the products."""
    found = view_of((products & bitmap_of(numbers)).to_array()) if products else numbers[:0]
    if not len(found):
        return np.zeros(len(numbers), np.bool_)
    is_in: NDArray[np.bool_] = found[np.minimum(np.searchsorted(found, numbers), len(found) - 1)] == numbers
    return is_in


def _nth(keys: Floats, count: int) -> float:
    """Return the key that is `count`th from the top, the lowest where there are fewer."""
    if not len(keys):
        return 0.0
    return float(np.partition(keys, max(len(keys) - count, 0))[max(len(keys) - count, 0)])


def _rarity(holders: int, products: int) -> float:
    return math.log(1 + max(products - holders + 0.5, 0.5) / (holders + 0.5))
