"""How well products fit: BM25F over the groups of a plan, for all that were found at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from feria_catalog.search.impacts import Floats, Known
from feria_catalog.search.plan import Alternative, Group


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
