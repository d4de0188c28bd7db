"""What this module hands to core."""

from feria_core.contracts.users import EmailVerified
from feria_core.module import Job, Module, Permission, Schedule, Subscription
from feria_orders.settings import OrdersSettings

module = Module(
    settings=OrdersSettings,
    models="feria_orders.models",
    blueprints=("feria_orders.api:blueprint", "feria_orders.admin_api:blueprint"),
    provides="feria_orders.provides:register",
    subscribes=(Subscription(EmailVerified, "feria_orders.handlers:attach_guest_orders"),),
    jobs=(Job("orders.discard_stale_drafts", "feria_orders.jobs:discard_stale_drafts", timeout_s=120, max_attempts=2),),
    schedules=(Schedule("orders.discard_stale_drafts", every_s=3600),),
    permissions=(
        Permission("orders.read", "See every order with its customer's address"),
        Permission("orders.write", "Correct orders and note things on them"),
        Permission("orders.refund", "Give money back"),
    ),
    emails="feria_orders:templates/mail",
    checks=(
        "feria_orders.checks:totals_add_up",
        "feria_orders.checks:orders_have_lines",
        "feria_orders.checks:no_stale_drafts",
    ),
)
