"""The one function that prices: flash sales first, then promotions by priority, each explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import sub
from uuid import UUID

from feria_promotions.pricing.eligibility import Eligible, judge
from feria_promotions.pricing.facts import Basket, Code, FlashOffer, Promotion, Stacking
from feria_promotions.pricing.flash import flash_prices
from feria_promotions.pricing.quote import Applied, Blocked, PricedLine, Quote, Rule
from feria_promotions.pricing.reductions import Cut, Missed
from feria_promotions.pricing.sheet import Sheet


def price(
    basket: Basket,
    promotions: Sequence[Promotion],
    *,
    now: datetime,
    codes: Sequence[Code] = (),
    flash: Sequence[FlashOffer] = (),
) -> Quote:
    """Return what the basket costs at `now`, and for each promotion why it does or does not apply.

    Prices of price lists have come with the lines: `unit_price` is what the catalog asks this buyer for that
    quantity. An exclusive promotion never joins others: the buyer gets the best exclusive one, or all the others
    together, whichever saves more. Deterministic: neither the order of lines, promotions, codes nor sales changes
    any figure. A line never falls below zero, so the total never does.
    """
    on_sale, not_on_sale = flash_prices(flash, basket, now)
    sheet = Sheet(basket.lines, [one.amounts for one in on_sale])
    asked = [_Asked(one, judge(one, basket, sheet, codes, now)) for one in sorted(promotions, key=_turn)]

    def run(some: list[_Asked]) -> _Run:
        return _Run(sheet, basket.shipping).through(some)

    together = run([one for one in asked if one.promotion.stacking is not Stacking.EXCLUSIVE])
    alone = [run([one]) for one in asked if one.promotion.stacking is Stacking.EXCLUSIVE]
    chosen = max([together, *alone], key=lambda one: (one.saving, bool(one.joined)))
    blocked = [*not_on_sale, *_explained(chosen, [together, *alone])]
    return Quote(
        basket.currency,
        chosen.priced_lines(),
        (*on_sale, *chosen.applied()),
        tuple(sorted(blocked, key=lambda one: (one.promotion_id, one.rule))),
    )


def _turn(promotion: Promotion) -> tuple[int, UUID]:
    """Return what promotions take their turns by."""
    return -promotion.priority, promotion.id


def _explained(chosen: _Run, runs: Sequence[_Run]) -> Iterable[Blocked]:
    """Give what was blocked in any run, and for what would have applied in another one what stood in its way."""
    for run in runs:
        yield from run.blocked
        if run is not chosen:
            winner = chosen.joined[0].promotion.id if chosen.joined else None
            rule = Rule.CANNOT_JOIN if chosen is runs[0] else Rule.STOPPED_BY_EXCLUSIVE
            for one in run.joined:
                yield Blocked(one.promotion.id, one.promotion.label, rule, other=winner)


@dataclass(slots=True)
class _Asked:
    """A promotion and what it may take from, or the rule that stops it: the same in every run."""

    promotion: Promotion
    judged: Eligible | Missed


@dataclass(slots=True)
class _Joined:
    """A promotion that was let in; `shares` are what it takes at each place, once that was asked for."""

    promotion: Promotion
    code: str | None
    cut: Cut
    shares: Sequence[int] | None = None


class _Run:
    """One way to price: what is left of each line after the promotions that were let in."""

    def __init__(self, sheet: Sheet, shipping: int) -> None:
        self._sheet = sheet
        self._shipping = shipping
        self._left: Sequence[int] = sheet.asked
        self._best: dict[str, UUID] = {}
        self.joined: list[_Joined] = []
        self.blocked: list[Blocked] = []

    def through(self, some: Sequence[_Asked]) -> _Run:
        """Let each of the promotions, in this order, apply or be blocked; return the run."""
        for asked in some:
            promotion, other = asked.promotion, None
            found = self._attempt(asked)
            if promotion.stacking is Stacking.BEST and not isinstance(found, Missed):
                other = self._best_of(promotion.lane, some)
                if other != promotion.id:
                    found = Missed(Rule.ANOTHER_SAVES_MORE)
            if isinstance(found, Missed):
                self.blocked.append(Blocked(promotion.id, promotion.label, found.rule, found.missing, other))
            else:
                self.joined.append(found)
        return self

    @property
    def saving(self) -> int:
        """What the promotions save, shipping included as far as its price is known."""
        shipping = sum([one.cut.shipping or 0 for one in self.joined])
        return sum([one.cut.total for one in self.joined]) + min(shipping, self._shipping)

    def applied(self) -> list[Applied]:
        """Return what each of those that were let in takes, in their order."""
        self._rest()
        return [
            Applied(
                one.promotion.id, one.promotion.label, self._sheet.by_id(one.cut.places, one.shares or ()),
                one.cut.shipping or 0, one.code,
            )
            for one in self.joined
        ]  # fmt: skip

    def priced_lines(self) -> tuple[PricedLine, ...]:
        """Return each line with what was taken off it in all."""
        sheet = self._sheet
        return tuple(
            [
                PricedLine(line_id, total, total - left)
                for line_id, total, left in zip(sheet.ids, sheet.totals, self._rest(), strict=True)
            ]
        )

    def _attempt(self, asked: _Asked) -> _Joined | Missed:
        """Return the promotion with what it would take of what is left now."""
        eligible = asked.judged
        if isinstance(eligible, Missed):
            return eligible
        cut = asked.promotion.reduction.cut(eligible.places, self._rest(), self._sheet)
        return cut if isinstance(cut, Missed) else _Joined(asked.promotion, eligible.code, cut)

    def _rest(self) -> Sequence[int]:
        """Return what is left of each line now.

        Only here is the last cut spread over its lines: of a run that is not chosen nobody asks for that. Every list
        is a new one, since the cuts of before hold theirs as weights.
        """
        last = self.joined[-1] if self.joined else None
        if last is not None and last.shares is None:
            last.shares = last.cut.shares()
            if len(last.shares) == len(self._left):
                self._left = list(map(sub, self._left, last.shares))
            else:
                left = list(self._left)
                for place, share in zip(last.cut.places, last.shares, strict=True):
                    left[place] -= share
                self._left = left
        return self._left

    def _best_of(self, lane: str, some: Sequence[_Asked]) -> UUID:
        """Return which of the lane's `best` ones saves most, decided when the first that can apply has its turn."""
        if lane not in self._best:
            rivals = [
                one for one in some if one.promotion.stacking is Stacking.BEST and one.promotion.lane == lane
            ]  # fmt: skip
            # The first of equals: they come by priority, then by id.
            self._best[lane] = max(rivals, key=self._saving_of).promotion.id
        return self._best[lane]

    def _saving_of(self, asked: _Asked) -> int:
        found = self._attempt(asked)
        return -1 if isinstance(found, Missed) else found.cut.total + min(found.cut.shipping or 0, self._shipping)
