"""What adjustments take off the lines of a basket, in their order and no line below zero: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment, LineAmounts

# The items of a reduction, and what it is to take off each, in minor units.
Column = tuple[Sequence[UUID], Sequence[int]]


def take_off(left: dict[UUID, int], adjustments: Sequence[Adjustment], currency: str) -> list[int]:
    """Lower what is `left` of each item, in minor units; return what each adjustment has really taken off."""
    wanted = [_column(one.amounts, currency) for one in adjustments]
    taken = _added_up(left, wanted)
    return taken if taken is not None else [_capped(left, *one) for one in wanted]


def _column(amounts: Mapping[UUID, Money], currency: str) -> Column:
    """Return what is to be taken off each item; amounts of another currency are nobody's here."""
    if isinstance(amounts, LineAmounts):
        return (amounts.item_ids, amounts.minor) if amounts.currency == currency else ((), ())
    ours = {item_id: one.amount for item_id, one in amounts.items() if one.currency == currency}
    return tuple(ours), tuple(ours.values())


def _added_up(left: dict[UUID, int], wanted: Sequence[Column]) -> list[int] | None:
    """Take all of it off and return the sums, where each is of an item and none has too little; else change nothing.

    So it is nearly always, and then nobody has to look at every amount by itself: those of one list of items, which
    is the whole cart more often than not, are added up together.
    """
    if min([min(amounts) for _, amounts in wanted if amounts], default=0) < 0:
        return None
    rest, together = dict(left), dict[int, tuple[Sequence[UUID], list[Sequence[int]]]]()
    for item_ids, amounts in wanted:
        together.setdefault(id(item_ids), (item_ids, []))[1].append(amounts)
    try:
        for item_ids, columns in together.values():
            for item_id, off in zip(item_ids, map(sum, zip(*columns, strict=True)), strict=True):
                rest[item_id] -= off
    except KeyError:
        return None
    if rest and min(rest.values()) < 0:
        return None
    left.update(rest)
    return [sum(amounts) for _, amounts in wanted]


def _capped(left: dict[UUID, int], item_ids: Sequence[UUID], wanted: Sequence[int]) -> int:
    """Take off what the items still have; return how much that was."""
    taken_in_all = 0
    for item_id, amount in zip(item_ids, wanted, strict=True):
        taken = min(amount, left.get(item_id, 0))
        if taken > 0:
            left[item_id] -= taken
            taken_in_all += taken
    return taken_in_all
