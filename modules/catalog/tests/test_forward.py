"""The values of products in one array: read, changed and counted as a dictionary would have it."""

from __future__ import annotations

import random
from array import array
from collections import Counter

from pyroaring import BitMap

from feria_catalog.facets import forward


def test_values_are_those_that_were_put_last_however_often_changes_are_taken_in(monkeypatch):
    monkeypatch.setattr(forward, "MAX_CHANGED", 3)
    monkeypatch.setattr(forward, "PER_PRODUCTS", 10**9)
    dice = random.Random(4)
    found, wanted = forward.Forward(), {}
    for no in sorted(dice.sample(range(60), 25)):
        wanted[no] = sorted(dice.sample(range(40), dice.randrange(6)))
        found.append(no, array("I", wanted[no]))
    for _ in range(300):
        no = dice.randrange(90)
        wanted[no] = sorted(dice.sample(range(40), dice.randrange(6)))
        found.put(no, wanted[no])
        assert [list(found.of(each)) for each in range(95)] == [wanted.get(each, []) for each in range(95)]
        products = BitMap(dice.sample(range(95), dice.randrange(95)))
        expected = Counter(value for each in products for value in wanted.get(each, ()))
        assert found.counts(products, 50).tolist() == [expected[value] for value in range(50)]
