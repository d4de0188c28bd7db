"""The one function that prices: flash sales first, then promotions by priority, each explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from feria_promotions.pricing.eligibility import Eligible, judge
from feria_promotions.pricing.facts import Basket, Code, FlashOffer, Promotion, Stacking
from feria_promotions.pricing.flash import flash_prices
from feria_promotions.pricing.quote import Applied, Blocked, PricedLine, Quote, Rule
from feria_promotions.pricing.reductions import Cut, Missed, Open


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
    ordered = sorted(promotions, key=lambda one: (-one.priority, one.id))

    counter = _Counter(basket, codes, now, on_sale)

    def run(some: Iterable[Promotion]) -> _Run:
        return _Run(counter).through(list(some))

    together = run(one for one in ordered if one.stacking is not Stacking.EXCLUSIVE)
    alone = [run([one]) for one in ordered if one.stacking is Stacking.EXCLUSIVE]
    chosen = max([together, *alone], key=lambda one: (one.saving, bool(one.joined)))
    blocked = [*not_on_sale, *_explained(chosen, [together, *alone])]
    return Quote(
        basket.currency,
        chosen.priced_lines(),
        (*on_sale, *chosen.joined),
        tuple(sorted(blocked, key=lambda one: (one.promotion_id, one.rule))),
    )


def _explained(chosen: _Run, runs: Sequence[_Run]) -> Iterable[Blocked]:
    """Give what was blocked in any run, and for what would have applied in another one what stood in its way."""
    for run in runs:
        yield from run.blocked
        if run is not chosen:
            winner = chosen.joined[0].promotion_id if chosen.joined else None
            rule = Rule.CANNOT_JOIN if chosen is runs[0] else Rule.STOPPED_BY_EXCLUSIVE
            for one in run.joined:
                yield Blocked(one.promotion_id, one.label, rule, other=winner)


class _Counter:
    """What is the same in every run: the lines at the prices asked, and what each promotion may take from."""

    def __init__(self, basket: Basket, codes: Sequence[Code], now: datetime, on_sale: Sequence[Applied]) -> None:
        self.basket, self._codes, self._now = basket, codes, now
        self.lines = sorted(basket.lines, key=lambda line: line.id)
        self.places = {line.id: place for place, line in enumerate(self.lines)}
        asked = {line.id: line.total for line in self.lines}
        for reduction in on_sale:
            for line_id, amount in reduction.amounts.items():
                asked[line_id] -= amount
        self._asked = [asked[line.id] for line in self.lines]
        self._judged: dict[UUID, Eligible | Missed] = {}

    def opened(self) -> list[Open]:
        """Return the lines with all that is asked still left."""
        return [Open(line, asked, asked) for line, asked in zip(self.lines, self._asked, strict=True)]

    def judged(self, promotion: Promotion, lines: Sequence[Open]) -> Eligible | Missed:
        """Return what the promotion may take from, or the rule that stops it; worked out once for all runs."""
        found = self._judged.get(promotion.id)
        if found is None:
            found = judge(promotion, self.basket, lines, self._codes, self._now)
            self._judged[promotion.id] = found
        return found


class _Run:
    """One way to price: what is left of each line after the promotions that were let in."""

    def __init__(self, counter: _Counter) -> None:
        self._counter = counter
        self._lines = counter.opened()
        self._best: dict[str, UUID] = {}
        self.joined: list[Applied] = []
        self.blocked: list[Blocked] = []

    def through(self, promotions: Sequence[Promotion]) -> _Run:
        """Let each of the promotions, in this order, apply or be blocked; return the run."""
        for promotion in promotions:
            found = self._attempt(promotion)
            other = None
            if not isinstance(found, Missed) and promotion.stacking is Stacking.BEST:
                other = self._best_of(promotion.lane, promotions)
                if other != promotion.id:
                    found = Missed(Rule.ANOTHER_SAVES_MORE)
            if isinstance(found, Missed):
                self.blocked.append(Blocked(promotion.id, promotion.label, found.rule, found.missing, other))
                continue
            eligible, cut = found
            applied = Applied(promotion.id, promotion.label, cut.amounts, cut.shipping or 0, eligible.code)
            self._take(applied)
            self.joined.append(applied)
        return self

    @property
    def saving(self) -> int:
        """What the promotions save, shipping included as far as its price is known."""
        return sum(one.total for one in self.joined) + self._shipping(sum(one.shipping for one in self.joined))

    def priced_lines(self) -> tuple[PricedLine, ...]:
        return tuple(PricedLine(one.line.id, one.line.total, one.line.total - one.left) for one in self._lines)

    def _attempt(self, promotion: Promotion) -> tuple[Eligible, Cut] | Missed:
        """Return what the promotion would take of what is left now."""
        eligible = self._counter.judged(promotion, self._lines)
        if isinstance(eligible, Missed):
            return eligible
        lines = self._lines
        selected = lines if len(eligible.places) == len(lines) else [lines[place] for place in eligible.places]
        cut = promotion.reduction.cut(selected, lines)
        return cut if isinstance(cut, Missed) else (eligible, cut)

    def _best_of(self, lane: str, promotions: Sequence[Promotion]) -> UUID:
        """Return which of the lane's `best` ones saves most, decided when the first that can apply has its turn."""
        if lane not in self._best:
            rivals = [one for one in promotions if one.stacking is Stacking.BEST and one.lane == lane]
            # The first of equals: they come by priority, then by id.
            self._best[lane] = max(rivals, key=self._saving_of).id
        return self._best[lane]

    def _saving_of(self, promotion: Promotion) -> int:
        found = self._attempt(promotion)
        if isinstance(found, Missed):
            return -1
        return sum(found[1].amounts.values()) + self._shipping(found[1].shipping or 0)

    def _shipping(self, reduction: int) -> int:
        return min(reduction, self._counter.basket.shipping)

    def _take(self, reduction: Applied) -> None:
        for line_id, amount in reduction.amounts.items():
            self._lines[self._counter.places[line_id]].left -= amount
