"""What carts ask: which discounts apply now, and whether a code is one of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from feria_core import db, limits
from feria_core.contracts.pricing import Adjustment, Basket, GiftOffer, LineAmounts
from feria_core.http.request import client_address
from feria_core.limits import Limit
from feria_core.money import Money
from feria_core.recent import Recent
from feria_core.runtime import settings
from feria_promotions import live, standing
from feria_promotions.folding import folded
from feria_promotions.pricing import Applied, Blocked, Gift, Promotion, Quote, Rule, price
from feria_promotions.refusals import refusal_of
from feria_promotions.settings import PromotionsSettings

FIND_CODE = """
SELECT c.code, c.promotion_id FROM promotions_code c JOIN promotions_promotion p ON p.id = c.promotion_id
WHERE c.folded = $1 AND p.archived_at IS NULL
"""
# Carts whose last price a process keeps: some 30 kB each with many promotions.
_REMEMBERED = 256


class PromotionAdjuster:
    """The contribution to `price_adjusters`."""

    def __init__(self) -> None:
        self._remembered: Recent[UUID, tuple[standing.Seen, Sequence[Adjustment]]] = Recent(_REMEMBERED)

    async def adjust(self, basket: Basket) -> Sequence[Adjustment]:
        """Return what applies now; a basket that is looked at again and has changed in nothing is not priced again."""
        seen = await standing.look(basket)
        if basket.cart_id is None:
            return _adjustments(seen)
        before = self._remembered.get(basket.cart_id)
        if before is not None and before[0].holds_for(seen):
            return before[1]
        found = _adjustments(seen)
        self._remembered.keep(basket.cart_id, (seen, found))
        return found

    async def accept_code(self, code: str, basket: Basket) -> str | None:
        """Return the code as it was made up, whatever the spelling it was typed in. Raises RateLimited, CodeRefused."""
        guesses = _limits(basket.cart_id)
        for limit, who in guesses:
            await limits.hit(limit, who)
        found = await _find(code)
        if found is None:
            return None
        for limit, who in guesses:
            await limits.give_back(limit, who)
        shown, promotion_id = found
        refused = await _refusal(code, promotion_id, basket)
        if refused is not None:
            raise refusal_of(refused, shown, basket.currency)
        return shown


def _adjustments(seen: standing.Seen) -> Sequence[Adjustment]:
    known = standing.facts(seen)
    if not known.promotions and not known.flash:
        return ()
    quote = quoted(known)
    found = [_adjustment(one, seen.basket.currency) for one in quote.applied]
    gifts = seen.offered.gifts
    if gifts:
        found += [offer for one in quote.blocked if (offer := _gift(one, gifts)) is not None]
    return found


def quoted(known: standing.Facts) -> Quote:
    """Return the price by the facts."""
    return price(known.basket, known.promotions, now=known.now, codes=known.codes, flash=known.flash)


async def _find(code: str) -> tuple[str, UUID] | None:
    """Return the code's own spelling and its promotion: one read of the index."""
    key = folded(code)
    row = await db.fetch_one(FIND_CODE, key) if key else None
    return (row["code"], row["promotion_id"]) if row else None


async def _refusal(code: str, promotion_id: UUID, basket: Basket) -> Blocked | None:
    """Return the rule that stops the code's promotion in this basket, or None where the code may be kept."""
    offered = await live.load()
    if promotion_id not in offered.promotions:
        return Blocked(promotion_id, "", Rule.ENDED)
    quote = quoted(standing.facts(await standing.look(replace(basket, codes=(*basket.codes, code)))))
    return next((one for one in quote.blocked if one.promotion_id == promotion_id and one.rule not in _KEPT), None)


# A code that waits for the first item, or for its gift, is kept: it applies by itself then.
_KEPT = {Rule.EMPTY, Rule.GIFT_NOT_IN_BASKET}


def _limits(cart_id: UUID | None) -> list[tuple[Limit, str]]:
    rules = settings(PromotionsSettings)
    address = limits.address_key(client_address() or "")
    found = [(Limit("codes-of-address", rules.wrong_codes_per_address, rules.wrong_codes_window_s), address)]
    if cart_id is not None:
        found.append((Limit("codes-of-cart", rules.wrong_codes_per_cart, rules.wrong_codes_window_s), str(cart_id)))
    return found


def _adjustment(applied: Applied, currency: str) -> Adjustment:
    shipping = Money(applied.shipping, currency) if applied.shipping else None
    amounts = LineAmounts(currency, applied.line_ids, applied.taken)
    return Adjustment(str(applied.promotion_id), applied.label, amounts, shipping, applied.code, applied.units)


def _gift(blocked: Blocked, gifts: Mapping[UUID, Promotion]) -> Adjustment | None:
    """Return the gift that is there to be added, as an adjustment that takes nothing off yet."""
    promotion = gifts.get(blocked.promotion_id)
    if blocked.rule is not Rule.GIFT_NOT_IN_BASKET or promotion is None:
        return None
    gift = promotion.reduction
    assert isinstance(gift, Gift)  # noqa: S101 - the caller's choice
    return Adjustment(str(promotion.id), promotion.label, {}, gift=GiftOffer(gift.variant_id, gift.quantity))
