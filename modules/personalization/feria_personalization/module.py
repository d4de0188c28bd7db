"""What this module hands to core."""

from feria_core.contracts.cart import CartItemAdded
from feria_core.contracts.orders import OrderCancelled, OrderPlaced, OrderRefunded
from feria_core.module import Job, Module, Permission, Schedule, Subscription
from feria_personalization.settings import PersonalizationSettings

DAY_S = 86_400

module = Module(
    settings=PersonalizationSettings,
    models="feria_personalization.models",
    blueprints=("feria_personalization.api:blueprint", "feria_personalization.admin_api:blueprint"),
    provides="feria_personalization.provides:register",
    subscribes=(
        Subscription(CartItemAdded, "feria_personalization.handlers:cart_item_added"),
        Subscription(OrderPlaced, "feria_personalization.handlers:order_placed"),
        Subscription(OrderCancelled, "feria_personalization.handlers:order_cancelled"),
        Subscription(OrderRefunded, "feria_personalization.handlers:order_refunded"),
    ),
    jobs=(
        Job(
            "personalization.train",
            "feria_personalization.jobs:train",
            queue="training",
            timeout_s=6 * 3600,  # a busy machine leaves it little
            max_attempts=3,
        ),
        Job("personalization.train_regularly", "feria_personalization.jobs:train_regularly", max_attempts=3),
        Job("personalization.count_popular", "feria_personalization.jobs:count_popular", timeout_s=120, max_attempts=2),
        Job("personalization.keep_house", "feria_personalization.jobs:keep_house", timeout_s=600, max_attempts=3),
    ),
    schedules=(
        Schedule("personalization.train_regularly", every_s=DAY_S),
        Schedule("personalization.count_popular", every_s=600),
        Schedule("personalization.keep_house", every_s=DAY_S),
    ),
    permissions=(
        Permission(
            "recommendations.read",
            "See models of recommendations and what they are worth",
            {"es": "Ver los modelos de recomendación y lo que valen"},
        ),
        Permission(
            "recommendations.train",
            "Train models of recommendations and go back to earlier ones",
            {"es": "Entrenar modelos de recomendación y volver a uno anterior"},
        ),
    ),
    emails="feria_personalization:templates/mail",
    commands=("feria_personalization.commands:recommend",),
    checks=(
        "feria_personalization.checks:recommendation_model",
        "feria_personalization.checks:activity_months",
        "feria_personalization.checks:activity_people",
    ),
    demo="feria_personalization.demo:load",
)
