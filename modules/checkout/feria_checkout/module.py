"""What this module hands to core."""

from __future__ import annotations

from feria_checkout.settings import CheckoutSettings
from feria_core.module import Job, Module, Permission, Schedule


async def close_providers() -> None:
    """Close the connections to payment providers at the end of the process."""
    from feria_core.contracts.payments import PAYMENT_PROVIDERS
    from feria_core.runtime import registry

    for provider in registry().all(PAYMENT_PROVIDERS):
        await provider.close()


module = Module(
    settings=CheckoutSettings,
    models="feria_checkout.models",
    blueprints=(
        "feria_checkout.api:blueprint",
        "feria_checkout.api_payments:blueprint",
        "feria_checkout.admin_api:blueprint",
        "feria_checkout.drafts_api:blueprint",
    ),
    provides="feria_checkout.provides:register",
    jobs=(
        Job("checkout.reconcile", "feria_checkout.jobs:reconcile", timeout_s=60, max_attempts=2),
        Job("checkout.expire", "feria_checkout.jobs:expire", timeout_s=60, max_attempts=2),
        Job("checkout.settle_payment", "feria_checkout.jobs:settle_payment", timeout_s=60, max_attempts=3),
        # A day of silence at a retry a minute: nobody's money is forgotten over a long outage.
        Job("checkout.void_payment", "feria_checkout.jobs:void_payment", timeout_s=60, max_attempts=1440),
        Job("checkout.refund_payment", "feria_checkout.jobs:refund_payment", timeout_s=60, max_attempts=1440),
        Job("checkout.refund_order", "feria_checkout.jobs:refund_order", timeout_s=60, max_attempts=1440),
        Job("checkout.capture_order", "feria_checkout.jobs:capture_order", timeout_s=60, max_attempts=1440),
        Job("checkout.release_order", "feria_checkout.jobs:release_order", timeout_s=60, max_attempts=1440),
        Job("checkout.note_paid", "feria_checkout.jobs:note_paid", timeout_s=60, max_attempts=10),
        Job("checkout.handle_webhook", "feria_checkout.jobs:handle_webhook", timeout_s=60, max_attempts=2880),
        Job("checkout.alert", "feria_checkout.jobs:alert", timeout_s=10, max_attempts=1),
    ),
    schedules=(Schedule("checkout.reconcile", every_s=60), Schedule("checkout.expire", every_s=30)),
    permissions=(
        Permission(
            "drafts.write",
            "Make orders for buyers, with a link to pay by",
            {"es": "Preparar pedidos para compradores, con un enlace para pagar"},
        ),
        Permission(
            "tax.write",
            "Change tax zones, rates and exemptions",
            {"es": "Cambiar zonas, tipos y exenciones de impuestos"},
        ),
        Permission("shipping.write", "Change shipping zones and methods", {"es": "Cambiar zonas y formas de envío"}),
    ),
    demo="feria_checkout.demo:load",
    emails="feria_checkout:templates/mail",
    checks=(
        "feria_checkout.checks:payments_and_orders",
        "feria_checkout.checks:open_checkouts",
        "feria_checkout.checks:money_owed",
        "feria_checkout.checks:money_of_orders",
    ),
    development="feria_checkout.development:settings",
    on_stop="feria_checkout.module:close_providers",
)
