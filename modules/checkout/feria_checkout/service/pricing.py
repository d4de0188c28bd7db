"""What a checkout costs now: its cart re-priced, shipping and tax laid on."""

from __future__ import annotations

from dataclasses import dataclass

from feria_checkout.domain import Tax, Taxes, Totals, rate_text, total_up
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import agreed, stepping
from feria_checkout.service.rules import rules_of
from feria_checkout.service.shipping import Way, chosen, first_guess, shipped
from feria_checkout.service.taxing import taxes_of
from feria_core.contracts.cart import CARTS, CartSnapshot
from feria_core.contracts.catalog import StockLine
from feria_core.contracts.money import Money
from feria_core.contracts.orders import OrderDraft, OrderLine, TaxLine
from feria_core.runtime import registry


@dataclass(frozen=True)
class Quote:
    """The price of a checkout at one moment."""

    cart: CartSnapshot
    totals: Totals
    shipping: Way | None
    taxes: Taxes
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
        """Return the tax by rate, in the order of the lines; none where nothing is taxed."""
        sums: dict[Tax, int] = {}
        borne = (*self.totals.line_taxes, self.totals.shipping_tax)
        for tax, amount in zip((*self.taxes.lines, self.taxes.shipping), borne, strict=True):
            if tax is not None:
                sums[tax] = sums.get(tax, 0) + amount
        return tuple(
            TaxLine(rate_text(tax.rate), tax.label, Money(amount, self.currency)) for tax, amount in sums.items()
        )


async def price(checkout: CheckoutRow, *, lock: bool = False) -> Quote | None:
    """Return what the checkout costs now, None where its cart holds nothing that is sold.

    With `lock` the cart stays as it is until the caller's transaction ends. What staff have agreed stays anyhow.
    """
    if checkout.draft is not None:
        drafted = await agreed.snapshot(checkout)
        return await quote(checkout, drafted) if drafted is not None else None
    cart = (
        await registry()
        .get(CARTS)
        .snapshot_by_id(checkout.cart_id, lock=lock, holder=checkout.id, shipping=first_guess(checkout))
    )
    return await quote(checkout, cart) if cart is not None and cart.lines else None


async def quote(checkout: CheckoutRow, cart: CartSnapshot) -> Quote:
    """Return what the cart costs, shipped as the checkout says.

    Where shipping costs something else than the cart was priced with, the cart is priced once more: discounts may
    take a part of it off.
    """
    rules = await rules_of(checkout.rules)
    way = chosen(checkout, cart, rules)
    guess = first_guess(checkout)
    if cart.adjustments and (way.amount if way else None) != (guess.amount if guess else None):
        price = Money(way.amount, cart.currency) if way else None
        again = await registry().get(CARTS).snapshot_by_id(cart.id, holder=checkout.id, shipping=price)
        cart = again or cart
    asked = way.amount if way else 0
    saved = min(asked, sum(one.shipping.amount for one in cart.adjustments if one.shipping is not None))
    taxes = await taxes_of(checkout, cart, rules)
    totals = total_up(
        gross=[line.total.amount + line.discount.amount for line in cart.lines],
        discounts=[line.discount.amount for line in cart.lines],
        shipping=asked - saved,
        taxes=taxes,
    )
    missing = (*_missing(checkout, cart, way), *await stepping.missing(checkout, cart))
    return Quote(cart, totals, way, taxes, missing, saved)


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
        tax_included=priced.taxes.is_included,
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


def _missing(checkout: CheckoutRow, cart: CartSnapshot, way: Way | None) -> tuple[str, ...]:
    """Return what is still needed before the shopper can pay; a way of shipping that is not offered is missing too.

    What is not shipped needs no address, and what is picked up neither.
    """
    needs = ["email"] if checkout.email is None else []
    if shipped(cart):
        is_pickup = way is not None and way.is_pickup
        needs += ["shipping_address"] if checkout.shipping_address is None and not is_pickup else []
        needs += ["shipping_method"] if way is None else []
    return tuple(needs)
