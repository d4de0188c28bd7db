"""The one function that prices: flash sales first, then promotions by priority, each explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter, sub
from uuid import UUID

from feria_promotions.pricing.eligibility import Eligible, judge
from feria_promotions.pricing.facts import Basket, Code, FlashOffer, Promotion, Stacking
from feria_promotions.pricing.flash import flash_prices
from feria_promotions.pricing.quote import Applied, Blocked, PricedLine, Quote, Rule
from feria_promotions.pricing.reductions import Cut, Missed
from feria_promotions.pricing.sheet import Sheet

_EXCLUSIVE, _BEST = Stacking.EXCLUSIVE, Stacking.BEST
_TURN = attrgetter("turn")


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
    joining, alone, stopped = list[Eligible](), list[Eligible](), list[tuple[Promotion, Missed]]()
    for promotion in sorted(promotions, key=_TURN):
        judged = judge(promotion, basket, sheet, codes, now)
        if isinstance(judged, Missed):
            stopped.append((promotion, judged))
        else:
            (alone if promotion.stacking is _EXCLUSIVE else joining).append(judged)
    together = _Run(sheet, basket.shipping, joining)
    single = _better(together, alone, sheet, basket.shipping)
    chosen = together if single is None else _Run(sheet, basket.shipping, [single])

    def explain() -> Iterable[Blocked]:
        others = (chosen if one is single else _Run(sheet, basket.shipping, [one]) for one in alone)
        return [*not_on_sale, *(_blocked(*one) for one in stopped), *_explained(chosen, [together, *others])]

    return Quote(basket.currency, (*on_sale, *chosen.applied()), chosen.priced_lines, explain)


def _better(together: _Run, alone: Iterable[Eligible], sheet: Sheet, shipping: int) -> Eligible | None:
    """Return the exclusive one that saves more by itself than all the others together, or None.

    Where neither saves anything yet, as free shipping before its price is known, one that applies is better than none.
    """
    best, found = (together.saving, bool(together.joined)), None
    for one in alone:
        cut = one.promotion.reduction.cut(one.places, sheet.asked, sheet)
        if not isinstance(cut, Missed) and (saving := (cut.saves(shipping), True)) > best:
            best, found = saving, one
    return found


def _blocked(promotion: Promotion, missed: Missed, other: UUID | None = None) -> Blocked:
    return Blocked(promotion.id, promotion.label, missed.rule, missed.missing, other)


def _explained(chosen: _Run, runs: Sequence[_Run]) -> Iterable[Blocked]:
    """Give what was blocked in any run, and for what would have applied in another one what stood in its way."""
    for run in runs:
        yield from (_blocked(*one) for one in run.stopped)
        if run is not chosen:
            winner = chosen.joined[0].promotion.id if chosen.joined else None
            rule = Rule.CANNOT_JOIN if chosen is runs[0] else Rule.STOPPED_BY_EXCLUSIVE
            for one in run.joined:
                yield Blocked(one.promotion.id, one.promotion.label, rule, other=winner)


class _Run:
    """One way to price: the promotions that were let in, in their order, and what is left of each line."""

    def __init__(self, sheet: Sheet, shipping: int, some: Sequence[Eligible]) -> None:
        self._sheet = sheet
        self._shipping = shipping
        self._some = some
        self._left: Sequence[int] = sheet.asked
        self._best: dict[str, UUID] = {}
        self.joined: list[Eligible] = []
        self.stopped: list[tuple[Promotion, Missed, UUID | None]] = []
        self._cuts: list[Cut] = []
        self._shares: list[Sequence[int]] = []
        for one in some:
            self._let_in(one)

    @property
    def saving(self) -> int:
        """What the promotions save, shipping included as far as its price is known."""
        off_shipping = sum([cut.shipping for cut in self._cuts if cut.shipping])
        return sum([cut.total for cut in self._cuts]) + min(self._shipping, off_shipping)

    def applied(self) -> list[Applied]:
        """Return what each of those that were let in takes, in their order."""
        ids_at = self._sheet.ids_at
        return [
            Applied(one.promotion.id, one.promotion.label, ids_at(cut.places), shares, cut.shipping or 0, one.code)
            for one, cut, shares in zip(self.joined, self._cuts, self._shares, strict=True)
        ]

    def priced_lines(self) -> tuple[PricedLine, ...]:
        """Return each line with what was taken off it in all."""
        ids, totals = self._sheet.ids, self._sheet.totals
        return tuple(map(PricedLine, ids, totals, map(sub, totals, self._left)))

    def _let_in(self, one: Eligible) -> None:
        """Let the promotion take of what is left, or note the rule that stops it."""
        promotion, other = one.promotion, None
        cut = promotion.reduction.cut(one.places, self._left, self._sheet)
        if promotion.stacking is _BEST and not isinstance(cut, Missed):
            other = self._best_of(promotion.lane)
            if other != promotion.id:
                cut = Missed(Rule.ANOTHER_SAVES_MORE)
        if isinstance(cut, Missed):
            self.stopped.append((promotion, cut, other))
        else:
            self.joined.append(one)
            self._cuts.append(cut)
            self._take(cut, cut.shares())

    def _take(self, cut: Cut, shares: Sequence[int]) -> None:
        """Lower what is left: a new list, since the cuts of before hold theirs as weights."""
        self._shares.append(shares)
        if len(shares) == len(self._left):
            self._left = list(map(sub, self._left, shares))
        else:
            self._left = left = list(self._left)
            for place, share in zip(cut.places, shares, strict=True):
                left[place] -= share

    def _best_of(self, lane: str) -> UUID:
        """Return which of the lane's `best` ones saves most, decided when the first that can apply has its turn."""
        if lane not in self._best:
            rivals = [one for one in self._some if one.promotion.stacking is _BEST and one.promotion.lane == lane]
            # The first of equals: they come by priority, then by id.
            self._best[lane] = max(rivals, key=self._saving_of).promotion.id
        return self._best[lane]

    def _saving_of(self, one: Eligible) -> int:
        cut = one.promotion.reduction.cut(one.places, self._left, self._sheet)
        return -1 if isinstance(cut, Missed) else cut.saves(self._shipping)
