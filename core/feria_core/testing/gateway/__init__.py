"""A payment gateway that speaks the wire formats of Stripe and PayPal, keeps a ledger and misbehaves on request.

Written from their public documentation, Stripe's half checked with its own SDK; no money, no network.
"""

from feria_core.testing.gateway.app import build_app, fake_gateway, serving
from feria_core.testing.gateway.behaviour import Do, On, Rule, WebhookMode
from feria_core.testing.gateway.client import GatewayClient
from feria_core.testing.gateway.paypal.signing import sign_paypal
from feria_core.testing.gateway.records import Entry, Event, IntentTotals, LedgerView
from feria_core.testing.gateway.service import FakeGateway
from feria_core.testing.gateway.webhooks import sign_stripe

__all__ = [
    "Do",
    "Entry",
    "Event",
    "FakeGateway",
    "GatewayClient",
    "IntentTotals",
    "LedgerView",
    "On",
    "Rule",
    "WebhookMode",
    "build_app",
    "fake_gateway",
    "serving",
    "sign_paypal",
    "sign_stripe",
]
