"""How the checkout uses the fakes of `feria run`: the gateway plays Stripe and PayPal."""

from __future__ import annotations

from feria_core.module import DevServices


def settings(services: DevServices) -> dict[str, str]:
    """Return the settings by which Stripe and PayPal are the fake gateway, with a page to pay on."""
    return {
        "stripe_enabled": "true",
        "stripe_base_url": services.gateway_url,
        "stripe_secret_key": services.gateway_secret_key,
        "stripe_webhook_secret": services.gateway_webhook_secret,
        "stripe_pay_url": services.gateway_url + "/pay/{reference}",
        "paypal_enabled": "true",
        "paypal_base_url": services.gateway_url,
        "paypal_client_id": services.gateway_paypal_client_id,
        "paypal_client_secret": services.gateway_secret_key,
        "paypal_webhook_id": services.gateway_paypal_webhook_id,
    }
