"""Each rule that can stop a promotion is named, with what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from feria_promotions.pricing import (
    Basket,
    Buyer,
    BuyGet,
    Code,
    Conditions,
    Fixed,
    FlashOffer,
    FreeShipping,
    Gift,
    Line,
    Percent,
    Promotion,
    Rule,
    Selection,
    Stacking,
    Tier,
    Tiers,
    price,
)
from feria_promotions.pricing.quote import Blocked

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
CHAIR, TABLE, VASE = UUID(int=11), UUID(int=12), UUID(int=13)
ANA = Buyer(UUID(int=21), frozenset(["retail"]), orders=2)
CHAIRS = Line(UUID(int=31), CHAIR, UUID(int=41), 2, 5_000, "acme", frozenset(["furniture", "chairs"]))
TABLES = Line(UUID(int=32), TABLE, UUID(int=42), 1, 20_000, "brio", frozenset(["furniture", "tables"]))
BASKET = Basket("USD", (CHAIRS, TABLES), frozenset(["WELCOME"]), ANA)
GUESTS = replace(BASKET, buyer=Buyer())
TEN = Promotion(ONE, "Ten off", Percent(1_000))
ON_CODE = replace(TEN, needs_code=True)
WELCOME = Code("WELCOME", ONE)
VASES = Line(UUID(int=33), VASE, UUID(int=43), 1, 0, None, frozenset(["decoration"]))


def when(**conditions):
    return replace(TEN, conditions=Conditions(**conditions))


def only(**selection):
    return when(selection=Selection(**selection))


def flash(**changes):
    return FlashOffer(**{
        "sale_id": ONE, "label": "Flash", "variant_id": CHAIR, "unit_price": 4_000,
        "starts_at": NOW - HOUR, "ends_at": NOW + HOUR, **changes,
    })  # fmt: skip


CASES = {
    "switched off": ([replace(TEN, is_active=False)], {}, Rule.NOT_ACTIVE, None),
    "not yet": ([replace(TEN, starts_at=NOW + HOUR)], {}, Rule.NOT_STARTED, None),
    "over to the instant": ([replace(TEN, ends_at=NOW)], {}, Rule.ENDED, None),
    "names another currency": ([replace(TEN, currency="EUR")], {}, Rule.OTHER_CURRENCY, None),
    "no code": ([ON_CODE], {}, Rule.CODE_MISSING, None),
    "code not given": ([ON_CODE], {"codes": [Code("SECRET", ONE)]}, Rule.CODE_MISSING, None),
    "code over": ([ON_CODE], {"codes": [replace(WELCOME, ends_at=NOW)]}, Rule.CODE_EXPIRED, None),
    "code used up": ([ON_CODE], {"codes": [replace(WELCOME, usage_limit=1, used=1)]}, Rule.CODE_USED_UP, None),
    "code of another": ([ON_CODE], {"codes": [replace(WELCOME, customer_id=OTHER)]}, Rule.CODE_OF_ANOTHER, None),
    "used up": ([replace(TEN, usage_limit=5, used=5)], {}, Rule.USED_UP, None),
    "used up by her": ([replace(TEN, usage_limit_per_customer=1, used_by_buyer=1)], {}, Rule.CUSTOMER_USED_UP, None),
    "limit for a guest": ([replace(TEN, usage_limit_per_customer=1)], {"basket": GUESTS}, Rule.NEEDS_ACCOUNT, None),
    "group for a guest": ([when(groups=frozenset(["trade"]))], {"basket": GUESTS}, Rule.NEEDS_ACCOUNT, None),
    "another group": ([when(groups=frozenset(["trade"]))], {}, Rule.OTHER_GROUP, None),
    "not her first": ([when(is_first_order=True)], {}, Rule.NOT_FIRST_ORDER, None),
    "not her fifth": ([when(nth_order=5)], {}, Rule.NOT_NTH_ORDER, None),
    "empty": ([TEN], {"basket": replace(BASKET, lines=())}, Rule.EMPTY, None),
    "no such brand": ([only(brands=frozenset(["nobody"]))], {}, Rule.NO_ITEM_SELECTED, None),
    "no such product": ([only(products=frozenset([THIRD]))], {}, Rule.NO_ITEM_SELECTED, None),
    "all excluded": ([only(not_categories=frozenset(["furniture"]))], {}, Rule.ALL_ITEMS_EXCLUDED, None),
    "too cheap": ([when(minimum_total=35_000)], {}, Rule.MINIMUM_TOTAL, 5_000),
    "too cheap in its category": (
        [when(selection=Selection(categories=frozenset(["chairs"])), minimum_total=12_000)], {},
        Rule.MINIMUM_TOTAL, 2_000,
    ),
    "too few": ([when(minimum_quantity=5)], {}, Rule.MINIMUM_QUANTITY, 2),
    "below the first tier": (
        [replace(TEN, reduction=Tiers("quantity", (Tier(9, 500), Tier(6, 250))))], {}, Rule.TIER_NOT_REACHED, 3
    ),
    "not enough for one free": ([replace(TEN, reduction=BuyGet(3, 1))], {}, Rule.NOT_ENOUGH_BOUGHT, 1),
    "nothing to get": (
        [replace(TEN, reduction=BuyGet(2, 1, gets=Selection(variants=frozenset([VASE]))))], {},
        Rule.NOT_ENOUGH_BOUGHT, 1,
    ),
    "gift left out": ([replace(TEN, reduction=Gift(VASE))], {}, Rule.GIFT_NOT_IN_BASKET, 1),
    "nothing left": (
        [replace(TEN, priority=1, reduction=Percent(10_000)), replace(TEN, id=OTHER)], {}, Rule.NOTHING_LEFT, None
    ),
    "free already": (
        [only(variants=frozenset([VASE]))], {"basket": replace(BASKET, lines=(VASES,))}, Rule.NOTHING_LEFT, None
    ),
    "another of the lane saves more": (
        [replace(TEN, stacking=Stacking.BEST), replace(TEN, id=OTHER, stacking=Stacking.BEST, reduction=Fixed(9_000))],
        {}, Rule.ANOTHER_SAVES_MORE, None,
    ),
    "the others save more": (
        [replace(TEN, stacking=Stacking.EXCLUSIVE), replace(TEN, id=OTHER, reduction=Fixed(9_000))],
        {}, Rule.CANNOT_JOIN, None,
    ),
    "alone saves more": (
        [replace(TEN, id=OTHER, stacking=Stacking.EXCLUSIVE, reduction=Fixed(9_000)), TEN],
        {}, Rule.STOPPED_BY_EXCLUSIVE, None,
    ),
    "flash switched off": ([], {"flash": [flash(is_active=False)]}, Rule.NOT_ACTIVE, None),
    "flash not yet": ([], {"flash": [flash(starts_at=NOW + timedelta(microseconds=1))]}, Rule.NOT_STARTED, None),
    "flash over": ([], {"flash": [flash(ends_at=NOW)]}, Rule.ENDED, None),
    "flash sold out": ([], {"flash": [flash(left=0)]}, Rule.FLASH_SOLD_OUT, None),
    "flash limit of hers": ([], {"flash": [flash(left_for_buyer=0)]}, Rule.FLASH_CUSTOMER_LIMIT, None),
    "flash for accounts": ([], {"flash": [flash(needs_account=True)], "basket": GUESTS}, Rule.NEEDS_ACCOUNT, None),
    "flash no cheaper": ([], {"flash": [flash(unit_price=5_000)]}, Rule.FLASH_NOT_CHEAPER, None),
    "flash of another": ([], {"flash": [flash(variant_id=VASE)]}, Rule.FLASH_NOT_IN_BASKET, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_rule_that_stops_it_is_named(name):
    found, given, rule, missing = CASES[name]
    quote = price(
        given.get("basket", BASKET), found, now=NOW, codes=given.get("codes", ()), flash=given.get("flash", ())
    )
    [blocked] = quote.blocked
    assert (blocked.rule, blocked.missing) == (rule, missing)


def test_what_stands_in_the_way_is_named():
    best = [
        replace(TEN, stacking=Stacking.BEST),
        replace(TEN, id=OTHER, stacking=Stacking.BEST, reduction=Fixed(9_000)),
    ]
    assert price(BASKET, best, now=NOW).blocked == (Blocked(ONE, "Ten off", Rule.ANOTHER_SAVES_MORE, other=OTHER),)


def amounts(quote):
    return {line.id: line.discount for line in quote.lines}


def test_ten_percent_of_everything():
    assert amounts(price(BASKET, [TEN], now=NOW)) == {CHAIRS.id: 1_000, TABLES.id: 2_000}


def test_a_cap_is_split_by_largest_remainder():
    capped = replace(TEN, reduction=Percent(1_000, cap=1_000))
    assert amounts(price(BASKET, [capped], now=NOW)) == {CHAIRS.id: 333, TABLES.id: 667}


def test_a_fixed_amount_takes_no_more_than_there_is():
    assert price(BASKET, [replace(TEN, reduction=Fixed(99_999))], now=NOW).total == 0


def test_the_highest_tier_that_is_reached_counts():
    tiers = replace(TEN, reduction=Tiers("total", (Tier(10_000, 500), Tier(30_000, 1_000), Tier(50_000, 2_000))))
    assert price(BASKET, [tiers], now=NOW).discount == 3_000


def test_of_three_chairs_the_third_is_free_as_often_as_there_are_three():
    chairs = replace(BASKET, lines=(CHAIRS._replace(quantity=7),))
    three_for_two = replace(TEN, reduction=BuyGet(2, 1))
    assert price(chairs, [three_for_two], now=NOW).discount == 10_000
    once = replace(TEN, reduction=BuyGet(2, 1, times=1))
    assert price(chairs, [once], now=NOW).discount == 5_000


def test_the_cheapest_units_are_given():
    assert amounts(price(BASKET, [replace(TEN, reduction=BuyGet(2, 1))], now=NOW)) == {CHAIRS.id: 5_000, TABLES.id: 0}


def test_who_buys_a_table_gets_a_chair_at_half_price():
    chosen = Conditions(selection=Selection(categories=frozenset(["tables"])))
    half = BuyGet(1, 1, 5_000, gets=Selection(categories=frozenset(["chairs"])))
    assert amounts(price(BASKET, [replace(TEN, conditions=chosen, reduction=half)], now=NOW)) == {
        CHAIRS.id: 2_500, TABLES.id: 0,
    }  # fmt: skip


def test_a_gift_in_the_basket_is_free():
    with_vase = replace(BASKET, lines=(CHAIRS, VASES._replace(unit_price=1_500)))
    assert amounts(price(with_vase, [replace(TEN, reduction=Gift(VASE))], now=NOW)) == {CHAIRS.id: 0, VASES.id: 1_500}


def test_free_shipping_takes_the_shipping_and_no_more():
    quote = price(BASKET, [replace(TEN, reduction=FreeShipping())], now=NOW)
    assert (quote.discount, quote.shipping_discount(700)) == (0, 700)
    capped = price(BASKET, [replace(TEN, reduction=FreeShipping(cap=500))], now=NOW)
    assert capped.shipping_discount(700) == 500


def test_pieces_past_the_cap_of_a_flash_sale_cost_the_normal_price():
    quote = price(BASKET, [], now=NOW, flash=[flash(left=1)])
    assert amounts(quote) == {CHAIRS.id: 1_000, TABLES.id: 0}
    assert quote.applied[0].units == {CHAIR: 1}


def test_a_window_opens_at_its_first_instant():
    assert price(BASKET, [replace(TEN, starts_at=NOW)], now=NOW).discount == 3_000
    assert price(BASKET, [], now=NOW, flash=[flash(starts_at=NOW)]).discount == 2_000


def test_promotions_join_one_after_another():
    after = replace(TEN, id=OTHER, priority=-1)
    assert price(BASKET, [TEN, after], now=NOW).total == 24_300


def test_a_code_admits_and_is_told():
    quote = price(BASKET, [ON_CODE], now=NOW, codes=[WELCOME])
    assert (quote.discount, quote.applied[0].code) == (3_000, "WELCOME")


def test_her_third_order_is_cheaper():
    assert price(BASKET, [when(nth_order=3)], now=NOW).discount == 3_000
