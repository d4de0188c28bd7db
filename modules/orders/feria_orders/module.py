"""What this module hands to core."""

from feria_core.contracts.payments import PaymentRefunded, PaymentRefundFailed
from feria_core.contracts.users import EmailVerified
from feria_core.module import Job, Module, Permission, Schedule, Subscription
from feria_orders.settings import OrdersSettings

module = Module(
    settings=OrdersSettings,
    models="feria_orders.models",
    blueprints=(
        "feria_orders.api:blueprint",
        "feria_orders.admin_api:blueprint",
        "feria_orders.admin_api_actions:blueprint",
        "feria_orders.returns.admin_api:blueprint",
    ),
    provides="feria_orders.provides:register",
    subscribes=(
        Subscription(EmailVerified, "feria_orders.handlers:attach_guest_orders"),
        Subscription(PaymentRefunded, "feria_orders.handlers_payments:payment_refunded"),
        Subscription(PaymentRefundFailed, "feria_orders.handlers_payments:payment_refund_failed"),
    ),
    jobs=(
        Job("orders.discard_stale_drafts", "feria_orders.jobs:discard_stale_drafts", timeout_s=120, max_attempts=2),
        Job("orders.return_money_of_cancelled", "feria_orders.jobs:return_money_of_cancelled", timeout_s=60),
        Job("orders.issue_documents", "feria_orders.jobs:issue_documents", timeout_s=120, max_attempts=2),
    ),
    schedules=(
        Schedule("orders.discard_stale_drafts", every_s=3600),
        Schedule("orders.issue_documents", every_s=300),
    ),
    permissions=(
        Permission(
            "orders.read",
            "See every order with its customer's address",
            {"es": "Ver todos los pedidos con la dirección del cliente"},
        ),
        Permission(
            "orders.write",
            "Send, cancel, correct orders, decide returns and note things",
            {"es": "Enviar, cancelar y corregir pedidos, decidir devoluciones y anotar"},
        ),
        Permission("orders.refund", "Give money back", {"es": "Devolver dinero"}),
    ),
    emails="feria_orders:templates/mail",
    checks=(
        "feria_orders.checks:totals_add_up",
        "feria_orders.checks:orders_have_lines",
        "feria_orders.checks:no_stale_drafts",
        "feria_orders.checks_pieces:pieces_add_up",
        "feria_orders.checks_pieces:refunds_add_up",
        "feria_orders.checks_pieces:states_follow",
        "feria_orders.checks_pieces:orders_and_payments",
        "feria_orders.checks_pieces:refunds_are_done",
        "feria_orders.checks_pieces:invoices_have_no_gap",
    ),
)
