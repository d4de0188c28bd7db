"""What this module hands to core."""

from feria_cart.settings import CartSettings
from feria_core.contracts.catalog import ProductChanged, ProductsChanged
from feria_core.contracts.orders import OrderCancelled, OrderPlaced
from feria_core.module import Job, Module, Permission, Schedule, Subscription

DAY_S = 86_400

module = Module(
    settings=CartSettings,
    models="feria_cart.models",
    blueprints=(
        "feria_cart.api:blueprint",
        "feria_cart.saved.api:blueprint",
        "feria_cart.reminders.api:blueprint",
        "feria_cart.reminders.admin_api:blueprint",
        "feria_cart.product_limits.admin_api:blueprint",
        "feria_cart.wishlist.api:blueprint",
        "feria_cart.alerts.api:blueprint",
    ),
    provides="feria_cart.provides:register",
    subscribes=(
        Subscription(ProductChanged, "feria_cart.handlers:product_changed"),
        Subscription(ProductsChanged, "feria_cart.handlers:products_changed"),
        Subscription(OrderPlaced, "feria_cart.handlers:order_placed"),
        Subscription(OrderCancelled, "feria_cart.handlers:order_cancelled"),
    ),
    jobs=(
        Job("cart.expire", "feria_cart.jobs:expire", timeout_s=300, max_attempts=3),
        Job("cart.remind", "feria_cart.jobs:remind", timeout_s=300, max_attempts=3),
        Job("cart.send_alerts", "feria_cart.jobs:send_alerts"),
        Job("cart.check_alerts", "feria_cart.jobs:check_alerts", timeout_s=300, max_attempts=3),
    ),
    schedules=(
        Schedule("cart.expire", every_s=DAY_S),
        Schedule("cart.remind", every_s=300),
        Schedule("cart.check_alerts", every_s=600),
    ),
    permissions=(
        Permission(
            "cart.read",
            "See carts that were left and what reminders have brought back",
            {"es": "Ver los carritos abandonados y lo que han recuperado los avisos"},
        ),
        Permission(
            "cart.write",
            "Limit how many of a product each customer may buy",
            {"es": "Limitar cuántas unidades de un producto compra cada cliente"},
        ),
    ),
    emails="feria_cart:templates/mail",
    checks=("feria_cart.checks:product_uses",),
)
