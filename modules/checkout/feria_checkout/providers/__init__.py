"""The ways to pay, one file each; asked by name through the registry, so that other modules can add theirs."""

from __future__ import annotations

from feria_core.contracts.payments import PAYMENT_PROVIDERS, PaymentProvider
from feria_core.runtime import registry


def find_provider(name: str) -> PaymentProvider | None:
    """Return the enabled provider of that name, or None."""
    return next((provider for provider in registry().all(PAYMENT_PROVIDERS) if provider.name == name), None)


def immediate_names() -> list[str]:
    """Return the providers that need no answer from outside, hence nobody to be asked."""
    return [provider.name for provider in registry().all(PAYMENT_PROVIDERS) if provider.is_immediate]
