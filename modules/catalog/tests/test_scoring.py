"""Scores of all products at once equal those that are counted product by product."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from pyroaring import BitMap

from feria_catalog.proved import bitmap_of, view_of
from feria_catalog.search import terms
from feria_catalog.search.plan import Alternative, Group
from feria_catalog.search.scoring import greatest, known, scores
from feria_catalog.search.terms import Best

NAMES = [f"term{n}" for n in range(6)]
Impacts = Mapping[str, Mapping[int, float]]


def best_of(impacts: Mapping[int, float], dice: random.Random) -> Best:
    """Return what the database would send, in any order."""
    rows = dice.sample(sorted(impacts.items()), len(impacts))
    return Best(
        b"".join(struct.pack(">I", no) for no, _ in rows), b"".join(struct.pack(">f", impact) for _, impact in rows)
    )


def one_by_one(
    groups: Sequence[Group], impacts: Impacts, rarity: Mapping[str, float], products: Sequence[int]
) -> list[float]:
    """Return each product's score as the definition has it."""
    whole = sum(_weight(group, rarity) for group in groups)
    found = []
    for no in products:
        score = share = 0.0
        for group in groups:
            ways = [
                sum(way.weight * rarity[name] * impacts[name][no] for name in way.terms)
                for way in group.alternatives
                if all(no in impacts[name] for name in way.terms)
            ]
            if ways and max(ways) > 0:
                score += max(ways)
                share += _weight(group, rarity)
        found.append(score if len(groups) == 1 else score * share / whole)
    return found


def _weight(group: Group, rarity: Mapping[str, float]) -> float:
    return max(sum(rarity[name] for name in way.terms) for way in group.alternatives)


@pytest.mark.parametrize("seed", range(40))
def test_scores_equal_those_counted_one_by_one(seed: int) -> None:
    dice = random.Random(seed)
    count = dice.choice((3, 40, 400))
    impacts = {
        name: {no: struct.unpack(">f", struct.pack(">f", dice.uniform(0.1, 1)))[0] for no in range(count)
               if dice.random() < share}
        for name, share in zip(NAMES, (0.0, 0.02, 0.2, 0.5, 0.9, 1.0), strict=True)
    }  # fmt: skip
    rarity = {name: dice.uniform(0.1, 8) for name in NAMES}
    groups = [
        Group(tuple(
            Alternative(tuple(dice.sample(NAMES, dice.choice((1, 1, 2, 3)))), dice.choice((1.0, 0.8)))
            for _ in range(dice.choice((1, 2, 3)))
        ))
        for _ in range(dice.choice((1, 2, 4)))
    ]  # fmt: skip
    within = sorted(dice.sample(range(count), dice.randrange(count + 1)))
    numbers = view_of(BitMap(within).to_array())
    told = {name: known(best_of(impacts[name], dice), numbers) for name in NAMES}
    found = scores(groups, told, rarity, len(within))
    assert found.tolist() == pytest.approx(one_by_one(groups, impacts, rarity, within), abs=1e-9)


def test_of_chosen_places_the_same_is_known() -> None:
    dice = random.Random(1)
    best = best_of({no: no / 100 for no in range(0, 100, 3)}, dice)
    told = known(best, np.arange(10, 60, dtype=np.uint32))
    chosen = np.array([2, 5, 8, 11])  # the products 12, 15, 18, 21
    assert told.among(chosen).places.tolist() == [0, 1, 2, 3]
    assert told.among(chosen).impacts.tolist() == pytest.approx([0.12, 0.15, 0.18, 0.21])
    assert told.among(np.array([0, 1])).places.tolist() == []
    more = told.among(chosen).plus([1], [0.5])
    assert more.places.tolist() == [0, 1, 2, 3, 1]


def test_the_best_of_a_word_bound_the_others_only_where_there_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BEST", 3)
    dice = random.Random(2)
    assert best_of({1: 0.5, 2: 0.9}, dice).floor == 0.0
    full = best_of({1: 0.5, 2: 0.9, 3: 0.75}, dice)
    assert full.floor == 0.5
    assert list(full.above(0.75)) == [2, 3]
    assert list(Best().above(0.1)) == []


def test_the_greatest_are_found_and_of_equals_the_first() -> None:
    assert greatest(np.array([1.0, 3.0, 2.0, 3.0, 0.0]), 2).tolist() == [1, 3]
    assert greatest(np.array([1.0, 1.0, 1.0, 2.0]), 2).tolist() == [0, 3]
    assert greatest(np.array([1.0]), 5).tolist() == [0]
    assert list(bitmap_of(np.array([], np.uint32))) == []
