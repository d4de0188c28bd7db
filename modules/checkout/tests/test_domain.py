"""The arithmetic adds up, to the last minor unit, whatever is sold."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feria_checkout.domain import Tax, rate_text, tax_label, total_up

LINES = st.lists(
    st.tuples(st.integers(0, 10**12), st.integers(0, 100)).map(lambda line: (line[0], line[0] * line[1] // 100)),
    min_size=1,
    max_size=30,
)
RATES = st.decimals("0.00001", "0.99", places=5)
TAXES = st.none() | st.builds(Tax, RATES, st.just("Tax"), st.booleans(), st.booleans())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(LINES, st.integers(0, 10**9), TAXES)
def test_lines_and_shipping_bear_exactly_the_tax(lines, shipping, tax):
    gross, discounts = [line[0] for line in lines], [line[1] for line in lines]
    totals = total_up(gross=gross, discounts=discounts, shipping=shipping, tax=tax)
    assert sum(totals.line_taxes) + totals.shipping_tax == totals.tax
    assert len(totals.line_taxes) == len(lines)
    assert min(*totals.line_taxes, totals.shipping_tax) >= 0
    added = 0 if tax is None or tax.is_included else totals.tax
    assert totals.grand == totals.subtotal - totals.discount + totals.shipping + added


def test_a_hundred_thousand_random_carts_add_up():
    dice = random.Random(12)
    for _ in range(100_000):
        gross = [dice.randrange(100_000) for _ in range(dice.randint(1, 8))]
        discounts = [dice.randint(0, price) for price in gross]
        rate, included, on_shipping = Decimal(dice.randrange(1, 50)) / 100, dice.random() < 0.5, dice.random() < 0.5
        shipping = dice.randrange(5000)
        totals = total_up(
            gross=gross, discounts=discounts, shipping=shipping, tax=Tax(rate, "Tax", included, on_shipping)
        )
        assert sum(totals.line_taxes) + totals.shipping_tax == totals.tax
        added = 0 if included else totals.tax
        assert totals.grand == sum(gross) - sum(discounts) + shipping + added


@given(LINES, st.integers(0, 10**9), RATES, st.booleans())
def test_the_tax_is_off_by_less_than_one_unit(lines, shipping, rate, on_shipping):
    gross, discounts = [line[0] for line in lines], [line[1] for line in lines]
    base = Decimal(sum(gross) - sum(discounts) + (shipping if on_shipping else 0))
    added = total_up(gross=gross, discounts=discounts, shipping=shipping, tax=Tax(rate, "", False, on_shipping))
    assert abs(added.tax - base * rate) <= Decimal("0.5")
    included = total_up(gross=gross, discounts=discounts, shipping=shipping, tax=Tax(rate, "", True, on_shipping))
    assert abs(included.tax - base * rate / (1 + rate)) <= Decimal("0.50001")


@given(LINES, RATES)
def test_no_line_is_further_from_its_own_tax_than_one_unit(lines, rate):
    gross, discounts = [line[0] for line in lines], [line[1] for line in lines]
    totals = total_up(gross=gross, discounts=discounts, shipping=0, tax=Tax(rate, "", False, True))
    for price, discount, tax in zip(gross, discounts, totals.line_taxes, strict=True):
        assert abs(tax - (price - discount) * rate) < 2


def test_a_known_invoice():
    tax = Tax(Decimal("0.13"), "IVA 13 %", is_included=False, is_on_shipping=True)
    totals = total_up(gross=[3998, 1000], discounts=[399, 0], shipping=500, tax=tax)
    assert (totals.subtotal, totals.discount, totals.shipping) == (4998, 399, 500)
    assert totals.tax == 663  # 13 % of 50.99 is 6.6287
    assert totals.grand == 5762
    assert totals.line_taxes == (468, 130)
    assert totals.shipping_tax == 65


def test_included_tax_is_shown_and_not_added():
    tax = Tax(Decimal("0.19"), "MwSt. 19 %", is_included=True, is_on_shipping=True)
    totals = total_up(gross=[11900], discounts=[0], shipping=0, tax=tax)
    assert (totals.tax, totals.grand) == (1900, 11900)


def test_a_free_order_bears_no_tax():
    tax = Tax(Decimal("0.13"), "", is_included=False, is_on_shipping=True)
    totals = total_up(gross=[1000], discounts=[1000], shipping=0, tax=tax)
    assert (totals.tax, totals.grand, totals.line_taxes) == (0, 0, (0,))


@pytest.mark.parametrize(
    ("rate", "text", "label"),
    [("0.13", "0.13", "IVA 13 %"), ("0.0775", "0.0775", "IVA 7.75 %"), ("0.10", "0.1", "IVA 10 %")],
)
def test_rates_are_written_as_people_do(rate, text, label):
    assert (rate_text(Decimal(rate)), tax_label("IVA", Decimal(rate))) == (text, label)
