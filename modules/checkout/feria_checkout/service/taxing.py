"""How a checkout is taxed: by a provider, else by the zone that its address is in, else as the settings have it."""

from __future__ import annotations

from decimal import Decimal

from feria_checkout.domain import Tax, Taxes, tax_label
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service.rules import Rules
from feria_checkout.settings import CheckoutSettings
from feria_checkout.zones import STANDARD, TaxZone, zone_of
from feria_core.contracts.cart import CartSnapshot
from feria_core.contracts.tax import TAX_PROVIDERS, AppliedRate, TaxRequest
from feria_core.runtime import registry, settings

DEFAULT_NAME = "Tax"


async def taxes_of(checkout: CheckoutRow, cart: CartSnapshot, rules: Rules) -> Taxes:
    """Return the tax of each line and of shipping; none without an address, and for an exempt customer."""
    own = settings(CheckoutSettings)
    address = checkout.shipping_address or checkout.billing_address
    none = Taxes((None,) * len(cart.lines), None, own.tax_included)
    if address is None:
        return none
    request = TaxRequest(address, cart.lines, checkout.customer_id, checkout.is_exempt)
    for provider in registry().all(TAX_PROVIDERS):
        answer = await provider.taxes(request)
        if answer is not None:
            return Taxes(
                tuple(_tax(rate, answer.is_included) for rate in answer.lines),
                _tax(answer.shipping, answer.is_included),
                answer.is_included,
                answer.is_by_line,
            )
    if checkout.is_exempt:
        return none
    zone = zone_of(address, rules.tax)
    return _by_zone(zone, cart) if zone is not None else _by_settings(str(address["country"]), cart)


def _by_zone(zone: TaxZone, cart: CartSnapshot) -> Taxes:
    own = settings(CheckoutSettings)
    is_included = own.tax_included if zone.is_included is None else zone.is_included
    is_on_shipping = own.tax_shipping if zone.is_on_shipping is None else zone.is_on_shipping

    def tax(tax_class: str) -> Tax | None:
        rate = zone.rate_of(tax_class)
        return _tax(AppliedRate(rate.rate, rate.name), is_included) if rate else None

    shipping = tax("shipping" if "shipping" in zone.rates else STANDARD) if is_on_shipping else None
    return Taxes(tuple(tax(line.tax_class) for line in cart.lines), shipping, is_included, zone.rounding == "line")


def _by_settings(country: str, cart: CartSnapshot) -> Taxes:
    own = settings(CheckoutSettings)
    rate = own.tax_rates.get(country, Decimal(0))
    tax = _tax(AppliedRate(rate, own.tax_names.get(country, DEFAULT_NAME)), own.tax_included)
    return Taxes((tax,) * len(cart.lines), tax if own.tax_shipping else None, own.tax_included)


def _tax(rate: AppliedRate | None, is_included: bool) -> Tax | None:
    if rate is None or not rate.rate:
        return None
    return Tax(rate.rate, tax_label(rate.name, rate.rate), is_included, is_on_shipping=True)
