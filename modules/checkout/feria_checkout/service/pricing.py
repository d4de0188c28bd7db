"""What a checkout costs now: its cart re-priced, shipping and tax laid on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feria_checkout.domain import Tax, Totals, rate_text, tax_label, total_up
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import stepping
from feria_checkout.settings import CheckoutSettings, ShippingMethodSettings
from feria_core.contracts.cart import CARTS, CartSnapshot
from feria_core.contracts.catalog import StockLine
from feria_core.contracts.money import Money
from feria_core.contracts.orders import OrderDraft, OrderLine, TaxLine
from feria_core.runtime import registry, settings

DEFAULT_TAX_NAME = "Tax"


@dataclass(frozen=True)
class Quote:
    """The price of a checkout at one moment."""

    cart: CartSnapshot
    totals: Totals
    shipping: ShippingMethodSettings | None
    tax: Tax | None
    missing: tuple[str, ...]
    shipping_discount: int = 0

    @property
    def currency(self) -> str:
        return self.cart.currency

    @property
    def grand_total(self) -> Money:
        return Money(self.totals.grand, self.currency)

    @property
    def stock_lines(self) -> tuple[StockLine, ...]:
        """What has to be held, by ascending variant id."""
        wanted: dict[str, StockLine] = {}
        for line in self.cart.lines:
            key = str(line.variant_id)
            before = wanted[key].quantity if key in wanted else 0
            wanted[key] = StockLine(line.variant_id, before + line.quantity)
        return tuple(wanted[key] for key in sorted(wanted))

    def tax_lines(self) -> tuple[TaxLine, ...]:
        """Return the tax by rate: one, or none where the country is not taxed."""
        if self.tax is None:
            return ()
        return (TaxLine(rate_text(self.tax.rate), self.tax.label, Money(self.totals.tax, self.currency)),)


async def price(checkout: CheckoutRow, *, lock: bool = False) -> Quote | None:
    """Return what the checkout costs now, None where its cart holds nothing that is sold.

    With `lock` the cart stays as it is until the caller's transaction ends.
    """
    cart = (
        await registry()
        .get(CARTS)
        .snapshot_by_id(checkout.cart_id, lock=lock, holder=checkout.id, shipping=shipping_price(checkout))
    )
    return await quote(checkout, cart) if cart is not None and cart.lines else None


def shipping_price(checkout: CheckoutRow) -> Money | None:
    """Return what the chosen way of shipping costs before discounts, None where none is chosen."""
    method = settings(CheckoutSettings).shipping_methods.get(checkout.shipping_method or "")
    return Money(method.amount, checkout.currency) if method else None


async def quote(checkout: CheckoutRow, cart: CartSnapshot) -> Quote:
    """Return what the cart costs, shipped as the checkout says."""
    rules = settings(CheckoutSettings)
    method = rules.shipping_methods.get(checkout.shipping_method or "")
    tax = _tax(checkout.shipping_address, rules)
    asked = method.amount if method else 0
    saved = min(asked, sum(one.shipping.amount for one in cart.adjustments if one.shipping is not None))
    totals = total_up(
        gross=[line.total.amount + line.discount.amount for line in cart.lines],
        discounts=[line.discount.amount for line in cart.lines],
        shipping=asked - saved,
        tax=tax,
    )
    missing = (*_missing(checkout, method), *await stepping.missing(checkout, cart))
    return Quote(cart, totals, method, tax, missing, saved)


def order_draft(checkout: CheckoutRow, priced: Quote) -> OrderDraft:
    """Return the order that the checkout becomes at this price."""

    def money(amount: int) -> Money:
        return Money(amount, priced.currency)

    totals = priced.totals
    return OrderDraft(
        checkout_id=checkout.id,
        customer_id=checkout.customer_id,
        email=checkout.email or "",
        locale=checkout.locale,
        lines=_order_lines(priced),
        subtotal=money(totals.subtotal),
        discount_total=money(totals.discount),
        shipping_total=money(totals.shipping),
        tax_total=money(totals.tax),
        tax_lines=priced.tax_lines(),
        tax_included=priced.tax.is_included if priced.tax else settings(CheckoutSettings).tax_included,
        grand_total=money(totals.grand),
        shipping_address=checkout.shipping_address,
        billing_address=checkout.billing_address,
        shipping_method=checkout.shipping_method,
        shipping_label=priced.shipping.label if priced.shipping else None,
        codes=priced.cart.codes,
        note=checkout.note,
        cart_id=checkout.cart_id,
    )


def _order_lines(priced: Quote) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            variant_id=line.variant_id,
            product_id=line.product_id,
            sku=line.sku,
            name=line.name,
            options=line.options,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            tax=Money(tax, priced.currency),
            total=line.total,
            image_url=line.image_url,
        )
        for line, tax in zip(priced.cart.lines, priced.totals.line_taxes, strict=True)
    )


def _tax(address: Mapping[str, object] | None, rules: CheckoutSettings) -> Tax | None:
    country = str(address["country"]) if address else ""
    rate = rules.tax_rates.get(country)
    if not rate:
        return None
    label = tax_label(rules.tax_names.get(country, DEFAULT_TAX_NAME), rate)
    return Tax(rate, label, rules.tax_included, rules.tax_shipping)


def _missing(checkout: CheckoutRow, method: ShippingMethodSettings | None) -> tuple[str, ...]:
    """Return what is still needed before the shopper can pay; a method that is no longer offered is missing too."""
    present = {
        "email": checkout.email,
        "shipping_address": checkout.shipping_address,
        "shipping_method": method,
    }
    return tuple(name for name, value in present.items() if value is None)
