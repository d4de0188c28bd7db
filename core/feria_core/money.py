"""Money on the wire and in arithmetic: exponents, rounding, splits. No float comes near it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from feria_core.contracts.money import Money

__all__ = ["MAX_AMOUNT", "Money", "MoneyIn", "MoneyOut", "apply_rate", "exponent", "format_money", "split"]

# Far beyond any price, far inside BIGINT: sums of a thousand such lines still fit.
MAX_AMOUNT = 10**15


class MoneyOut(BaseModel):
    """An amount in integer minor units of an ISO 4217 currency."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": {"amount": 1999, "currency": "USD"}})

    amount: int
    currency: str


class MoneyIn(BaseModel):
    """An amount that a client sends: a non-negative integer of minor units, and a known currency."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount: Annotated[int, Field(ge=0, le=MAX_AMOUNT)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def to_money(self) -> Money:
        """Return the same amount as the shared value type."""
        return Money(self.amount, self.currency)


@cache
def exponent(currency: str) -> int:
    """Return how many decimal places the currency has: JPY 0, USD 2, KWD 3 (CLDR's supplement to ISO 4217)."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


def apply_rate(amount: int, rate: Decimal) -> int:
    """Return `amount` times `rate`, rounded half up to whole minor units."""
    return int((Decimal(amount) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Return shares of `amount` in proportion to `weights` that add up to exactly `amount`.

    The remainder goes to the largest fractions, ties to the earlier share (Hamilton's method of largest
    remainders). Without any weight the first share takes all. Raises ValueError for no weights at all.
    """
    if not weights:
        raise ValueError("cannot split money into no shares: give at least one weight")
    total = sum(weights)
    if total == 0:
        return [amount, *([0] * (len(weights) - 1))]
    parts = [amount * weight for weight in weights]
    shares = [part // total for part in parts]
    left = amount - sum(shares)
    if left:
        fractions = [part % total for part in parts]
        # Sorting keeps equals in their order, backwards too.
        for i in sorted(range(len(weights)), key=fractions.__getitem__, reverse=True)[:left]:
            shares[i] += 1
    return shares


def format_money(money: Money, locale: str = "en") -> str:
    """Return the amount as people of `locale` write it, e.g. `$19.99`."""
    from babel.numbers import format_currency

    value = Decimal(money.amount).scaleb(-exponent(money.currency))
    return format_currency(value, money.currency, locale=locale)
