"""Price arithmetic of a checkout: pure, in minor units, adding up to the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from feria_core import money


@dataclass(frozen=True)
class Tax:
    """The tax of the country of delivery; `is_included` says that prices contain it already."""

    rate: Decimal
    label: str
    is_included: bool
    is_on_shipping: bool


@dataclass(frozen=True)
class Totals:
    """What is to be paid; the taxes of the lines and of shipping add up to `tax`."""

    subtotal: int
    discount: int
    shipping: int
    tax: int
    grand: int
    line_taxes: tuple[int, ...]
    shipping_tax: int


def total_up(*, gross: Sequence[int], discounts: Sequence[int], shipping: int, tax: Tax | None) -> Totals:
    """Return the totals of lines that cost `gross` less `discounts`, in minor units.

    The tax is rounded once, half up, on the whole; what each line bears of it is a share by largest remainder.
    """
    net = [price - discount for price, discount in zip(gross, discounts, strict=True)]
    tax_total, shares = _taxes(net, shipping, tax)
    added = 0 if tax is None or tax.is_included else tax_total
    return Totals(
        subtotal=sum(gross),
        discount=sum(discounts),
        shipping=shipping,
        tax=tax_total,
        grand=sum(net) + shipping + added,
        line_taxes=tuple(shares[:-1]),
        shipping_tax=shares[-1],
    )


def rate_text(rate: Decimal) -> str:
    """Return the rate as it is written in answers: "0.13" for 13 percent."""
    return f"{rate.normalize():f}"


def tax_label(name: str, rate: Decimal) -> str:
    """Return what shoppers read, e.g. "IVA 13 %"."""
    return f"{name} {(rate * 100).normalize():f} %"


def _taxes(net: Sequence[int], shipping: int, tax: Tax | None) -> tuple[int, list[int]]:
    """Return the tax in total, and the share of each line, that of shipping last."""
    if tax is None:
        return 0, [0] * (len(net) + 1)
    weights = [*net, shipping if tax.is_on_shipping else 0]
    base = sum(weights)
    total = money.apply_rate(base, tax.rate / (1 + tax.rate) if tax.is_included else tax.rate)
    if not base:
        return total, [0] * len(weights)
    return total, money.split(total, weights)
