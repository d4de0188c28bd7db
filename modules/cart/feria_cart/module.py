"""What this module hands to core."""

from feria_cart.settings import CartSettings
from feria_core.contracts.catalog import ProductChanged, ProductsChanged
from feria_core.module import Job, Module, Schedule, Subscription

DAY_S = 86_400

module = Module(
    settings=CartSettings,
    models="feria_cart.models",
    blueprints=("feria_cart.api:blueprint", "feria_cart.wishlist.api:blueprint", "feria_cart.alerts.api:blueprint"),
    provides="feria_cart.provides:register",
    subscribes=(
        Subscription(ProductChanged, "feria_cart.handlers:product_changed"),
        Subscription(ProductsChanged, "feria_cart.handlers:products_changed"),
    ),
    jobs=(
        Job("cart.expire", "feria_cart.jobs:expire", timeout_s=300, max_attempts=3),
        Job("cart.send_alerts", "feria_cart.jobs:send_alerts"),
        Job("cart.check_alerts", "feria_cart.jobs:check_alerts", timeout_s=300, max_attempts=3),
    ),
    schedules=(Schedule("cart.expire", every_s=DAY_S), Schedule("cart.check_alerts", every_s=600)),
    emails="feria_cart:templates/mail",
)
