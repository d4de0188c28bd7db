"""What holds for every basket and every set of promotions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
VARIANTS = [UUID(int=n) for n in range(1, 7)]
PRODUCTS = [UUID(int=100 + n) for n in range(3)]
BRANDS, CATEGORIES, CODES = ["acme", "brio"], ["chairs", "tables"], ["AAA", "BBB"]
EXAMPLES = 2_000
# Amounts as small as one minor unit and as large as prices in currencies without or with three decimals are.
PRICES = st.one_of(st.integers(0, 30), st.integers(0, 5_000_000))


def some(values):
    return st.frozensets(st.sampled_from(values), max_size=2)


lines = st.builds(
    Line,
    id=st.just(UUID(int=0)),
    variant_id=st.sampled_from(VARIANTS),
    product_id=st.sampled_from(PRODUCTS),
    quantity=st.integers(1, 12),
    unit_price=PRICES,
    brand=st.sampled_from([None, *BRANDS]),
    categories=some(CATEGORIES),
)
selections = st.builds(
    Selection, products=some(PRODUCTS), brands=some(BRANDS), categories=some(CATEGORIES), not_brands=some(BRANDS)
)
conditions = st.builds(
    Conditions,
    selection=st.one_of(st.just(Selection()), selections),
    groups=some(["trade"]),
    is_first_order=st.booleans(),
    minimum_total=st.sampled_from([0, 0, 20, 10_000]),
    minimum_quantity=st.sampled_from([0, 0, 3]),
)
points = st.integers(1, 10_000)
tiers = st.lists(
    st.builds(Tier, st.integers(0, 40), st.one_of(st.just(0), points), PRICES), min_size=1, max_size=3
).map(tuple)
reductions = st.one_of(
    st.builds(Percent, points, st.one_of(st.none(), PRICES)),
    st.builds(Fixed, PRICES),
    st.builds(Tiers, st.sampled_from(["quantity", "total"]), tiers),
    st.builds(FreeShipping, st.one_of(st.none(), st.integers(0, 900))),
    st.builds(
        BuyGet, st.integers(1, 3), st.integers(1, 2), points, st.one_of(st.none(), st.integers(1, 2)),
        st.one_of(st.none(), selections),
    ),
    st.builds(Gift, st.sampled_from(VARIANTS), st.integers(1, 2)),
)  # fmt: skip


def promotions(stacking=tuple(Stacking)):
    return st.lists(
        st.builds(
            Promotion,
            id=st.just(UUID(int=0)),
            label=st.just("a promotion"),
            reduction=reductions,
            conditions=conditions,
            needs_code=st.sampled_from([False, False, True]),
            lane=st.sampled_from(["a", "b"]),
            priority=st.integers(0, 2),
            stacking=st.sampled_from(stacking),
            usage_limit_per_customer=st.sampled_from([None, None, 1]),
            ends_at=st.sampled_from([None, NOW, NOW + HOUR]),
        ),
        max_size=6,
    ).map(lambda found: [replace(one, id=UUID(int=1000 + n)) for n, one in enumerate(found)])


baskets = st.builds(
    Basket,
    currency=st.sampled_from(["JPY", "USD", "KWD"]),
    lines=st.lists(lines, max_size=6).map(lambda found: tuple(o._replace(id=UUID(int=n)) for n, o in enumerate(found))),
    codes=some(CODES),
    buyer=st.sampled_from([Buyer(), Buyer(UUID(int=9)), Buyer(UUID(int=9), frozenset(["trade"]), 2)]),
    shipping=st.sampled_from([0, 500]),
)
flash = st.lists(
    st.builds(
        FlashOffer,
        sale_id=st.integers(1, 9).map(lambda n: UUID(int=2000 + n)),
        label=st.just("flash"),
        variant_id=st.sampled_from(VARIANTS),
        unit_price=PRICES,
        starts_at=st.sampled_from([NOW - HOUR, NOW, NOW + HOUR]),
        ends_at=st.sampled_from([NOW, NOW + HOUR]),
        left=st.one_of(st.none(), st.integers(0, 5)),
        left_for_buyer=st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=3,
    unique_by=lambda offer: (offer.sale_id, offer.variant_id),
)


def codes_of(found):
    return [Code(CODES[n % 2], one.id) for n, one in enumerate(found) if one.needs_code]


def check_the_sums(basket, quote):
    """Lines add up to totals, each discount is explained by what applied, nothing falls below zero."""
    explained = {line.id: 0 for line in basket.lines}
    for applied in quote.applied:
        assert applied.shipping >= 0
        for line_id, amount in applied.amounts.items():
            assert amount > 0
            explained[line_id] += amount
    for line in quote.lines:
        assert line.discount == explained[line.id]
        assert line.total >= 0
    assert quote.subtotal == sum(line.total for line in basket.lines)
    assert quote.subtotal - quote.discount == quote.total == sum(line.total for line in quote.lines)
    assert 0 <= quote.total <= quote.subtotal
    assert 0 <= quote.shipping_discount(basket.shipping) <= basket.shipping


def price_and_check(basket, found, offers, dice):
    quote = price(basket, found, now=NOW, codes=codes_of(found), flash=offers)
    check_the_sums(basket, quote)
    told = {one.promotion_id for one in quote.applied} | {one.promotion_id for one in quote.blocked}
    assert {one.id for one in found} <= told
    shuffled_lines, shuffled, shuffled_offers = list(basket.lines), list(found), list(offers)
    for values in (shuffled_lines, shuffled, shuffled_offers):
        dice.shuffle(values)
    again = price(
        replace(basket, lines=tuple(shuffled_lines)), shuffled, now=NOW, codes=codes_of(found)[::-1],
        flash=shuffled_offers,
    )  # fmt: skip
    assert again == quote


@settings(max_examples=EXAMPLES, deadline=None)
@given(baskets, promotions(), flash, st.randoms(use_true_random=False))
def test_everything_adds_up_whatever_the_order(basket, found, offers, dice):
    price_and_check(basket, found, offers, dice)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@given(baskets, promotions(), flash, st.randoms(use_true_random=False))
def test_everything_adds_up_for_a_hundred_thousand_baskets(basket, found, offers, dice):
    price_and_check(basket, found, offers, dice)


@settings(max_examples=500, deadline=None)
@given(baskets, promotions(), promotions((Stacking.STACK,)))
def test_a_stacking_promotion_that_comes_last_never_raises_a_price(basket, found, added):
    before = price(basket, found, now=NOW, codes=codes_of(found))
    late = [replace(one, id=UUID(int=5000 + n), priority=-1, needs_code=False) for n, one in enumerate(added)]
    after = price(basket, [*found, *late], now=NOW, codes=codes_of(found))
    saved = [quote.discount + quote.shipping_discount(basket.shipping) for quote in (before, after)]
    assert saved[1] >= saved[0]


@settings(max_examples=200, deadline=None)
@given(baskets, promotions(), flash)
def test_what_is_claimed_already_is_priced_as_before_the_claim(basket, found, offers):
    limited = [replace(one, usage_limit=1) for one in found]
    before = price(basket, limited, now=NOW, codes=codes_of(found), flash=offers)
    claimed = [replace(one, used=1, used_by_buyer=1, is_claimed=True) for one in limited]
    assert price(basket, claimed, now=NOW, codes=codes_of(found), flash=offers).lines == before.lines


def test_what_is_given_comes_off_the_lines_it_is_of_whatever_their_prices():
    lines = tuple(Line(UUID(int=n), VARIANTS[n], PRODUCTS[0], 1, price) for n, price in enumerate((900, 300, 600)))
    given_all = Promotion(UUID(int=1), "three for nothing", BuyGet(buy=0, get=3))
    quote = price(Basket("USD", lines), [given_all], now=NOW)
    assert quote.applied[0].amounts == {UUID(int=0): 900, UUID(int=1): 300, UUID(int=2): 600}
    assert [line.total for line in quote.lines] == [0, 0, 0]
    half = replace(given_all, reduction=BuyGet(buy=0, get=3, basis_points=5_000))
    assert [line.discount for line in price(Basket("USD", lines), [half], now=NOW).lines] == [450, 150, 300]


def test_free_shipping_that_stands_alone_applies_before_the_price_of_shipping_is_known():
    lines = (Line(UUID(int=1), VARIANTS[0], PRODUCTS[0], 1, 500),)
    alone = Promotion(UUID(int=1), "free shipping", FreeShipping(), stacking=Stacking.EXCLUSIVE)
    assert [one.label for one in price(Basket("USD", lines), [alone], now=NOW).applied] == ["free shipping"]
    # Anything that saves more takes its place, and says so.
    other = Promotion(UUID(int=2), "one off", Fixed(1))
    quote = price(Basket("USD", lines), [alone, other], now=NOW)
    assert [one.label for one in quote.applied] == ["one off"]
    assert [(one.label, one.rule) for one in quote.blocked] == [("free shipping", Rule.CANNOT_JOIN)]
    dear = price(Basket("USD", lines, shipping=700), [alone, other], now=NOW)
    assert [one.label for one in dear.applied] == ["free shipping"]
    assert [(one.label, one.rule) for one in dear.blocked] == [("one off", Rule.STOPPED_BY_EXCLUSIVE)]


def test_of_what_is_named_in_several_ways_each_line_counts_once_and_exclusions_win():
    lines = tuple(
        Line(UUID(int=n), VARIANTS[n], PRODUCTS[n % 2], 1, 1000, brand, frozenset(categories))
        for n, (brand, *categories) in enumerate([("acme", "chairs"), ("acme", "tables"), ("brio", "tables"), (None,)])
    )
    chosen = Selection(
        products=frozenset([PRODUCTS[0]]), brands=frozenset(["acme"]), not_categories=frozenset(["chairs"])
    )
    half = Promotion(UUID(int=1), "half", Percent(5_000), Conditions(chosen))
    assert price(Basket("USD", lines), [half], now=NOW).applied[0].amounts == {UUID(int=1): 500, UUID(int=2): 500}
    everything = replace(half, conditions=Conditions(replace(chosen, not_variants=frozenset(VARIANTS))))
    assert [one.rule for one in price(Basket("USD", lines), [everything], now=NOW).blocked] == [Rule.ALL_ITEMS_EXCLUDED]
