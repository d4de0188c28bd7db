"""Scores of all products at once equal those that are counted product by product."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from pyroaring import BitMap

from feria_catalog.proved import bitmap_of, view_of
from feria_catalog.search import impacts as impacts_of
from feria_catalog.search.impacts import Impacts, Known
from feria_catalog.search.plan import Alternative, Group
from feria_catalog.search.scoring import scores

NAMES = [f"term{n}" for n in range(6)]
Told = Mapping[str, Mapping[int, float]]


def stored(impact: float) -> float:
    """Return the impact as the database has it: four digits, as a REAL."""
    found: float = struct.unpack(">f", struct.pack(">f", round(impact, 4)))[0]
    return found


def sent(impacts: Mapping[int, float], dice: random.Random) -> Impacts:
    """Return what the database would send, in any order."""
    rows = dice.sample(sorted(impacts.items()), len(impacts))
    return Impacts(
        b"".join(struct.pack(">I", no) for no, _ in rows), b"".join(struct.pack(">f", impact) for _, impact in rows)
    )


def one_by_one(
    groups: Sequence[Group], impacts: Told, rarity: Mapping[str, float], products: Sequence[int]
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
        name: {no: stored(dice.uniform(0.1, 1)) for no in range(count) if dice.random() < share}
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
    told = {name: sent(impacts[name], dice).known(numbers) for name in NAMES}
    found = scores(groups, told, rarity, len(within))
    assert found.tolist() == pytest.approx(one_by_one(groups, impacts, rarity, within), abs=1e-9)


def by_number(told: Known, numbers: Sequence[int]) -> dict[int, float]:
    assert told.places.tolist() == sorted(told.places.tolist())
    return {numbers[place]: impact for place, impact in zip(told.places.tolist(), told.impacts.tolist(), strict=True)}


@pytest.mark.parametrize("seed", range(30))
def test_impacts_are_those_that_are_stored_whatever_changed_since(seed: int) -> None:
    dice = random.Random(seed)
    span, share = dice.choice((1, 70, 5000)), dice.choice((0.001, 0.03, 0.3, 1))
    told = {no: stored(dice.choice((dice.random(), 1.0, 10.0, 0.0001))) for no in range(span) if dice.random() < share}
    impacts = sent(told, dice)
    for changes in (0, 1, 20):
        for _ in range(changes):
            no, impact = dice.randrange(span + 200), dice.choice((0.0, stored(dice.random())))
            impacts.put(no, impact)
            told.pop(no, None)
            told |= {no: impact} if impact >= 0.0001 else {}
        for share in (0.0, 0.01, 1.0):
            numbers = [no for no in range(span + 300) if dice.random() < share]
            known = impacts.known(view_of(BitMap(numbers).to_array()))
            assert by_number(known, numbers) == {no: told[no] for no in numbers if no in told}
        assert set(impacts.above(0.5)) == {no for no, impact in told.items() if impact >= 0.5}


@pytest.mark.parametrize("seed", range(30))
def test_none_but_the_best_exceeds_what_is_said_of_the_others(seed: int) -> None:
    dice = random.Random(seed)
    share = dice.choice((0.01, 1))
    told = {no: stored(dice.choice((0.5, dice.random()))) for no in range(2000) if dice.random() < share}
    impacts = sent(told, dice)
    for _ in range(3):
        for count in (1, 10, 50):
            best, floor = impacts.best(count)
            others = [impact for no, impact in told.items() if no not in best]
            assert len(best) >= min(count, len(told))
            assert max(others, default=0.0) <= floor
        told |= {dice.randrange(3000): stored(dice.random())}
        for no, impact in told.items():
            if by_number(impacts.known(np.array([no], np.uint32)), [no]) != {no: impact}:
                impacts.put(no, impact)


def test_changes_are_kept_beside_until_they_are_many() -> None:
    impacts = sent(dict.fromkeys(range(100), 0.5), random.Random(1))
    for no in range(impacts_of.MAX_CHANGED + 1):
        assert not impacts.is_worn
        impacts.put(no, 0.25)
    assert impacts.is_worn


def test_a_term_of_many_products_takes_little_more_than_two_bytes_for_each() -> None:
    for holders, most in ((1_000_000, 2.3), (200_000, 3.3), (20_000, 10.2)):
        numbers = sorted(random.Random(1).sample(range(1_000_000), holders))
        impacts = Impacts(np.array(numbers, ">u4").tobytes(), np.full(holders, 0.5, ">f4").tobytes())
        assert impacts.size / holders < most
        assert impacts.known(np.array(numbers[:10], np.uint32)).places.tolist() == list(range(10))


def test_a_term_that_no_product_has_has_no_impacts() -> None:
    assert Impacts().best(10) == (BitMap(), 0.0)
    assert list(Impacts().above(0.1)) == []
    assert Impacts().known(np.array([1, 2], np.uint32)).places.tolist() == []
    assert list(bitmap_of(np.array([], np.uint32))) == []
