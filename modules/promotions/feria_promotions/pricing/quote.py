"""What pricing answers: every amount with its reason, and for what did not apply the rule that stopped it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID


class Rule(StrEnum):
    """Why a promotion, a code or a flash sale does not apply; the names are stable, frontends may show them."""

    NOT_ACTIVE = "not_active"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    OTHER_CURRENCY = "other_currency"
    CODE_MISSING = "code_missing"
    CODE_EXPIRED = "code_expired"
    CODE_USED_UP = "code_used_up"
    CODE_OF_ANOTHER = "code_of_another"
    USED_UP = "usage_limit_reached"
    CUSTOMER_USED_UP = "customer_limit_reached"
    NEEDS_ACCOUNT = "account_needed"
    OTHER_GROUP = "not_in_group"
    NOT_FIRST_ORDER = "not_first_order"
    NOT_NTH_ORDER = "not_nth_order"
    EMPTY = "basket_empty"
    NO_ITEM_SELECTED = "no_matching_item"
    ALL_ITEMS_EXCLUDED = "all_items_excluded"
    MINIMUM_TOTAL = "minimum_total_not_met"
    MINIMUM_QUANTITY = "minimum_quantity_not_met"
    TIER_NOT_REACHED = "tier_not_reached"
    NOT_ENOUGH_BOUGHT = "not_enough_bought"
    GIFT_NOT_IN_BASKET = "gift_not_in_basket"
    NOTHING_LEFT = "nothing_left_to_reduce"
    STOPPED_BY_EXCLUSIVE = "stopped_by_exclusive"
    CANNOT_JOIN = "cannot_be_combined"
    ANOTHER_SAVES_MORE = "another_saves_more"
    FLASH_SOLD_OUT = "flash_sold_out"
    FLASH_CUSTOMER_LIMIT = "flash_customer_limit_reached"
    FLASH_NOT_CHEAPER = "flash_not_cheaper"
    FLASH_NOT_IN_BASKET = "flash_item_not_in_basket"


class Applied(NamedTuple):
    """What one promotion takes: `taken[i]` of the line `line_ids[i]`; `shipping` is the most it takes off the shipping.

    `units` is how many pieces a flash sale gives at its price, by variant: what completing claims of its cap.
    """

    promotion_id: UUID
    label: str
    line_ids: Sequence[UUID]
    taken: Sequence[int]
    shipping: int = 0
    code: str | None = None
    units: Mapping[UUID, int] | None = None

    @property
    def amounts(self) -> dict[UUID, int]:
        """What it takes off each line, where that is more than nothing."""
        return {line_id: amount for line_id, amount in zip(self.line_ids, self.taken, strict=True) if amount}

    @property
    def total(self) -> int:
        """What it takes off the goods."""
        return sum(self.taken)


class Blocked(NamedTuple):
    """Why one does not apply: `missing` units or minor units would help, or the promotion `other` stands in its way."""

    promotion_id: UUID
    label: str
    rule: Rule
    missing: int | None = None
    other: UUID | None = None


class PricedLine(NamedTuple):
    """A line and what is taken off it: `total = subtotal - discount`, never below zero."""

    id: UUID
    subtotal: int
    discount: int

    @property
    def total(self) -> int:
        return self.subtotal - self.discount


@dataclass(frozen=True, eq=False)
class Quote:
    """The price of a basket, explained: what applied, in the order in which it did.

    The lines, and why the others do not apply, are put together where they are asked for: a cart asks for neither.
    """

    currency: str
    applied: tuple[Applied, ...]
    price_lines: Callable[[], tuple[PricedLine, ...]] = field(repr=False)
    explain: Callable[[], Iterable[Blocked]] = field(repr=False)

    @cached_property
    def lines(self) -> tuple[PricedLine, ...]:
        """Return the lines by ascending id, with what is taken off each in all."""
        return self.price_lines()

    @cached_property
    def blocked(self) -> tuple[Blocked, ...]:
        """Return what does not apply, by promotion, with the rules that stop it."""
        return tuple(sorted(self.explain(), key=lambda one: (one.promotion_id, one.rule)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quote) and self._told() == other._told()

    __hash__ = None  # type: ignore[assignment]

    def _told(self) -> tuple[object, ...]:
        return self.currency, self.lines, self.applied, self.blocked

    @property
    def subtotal(self) -> int:
        return sum(line.subtotal for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal - self.discount

    def shipping_discount(self, shipping: int) -> int:
        """Return what is taken off a shipping price; never more than it."""
        return min(shipping, sum(one.shipping for one in self.applied))
