"""What this module hands to core."""

from feria_core.contracts.orders import OrderDelivered, OrderRefunded
from feria_core.contracts.users import EmailVerified
from feria_core.module import Job, Module, Permission, Schedule, Subscription
from feria_reviews.settings import ReviewsSettings

HOUR_S, DAY_S = 3_600, 86_400

module = Module(
    settings=ReviewsSettings,
    models="feria_reviews.models",
    blueprints=(
        "feria_reviews.api:blueprint",
        "feria_reviews.api_photos:blueprint",
        "feria_reviews.api_requests:blueprint",
        "feria_reviews.admin_api:blueprint",
    ),
    provides="feria_reviews.provides:register",
    subscribes=(
        Subscription(OrderDelivered, "feria_reviews.handlers:order_delivered"),
        Subscription(OrderRefunded, "feria_reviews.handlers:order_refunded"),
        Subscription(EmailVerified, "feria_reviews.handlers:email_verified"),
    ),
    jobs=(
        Job("reviews.send_requests", "feria_reviews.jobs:send_requests", timeout_s=600, max_attempts=3),
        Job("reviews.forget_links", "feria_reviews.jobs:forget_links", timeout_s=300, max_attempts=3),
    ),
    schedules=(
        Schedule("reviews.send_requests", every_s=HOUR_S),
        Schedule("reviews.forget_links", every_s=DAY_S),
    ),
    permissions=(
        Permission(
            "reviews.moderate", "Publish, refuse and answer reviews", {"es": "Publicar, rechazar y responder reseñas"}
        ),
    ),
    emails="feria_reviews:templates/mail",
    commands=("feria_reviews.commands:reviews",),
    checks=(
        "feria_reviews.checks:review_summaries",
        "feria_reviews.checks:review_votes",
        "feria_reviews.checks:review_badges",
    ),
    demo="feria_reviews.demo:load",
)
