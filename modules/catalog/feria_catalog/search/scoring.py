"""How well products fit: BM25F over the groups of a plan, for all that were found at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feria_catalog.search.plan import Alternative, Group
from feria_catalog.search.terms import Best

Floats = NDArray[np.float64]
Numbers = NDArray[np.uint32]
# Places of products among those that were found.
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Known:
    """The impacts of a term, by the places of the products that have it, ascending; of some they may be unknown."""

    places: Places
    impacts: Floats

    def among(self, chosen: Places) -> Known:
        """Return what is known of chosen places, which are ascending, by their order among these."""
        hits, at = _common(chosen, self.places)
        return Known(hits, self.impacts[at])

    def plus(self, places: Sequence[int], impacts: Sequence[float]) -> Known:
        """Return this with what was looked up of other places."""
        return Known(
            np.append(self.places, np.asarray(places, np.intp)), np.append(self.impacts, np.asarray(impacts, float))
        )


NOTHING = Known(np.empty(0, np.intp), np.empty(0))


def known(best: Best | None, numbers: Numbers) -> Known:
    """Return what the best products of a term tell of those with these numbers, which are ascending."""
    if best is None:
        return NOTHING
    places, at = _common(numbers, best.products)
    return Known(places, best.impacts[at].astype(np.float64))


def scores(groups: Sequence[Group], impacts: Mapping[str, Known], rarity: Mapping[str, float], count: int) -> Floats:
    """Return each product's score: the sum over the groups of their best way, times the share of groups it has."""
    total, shares, whole = np.zeros(count), np.zeros(count), 0.0
    for group in groups:
        weight = max((sum(rarity[name] for name in way.terms) for way in group.alternatives), default=0.0)
        whole += weight
        best = np.zeros(count)
        for way in group.alternatives:
            _raise(best, way, impacts, rarity)
        total += best
        shares += weight * (best > 0)
    if len(groups) == 1 or not whole:
        return total
    return total * shares / whole


def greatest(values: Floats, count: int) -> Places:
    """Return the places of the `count` greatest values, of equals the first; in the order of the places."""
    if len(values) <= count:
        return np.arange(len(values))
    least = np.partition(values, len(values) - count)[len(values) - count]
    sure, equals = np.flatnonzero(values > least), np.flatnonzero(values == least)
    return np.sort(np.append(sure, equals[: count - len(sure)]))


def _raise(best: Floats, way: Alternative, impacts: Mapping[str, Known], rarity: Mapping[str, float]) -> None:
    """Let those that have all terms of one way have what these add up to, where that is more."""
    if len(way.terms) == 1:
        found = impacts[way.terms[0]]
        best[found.places] = np.maximum(best[found.places], way.weight * rarity[way.terms[0]] * found.impacts)
        return
    sums, having = np.zeros(len(best)), np.zeros(len(best), np.int64)
    for name in way.terms:
        found = impacts[name]
        sums[found.places] += way.weight * rarity[name] * found.impacts
        having[found.places] += 1
    np.maximum(best, np.where(having == len(way.terms), sums, 0.0), out=best)


def _common(one: NDArray[np.integer], other: NDArray[np.integer]) -> tuple[Places, Places]:
    """Return where in each of two ascending arrays the numbers stand that are in both; the shorter one is sought."""
    if len(one) > len(other):
        second, first = _common(other, one)
        return first, second
    if not len(one):
        return NOTHING.places, NOTHING.places
    at = np.searchsorted(other, one)
    hits = np.flatnonzero(other[np.minimum(at, len(other) - 1)] == one)
    return hits, at[hits]
