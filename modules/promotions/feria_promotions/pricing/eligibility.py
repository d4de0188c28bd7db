"""Whether a promotion may apply to a basket at a moment, and if not, by which rule. The first that fails is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from feria_promotions.pricing.facts import Basket, Buyer, Code, Conditions, Promotion
from feria_promotions.pricing.quote import Rule
from feria_promotions.pricing.reductions import Gift, Missed
from feria_promotions.pricing.sheet import Sheet


class Eligible(NamedTuple):
    """A promotion that may take from the lines at these places, and the code that let it in."""

    promotion: Promotion
    places: Sequence[int]
    code: str | None


def judge(
    promotion: Promotion, basket: Basket, sheet: Sheet, codes: Sequence[Code], now: datetime
) -> Eligible | Missed:
    """Return what the promotion may take from, or the rule that stops it.

    Of the lines only what is asked for them counts, not what is left: the answer holds for every order of promotions.
    """
    code = _admitting(promotion, basket, codes, now) if promotion.needs_code else None
    if isinstance(code, Missed):
        return code
    if promotion.is_bound or promotion.currency != basket.currency:
        stopped = _by_bounds(promotion, basket, now)
        if stopped is not None:
            return stopped
    selected = _selected(promotion, sheet)
    return selected if isinstance(selected, Missed) else Eligible(promotion, selected, code.text if code else None)


def _by_bounds(promotion: Promotion, basket: Basket, now: datetime) -> Missed | None:
    return (
        _by_state(promotion, now)
        or _by_currency(promotion, basket)
        or _by_limits(promotion, basket.buyer)
        or _by_buyer(promotion.conditions, basket.buyer)
    )


def _by_currency(promotion: Promotion, basket: Basket) -> Missed | None:
    if promotion.currency is not None and promotion.currency != basket.currency:
        return Missed(Rule.OTHER_CURRENCY)
    return None


def _by_state(promotion: Promotion, now: datetime) -> Missed | None:
    """A window holds from its first instant up to, not including, its last."""
    if not promotion.is_active:
        return Missed(Rule.NOT_ACTIVE)
    if promotion.starts_at is not None and now < promotion.starts_at:
        return Missed(Rule.NOT_STARTED)
    if promotion.ends_at is not None and now >= promotion.ends_at:
        return Missed(Rule.ENDED)
    return None


def _admitting(promotion: Promotion, basket: Basket, codes: Sequence[Code], now: datetime) -> Code | Missed:
    """Return the code that admits; of several the first by text that holds."""
    given = sorted(
        (code for code in codes if code.promotion_id == promotion.id and code.text in basket.codes),
        key=lambda code: code.text,
    )
    if not given:
        return Missed(Rule.CODE_MISSING)
    refusals = [_of_code(code, basket.buyer, now) for code in given]
    holding = next((code for code, refusal in zip(given, refusals, strict=True) if refusal is None), None)
    return holding or refusals[0] or Missed(Rule.CODE_MISSING)


def _of_code(code: Code, buyer: Buyer, now: datetime) -> Missed | None:
    if code.customer_id is not None and code.customer_id != buyer.id:
        return Missed(Rule.CODE_OF_ANOTHER)
    if code.ends_at is not None and now >= code.ends_at:
        return Missed(Rule.CODE_EXPIRED)
    if code.usage_limit is not None and code.used >= code.usage_limit and not code.is_claimed:
        return Missed(Rule.CODE_USED_UP)
    return None


def _by_limits(promotion: Promotion, buyer: Buyer) -> Missed | None:
    if promotion.usage_limit_per_customer is not None and buyer.id is None:
        return Missed(Rule.NEEDS_ACCOUNT)
    if promotion.is_claimed:
        return None
    if promotion.usage_limit is not None and promotion.used >= promotion.usage_limit:
        return Missed(Rule.USED_UP)
    limit = promotion.usage_limit_per_customer
    if limit is not None and promotion.used_by_buyer >= limit:
        return Missed(Rule.CUSTOMER_USED_UP)
    return None


def _by_buyer(conditions: Conditions, buyer: Buyer) -> Missed | None:
    if conditions.ask_for_buyer and buyer.id is None:
        return Missed(Rule.NEEDS_ACCOUNT)
    if conditions.groups and conditions.groups.isdisjoint(buyer.groups):
        return Missed(Rule.OTHER_GROUP)
    if conditions.is_first_order and buyer.orders > 0:
        return Missed(Rule.NOT_FIRST_ORDER)
    if conditions.nth_order is not None and buyer.orders + 1 != conditions.nth_order:
        return Missed(Rule.NOT_NTH_ORDER)
    return None


def _selected(promotion: Promotion, sheet: Sheet) -> Sequence[int] | Missed:
    """Return the places of the lines meant, as they came; minimums count them, not a gift that they bring."""
    if not sheet.lines:
        return Missed(Rule.EMPTY)
    conditions = promotion.conditions
    if conditions.take_all:
        return sheet.all
    named = conditions.selection.named(sheet)
    if not named:
        return Missed(Rule.NO_ITEM_SELECTED)
    places = conditions.selection.without(sheet, named)
    if not places:
        return Missed(Rule.ALL_ITEMS_EXCLUDED)
    if conditions.minimum_total or conditions.minimum_quantity:
        return _by_minimum(promotion, places, sheet) or places
    return places


def _by_minimum(promotion: Promotion, places: Sequence[int], sheet: Sheet) -> Missed | None:
    conditions = promotion.conditions
    gift = promotion.reduction.variant_id if isinstance(promotion.reduction, Gift) else None
    if gift is not None:
        places = [place for place in places if sheet.lines[place].variant_id != gift]
    if conditions.minimum_total:
        total = sum(sheet.of(places, sheet.asked))
        if total < conditions.minimum_total:
            return Missed(Rule.MINIMUM_TOTAL, conditions.minimum_total - total)
    if conditions.minimum_quantity:
        quantity = sum(sheet.of(places, sheet.quantities))
        if quantity < conditions.minimum_quantity:
            return Missed(Rule.MINIMUM_QUANTITY, conditions.minimum_quantity - quantity)
    return None
