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


@dataclass(frozen=True)
class Taxes:
    """The tax of each line and of shipping; None where that is not taxed."""

    lines: tuple[Tax | None, ...]
    shipping: Tax | None
    is_included: bool
    is_by_line: bool = False


def total_up(
    *, gross: Sequence[int], discounts: Sequence[int], shipping: int, tax: Tax | None = None, taxes: Taxes | None = None
) -> Totals:
    """Return the totals of lines that cost `gross` less `discounts`, in minor units, taxed alike or each by `taxes`.

    A tax is rounded half up: once on the whole of its rate, what each line bears being a share by largest remainder;
    or line by line, where `taxes` say so.
    """
    net = [price - discount for price, discount in zip(gross, discounts, strict=True)]
    alike = taxes or Taxes(
        (tax,) * len(net), tax if tax and tax.is_on_shipping else None, tax.is_included if tax else False
    )
    shares = _shares([*net, shipping], (*alike.lines, alike.shipping), alike)
    total = sum(shares)
    return Totals(
        subtotal=sum(gross),
        discount=sum(discounts),
        shipping=shipping,
        tax=total,
        grand=sum(net) + shipping + (0 if alike.is_included else total),
        line_taxes=tuple(shares[:-1]),
        shipping_tax=shares[-1],
    )


def rate_text(rate: Decimal) -> str:
    """Return the rate as it is written in answers: "0.13" for 13 percent."""
    return f"{rate.normalize():f}"


def tax_label(name: str, rate: Decimal) -> str:
    """Return what shoppers read, e.g. "IVA 13 %"."""
    return f"{name} {(rate * 100).normalize():f} %"


def _shares(amounts: Sequence[int], taxes: Sequence[Tax | None], rules: Taxes) -> list[int]:
    """Return the tax of each amount."""
    shares = [0] * len(amounts)
    for tax in dict.fromkeys(tax for tax in taxes if tax is not None):
        places = [place for place, found in enumerate(taxes) if found == tax]
        bases = [amounts[place] for place in places]
        rate = tax.rate / (1 + tax.rate) if rules.is_included else tax.rate
        if rules.is_by_line:
            parts = [money.apply_rate(base, rate) for base in bases]
        else:
            parts = money.split(money.apply_rate(sum(bases), rate), bases) if sum(bases) else [0] * len(bases)
        for place, part in zip(places, parts, strict=True):
            shares[place] = part
    return shares
