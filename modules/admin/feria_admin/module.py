"""What this module hands to core."""

from feria_admin.settings import AdminSettings
from feria_core.module import Job, Module, Permission, Schedule

module = Module(
    settings=AdminSettings,
    models="feria_admin.models",
    blueprints=(
        "feria_admin.api_audit:blueprint",
        "feria_admin.api_keys:blueprint",
        "feria_admin.pages.routes:blueprint",
        "feria_admin.api_webhooks:blueprint",
        "feria_admin.api_jobs:blueprint",
        "feria_admin.analytics.api:blueprint",
        "feria_admin.dashboard.api:blueprint",
        "feria_admin.bulk.api:blueprint",
    ),
    provides="feria_admin.provides:register",
    jobs=(
        Job("admin.relay_event", "feria_admin.jobs:relay_event", max_attempts=40),
        # A delivery counts its own tries; what is left here is for workers that die.
        Job("admin.deliver_webhook", "feria_admin.jobs:deliver_webhook", timeout_s=90, max_attempts=50),
        Job("admin.mark_figures", "feria_admin.jobs:mark_figures"),
        # The first time it counts all that there is; another goes on from where one was broken off.
        Job("admin.keep_figures", "feria_admin.jobs:keep_figures", timeout_s=3600, max_attempts=3),
        Job("admin.rebuild_figures", "feria_admin.jobs:rebuild_figures", timeout_s=3600, max_attempts=3),
        Job("admin.run_bulk", "feria_admin.jobs:run_bulk", timeout_s=300, max_attempts=50),
        Job("admin.sweep", "feria_admin.jobs:sweep", timeout_s=120, max_attempts=2),
    ),
    schedules=(Schedule("admin.keep_figures", every_s=900), Schedule("admin.sweep", every_s=6 * 3600)),
    listens=("admin.relay_event", "admin.mark_figures"),
    permissions=(
        Permission("analytics.read", "See reports and the dashboard", {"es": "Ver los informes y el panel"}),
        Permission(
            "audit.read",
            "Look into the audit log and export it",
            {"es": "Consultar el registro de auditoría y exportarlo"},
        ),
        Permission("api_keys.write", "See, make and revoke API keys", {"es": "Ver, crear y revocar claves de API"}),
        Permission(
            "bulk.write",
            "Do an act to many things at once, as far as each one may be done",
            {"es": "Hacer algo con muchos elementos a la vez, en lo que a cada uno se le pueda hacer"},
        ),
        Permission("jobs.read", "See jobs, queues and dead letters", {"es": "Ver tareas, colas y tareas muertas"}),
        Permission("jobs.write", "Try dead letters again", {"es": "Reintentar tareas muertas"}),
        Permission(
            "webhooks.write",
            "See, make and change outgoing webhooks",
            {"es": "Ver, crear y cambiar webhooks de salida"},
        ),
    ),
    commands=("feria_admin.commands:analytics",),
    checks=("feria_admin.checks:kept_figures_are_right",),
    emails="feria_admin:templates/mail",
)
