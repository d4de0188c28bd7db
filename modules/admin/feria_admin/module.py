"""What this module hands to core."""

from feria_admin.settings import AdminSettings
from feria_core.module import Job, Module, Permission, Schedule

module = Module(
    settings=AdminSettings,
    models="feria_admin.models",
    blueprints=(
        "feria_admin.api_audit:blueprint",
        "feria_admin.api_keys:blueprint",
        "feria_admin.api_webhooks:blueprint",
        "feria_admin.api_jobs:blueprint",
    ),
    provides="feria_admin.provides:register",
    jobs=(
        Job("admin.relay_event", "feria_admin.jobs:relay_event", max_attempts=40),
        # A delivery counts its own tries; what is left here is for workers that die.
        Job("admin.deliver_webhook", "feria_admin.jobs:deliver_webhook", timeout_s=90, max_attempts=50),
        Job("admin.sweep", "feria_admin.jobs:sweep", timeout_s=120, max_attempts=2),
    ),
    schedules=(Schedule("admin.sweep", every_s=6 * 3600),),
    listens=("admin.relay_event",),
    permissions=(
        Permission("audit.read", "Look into the audit log and export it"),
        Permission("api_keys.write", "See, make and revoke API keys"),
        Permission("jobs.read", "See jobs, queues and dead letters"),
        Permission("jobs.write", "Try dead letters again"),
        Permission("webhooks.write", "See, make and change outgoing webhooks"),
    ),
    emails="feria_admin:templates/mail",
)
