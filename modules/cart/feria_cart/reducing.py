"""What adjustments take off the lines of a basket, in their order and no line below zero: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment, LineAmounts


def take_off(left: dict[UUID, int], adjustments: Sequence[Adjustment], currency: str) -> list[int]:
    """Lower what is `left` of each item, in minor units; return what each adjustment has really taken off."""
    wanted = [_minor_units(one.amounts, currency) for one in adjustments]
    taken = _added_up(left, wanted)
    return taken if taken is not None else [_capped(left, one) for one in wanted]


def _minor_units(amounts: Mapping[UUID, Money], currency: str) -> Mapping[UUID, int]:
    """Return what is to be taken off each line; amounts of another currency are nobody's here."""
    if isinstance(amounts, LineAmounts):
        return amounts.minor if amounts.currency == currency else {}
    return {item_id: one.amount for item_id, one in amounts.items() if one.currency == currency}


def _added_up(left: dict[UUID, int], wanted: Sequence[Mapping[UUID, int]]) -> list[int] | None:
    """Take all of it off and return the sums, where each is of a line and no line has too little; else change nothing.

    So it is nearly always, and then nobody has to look at every amount by itself.
    """
    off = dict.fromkeys(left, 0)
    try:
        for amounts in wanted:
            for item_id, amount in amounts.items():
                off[item_id] += amount
    except KeyError:
        return None
    if any(amounts and min(amounts.values()) < 0 for amounts in wanted):
        return None
    rest = {item_id: there - off[item_id] for item_id, there in left.items()}
    if rest and min(rest.values()) < 0:
        return None
    left.update(rest)
    return [sum(amounts.values()) for amounts in wanted]


def _capped(left: dict[UUID, int], wanted: Mapping[UUID, int]) -> int:
    """Take off what the lines still have; return how much that was."""
    taken_in_all = 0
    for item_id, amount in wanted.items():
        taken = min(amount, left.get(item_id, 0))
        if taken > 0:
            left[item_id] -= taken
            taken_in_all += taken
    return taken_in_all
