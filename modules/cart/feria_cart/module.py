"""What this module hands to core."""

from feria_cart.settings import CartSettings
from feria_core.module import Job, Module, Schedule

DAY_S = 86_400

module = Module(
    settings=CartSettings,
    models="feria_cart.models",
    blueprints=("feria_cart.api:blueprint",),
    provides="feria_cart.provides:register",
    jobs=(Job("cart.expire", "feria_cart.jobs:expire", timeout_s=300, max_attempts=3),),
    schedules=(Schedule("cart.expire", every_s=DAY_S),),
)
