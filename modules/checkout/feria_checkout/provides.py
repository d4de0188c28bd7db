"""What this module offers the others: the enabled ways to pay, and what it knows of a person."""

from __future__ import annotations

from feria_checkout.admin_sections import SECTIONS
from feria_checkout.figures import FUNNEL
from feria_checkout.personal_data import CheckoutData
from feria_checkout.providers.breaker import Breaker
from feria_checkout.providers.manual import ManualProvider
from feria_checkout.providers.paypal import PayPalProvider
from feria_checkout.providers.paypal_api import PayPalApi
from feria_checkout.providers.stripe import StripeProvider
from feria_checkout.service.order_money import MoneyOfOrders
from feria_checkout.settings import CheckoutSettings
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.analytics import ANALYTICS_SOURCES
from feria_core.contracts.payments import ORDER_PAYMENTS, PAYMENT_PROVIDERS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_core.runtime import settings


def register(registry: Registry) -> None:
    """Contribute the enabled providers. Raises StartRefused where one lacks its secret."""
    registry.contribute(PERSONAL_DATA, CheckoutData(), module="checkout", order=10)
    registry.provide(ORDER_PAYMENTS, MoneyOfOrders(), module="checkout")
    registry.contribute(ANALYTICS_SOURCES, FUNNEL, module="checkout", order=30)
    rules = settings(CheckoutSettings)
    if rules.manual_enabled:
        registry.contribute(PAYMENT_PROVIDERS, ManualProvider(), module="checkout", order=10)
    if rules.stripe_enabled:
        registry.contribute(PAYMENT_PROVIDERS, stripe_of(rules), module="checkout", order=20)
    if rules.paypal_enabled:
        registry.contribute(PAYMENT_PROVIDERS, paypal_of(rules), module="checkout", order=30)
    for section in SECTIONS:
        registry.contribute(ADMIN_SECTIONS, section, module="checkout")


def stripe_of(rules: CheckoutSettings) -> StripeProvider:
    """Return the provider `stripe` as the settings have it. Raises StartRefused where a secret is missing."""
    secret_key, webhook_secret = rules.stripe_secrets()
    return StripeProvider(
        secret_key=secret_key,
        webhook_secret=webhook_secret,
        base_url=rules.stripe_base_url,
        timeout_s=rules.stripe_timeout_s,
        publishable_key=rules.stripe_publishable_key,
        pay_url=rules.stripe_pay_url,
        is_hosted=rules.stripe_mode == "checkout_session",
        breaker=_breaker("stripe", rules),
    )


def paypal_of(rules: CheckoutSettings) -> PayPalProvider:
    """Return the provider `paypal` as the settings have it. Raises StartRefused where a secret is missing."""
    client_id, client_secret, webhook_id = rules.paypal_secrets()
    return PayPalProvider(
        PayPalApi(
            client_id=client_id,
            client_secret=client_secret,
            base_url=rules.paypal_url(),
            timeout_s=rules.paypal_timeout_s,
        ),
        webhook_id=webhook_id,
        breaker=_breaker("paypal", rules),
        webhook_breaker=_breaker("paypal-webhooks", rules),
    )


def _breaker(name: str, rules: CheckoutSettings) -> Breaker:
    return Breaker(
        name,
        failures=rules.breaker_failures,
        open_s=rules.breaker_open_s,
        deadline_s=rules.provider_deadline_s,
    )
