"""A checkout as it is answered: plain JSON, the products' cards put in as the catalog keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from feria_checkout.errors import CartChanged
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.rows import CheckoutRow, PaymentRow
from feria_checkout.service.pricing import Quote, price
from feria_checkout.settings import CheckoutSettings
from feria_core.contracts.cart import CartLine
from feria_core.contracts.money import Money
from feria_core.money import format_money
from feria_core.runtime import settings


async def document(checkout: CheckoutRow) -> dict[str, Any]:
    """Return the checkout with its totals as they are now; of a completed one those that were charged."""
    if checkout.state == "completed":
        return _head(checkout) | dict(await checkouts.stored_quote(checkout.id) or {}) | {"missing": []}
    priced = await price(checkout)
    is_payable = checkout.has_payment and priced is not None and not priced.missing
    payment = await payments.live_of(checkout.id) if is_payable else None
    return priced_document(checkout, priced, payment)


def priced_document(
    checkout: CheckoutRow, priced: Quote | None, payment: PaymentRow | None, *, token: str | None = None
) -> dict[str, Any]:
    """Return an open checkout at this price, with its live payment; `token` only in the answer that creates it."""
    head = _head(checkout) if token is None else _head(checkout) | {"token": token}
    if priced is None:
        return head | _nothing(checkout.currency) | {"missing": ["items"]}
    missing = [*priced.missing, *([] if pays(payment, priced) else ["payment"])]
    return head | totals(priced, with_cards=True) | {"missing": missing}


def pays(payment: PaymentRow | None, priced: Quote) -> bool:
    """Return True where the payment is for exactly these lines at this price."""
    return payment is not None and payment.amount == priced.grand_total and payment.lines == priced.stock_lines


def totals(priced: Quote, *, with_cards: bool) -> dict[str, Any]:
    """Return items and totals; with the products' cards while they are for sale, without to keep."""
    sums = priced.totals

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": priced.currency}

    return {
        "currency": priced.currency,
        "items": [
            _item(line, money(tax), with_card=with_cards)
            for line, tax in zip(priced.cart.lines, sums.line_taxes, strict=True)
        ],
        "codes": list(priced.cart.codes),
        "subtotal": money(sums.subtotal),
        "discount_total": money(sums.discount),
        "shipping_total": money(sums.shipping),
        "shipping_discount_total": money(priced.shipping_discount),
        "tax_total": money(sums.tax),
        "tax_lines": [
            {"rate": line.rate, "label": line.label, "amount": money(line.amount.amount)} for line in priced.tax_lines()
        ],
        "tax_included": priced.taxes.is_included,
        "grand_total": money(sums.grand),
    }


def cart_changed(expected: Money, priced: Quote, locale: str) -> CartChanged:
    """Return the refusal that carries the present totals."""
    return CartChanged(
        format_money(expected, locale),
        format_money(priced.grand_total, locale),
        {"lines": totals(priced, with_cards=False)["items"], **_sums(priced)},
    )


def _sums(priced: Quote) -> dict[str, Any]:
    return {name: value for name, value in totals(priced, with_cards=False).items() if name != "items"}


def _head(checkout: CheckoutRow) -> dict[str, Any]:
    return {
        "id": str(checkout.id),
        "status": checkout.state,
        "version": checkout.version,
        "email": checkout.email,
        "shipping_address": checkout.shipping_address,
        "billing_address": checkout.billing_address,
        "shipping_method": checkout.shipping_method,
        "note": checkout.note,
        "steps": dict(checkout.steps),
        "order_number": checkout.order_number if checkout.state == "completed" else None,
        "expires_at": checkout.expires_at,
    }


def _item(line: CartLine, tax: Mapping[str, Any], *, with_card: bool) -> dict[str, Any]:
    def money(value: Money) -> dict[str, Any]:
        return {"amount": value.amount, "currency": value.currency}

    return {
        "id": str(line.item_id),
        "variant_id": str(line.variant_id),
        "product_id": str(line.product_id),
        "sku": line.sku,
        "name": line.name,
        "options": dict(line.options),
        "quantity": line.quantity,
        "unit_price": money(line.unit_price),
        "discount": money(line.discount),
        "tax": tax,
        "total": money(line.total),
        "image_url": line.image_url,
        "product": orjson.Fragment(line.card) if with_card else None,
    }


def _nothing(currency: str) -> dict[str, Any]:
    """Return the totals of a checkout whose cart is gone or empty."""
    zero = {"amount": 0, "currency": currency}
    sums = ("subtotal", "discount_total", "shipping_total", "shipping_discount_total", "tax_total", "grand_total")
    return {
        "currency": currency,
        "items": [],
        "codes": [],
        "tax_lines": [],
        "tax_included": settings(CheckoutSettings).tax_included,
        **dict.fromkeys(sums, zero),
    }
