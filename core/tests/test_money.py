"""Money: integers, exact splits, ISO exponents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from feria_core.money import Money, MoneyIn, apply_rate, exponent, format_money, split


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_shares_add_up_to_the_whole_and_differ_from_the_exact_by_less_than_one(amount: int, weights: list[int]) -> None:
    shares = split(amount, weights)
    assert sum(shares) == amount
    total = sum(weights)
    if total:
        assert all(abs(share * total - amount * weight) < total for share, weight in zip(shares, weights, strict=True))


def test_the_remainder_goes_to_the_largest_fractions() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(10, [3, 3, 4]) == [3, 3, 4]
    assert split(5, [0, 0]) == [5, 0]
    with pytest.raises(ValueError, match="at least one weight"):
        split(1, [])


def test_rates_round_half_up() -> None:
    assert apply_rate(50, Decimal("0.13")) == 7  # 6.5
    assert apply_rate(49, Decimal("0.13")) == 6  # 6.37


def test_exponents_are_the_currencies_own() -> None:
    assert [exponent(code) for code in ("JPY", "USD", "KWD")] == [0, 2, 3]
    assert format_money(Money(1999, "USD")) == "$19.99"
    assert format_money(Money(1999, "JPY")) == "¥1,999"


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="cannot combine USD with EUR"):
        Money(1, "USD") + Money(1, "EUR")


@pytest.mark.parametrize("amount", [1.0, "1", True, -1, 2**63, 0.005, None])
def test_a_client_sends_whole_minor_units_or_is_refused(amount: object) -> None:
    with pytest.raises(ValidationError):
        MoneyIn.model_validate({"amount": amount, "currency": "USD"})
