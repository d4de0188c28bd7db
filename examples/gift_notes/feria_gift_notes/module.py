"""What this module hands to core."""

from feria_core.contracts.orders import OrderPlaced
from feria_core.module import Job, Module, Permission, Schedule, Subscription
from feria_gift_notes.settings import GiftNotesSettings

module = Module(
    settings=GiftNotesSettings,
    models="feria_gift_notes.models",
    blueprints=("feria_gift_notes.api:blueprint", "feria_gift_notes.admin_api:blueprint"),
    provides="feria_gift_notes.provides:register",
    subscribes=(Subscription(OrderPlaced, "feria_gift_notes.handlers:order_placed"),),
    jobs=(Job("gift_notes.forget_old", "feria_gift_notes.jobs:forget_old", timeout_s=300),),
    schedules=(Schedule("gift_notes.forget_old", every_s=86_400),),
    permissions=(
        Permission(
            "gift_notes.write",
            "Read gift notes, and mark their cards as written",
            {"es": "Leer notas de regalo y marcar sus tarjetas como escritas"},
        ),
    ),
)
