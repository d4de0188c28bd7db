"""What this module hands to core."""

from feria_core.contracts.orders import OrderCancelled
from feria_core.module import Job, Module, Permission, Subscription
from feria_promotions.settings import PromotionsSettings

module = Module(
    settings=PromotionsSettings,
    models="feria_promotions.models",
    blueprints=(
        "feria_promotions.api:blueprint",
        "feria_promotions.admin_api:blueprint",
        "feria_promotions.admin_api_flash:blueprint",
    ),
    provides="feria_promotions.provides:register",
    subscribes=(Subscription(OrderCancelled, "feria_promotions.handlers:order_cancelled"),),
    jobs=(Job("promotions.generate_codes", "feria_promotions.jobs:generate_codes", timeout_s=600, max_attempts=5),),
    permissions=(
        Permission(
            "promotions.write",
            "Make and change promotions, codes and flash sales",
            {"es": "Crear y cambiar promociones, códigos y ventas relámpago"},
        ),
    ),
    commands=("feria_promotions.commands:promotions",),
    demo="feria_promotions.demo:load",
)
