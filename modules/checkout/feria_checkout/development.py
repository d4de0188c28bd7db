"""How the checkout uses the fakes of `feria run`: the gateway plays Stripe."""

from __future__ import annotations

from feria_core.module import DevServices


def settings(services: DevServices) -> dict[str, str]:
    """Return the settings by which Stripe is the fake gateway, with a page to pay on."""
    return {
        "stripe_enabled": "true",
        "stripe_base_url": services.gateway_url,
        "stripe_secret_key": services.gateway_secret_key,
        "stripe_webhook_secret": services.gateway_webhook_secret,
        "stripe_pay_url": services.gateway_url + "/pay/{reference}",
    }
