"""What this module hands to core."""

from feria_core.module import Job, Module, Permission, Schedule
from feria_landing.settings import LandingSettings

module = Module(
    settings=LandingSettings,
    models="feria_landing.models",
    blueprints=(
        "feria_landing.api:blueprint",
        "feria_landing.api_mail:blueprint",
        "feria_landing.api_github:blueprint",
        "feria_landing.admin_api_events:blueprint",
        "feria_landing.admin_api_testimonials:blueprint",
        "feria_landing.admin_api_contacts:blueprint",
        "feria_landing.admin_api_subscriptions:blueprint",
        "feria_landing.admin_api_newsletters:blueprint",
    ),
    jobs=(
        Job("landing.handle_signup", "feria_landing.jobs:handle_signup"),
        Job("landing.tell_services", "feria_landing.jobs:tell_services"),
        Job("landing.send_newsletter", "feria_landing.jobs:send_newsletter", timeout_s=120),
        Job(
            "landing.refresh_github", "feria_landing.jobs:refresh_github", queue="github", timeout_s=540, max_attempts=3
        ),
        Job("landing.upkeep", "feria_landing.jobs:upkeep_daily", timeout_s=300, max_attempts=2),
    ),
    schedules=(Schedule("landing.refresh_github", every_s=60), Schedule("landing.upkeep", every_s=24 * 3600)),
    permissions=(
        Permission(
            "landing.write",
            "Write events and testimonials, see the state of GitHub's copies",
            {"es": "Escribir eventos y testimonios, ver el estado de las copias de GitHub"},
        ),
        Permission(
            "landing.contacts", "Read and answer contact messages", {"es": "Leer y responder mensajes de contacto"}
        ),
        Permission(
            "landing.newsletter",
            "See subscriptions, write and send newsletters",
            {"es": "Ver suscripciones, escribir y enviar boletines"},
        ),
    ),
    provides="feria_landing.provides:register",
    checks=("feria_landing.checks:occurrences", "feria_landing.checks:newsletters"),
    demo="feria_landing.demo:load",
    development="feria_landing.development:settings",
    emails="feria_landing:templates/mail",
)
