"""What was worked out lately is kept within bounds."""

from __future__ import annotations

import random

from feria_core.recent import Recent


def test_the_value_that_nobody_asked_for_longest_goes_first() -> None:
    recent = Recent[str, int](2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.get("a") == 1
    recent.keep("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)


def test_values_that_are_weighed_never_weigh_more_together_than_they_may() -> None:
    dice = random.Random(1)
    recent = Recent[int, int](20, most=100, weigh=lambda value: value)
    kept: dict[int, int] = {}
    for _ in range(2000):
        key, value = dice.randrange(40), dice.randrange(30)
        recent.keep(key, value)
        kept[key] = value
        there = {each: known for each in kept if (known := recent.get(each)) is not None}
        assert there.items() <= kept.items()
        assert sum(there.values()) <= 100
        assert len(there) == len(recent) <= 20
        assert there.get(key) == value


def test_a_value_that_weighs_more_than_all_may_is_not_kept_but_everything_works() -> None:
    recent = Recent[str, int](20, most=100, weigh=lambda value: value)
    recent.keep("small", 60)
    recent.keep("huge", 101)
    assert recent.get("huge") is None
    recent.keep("other", 100)
    assert recent.get("other") == 100
