"""What this module hands to core."""

from feria_core.module import Module, Permission
from feria_landing.settings import LandingSettings

module = Module(
    settings=LandingSettings,
    models="feria_landing.models",
    blueprints=(
        "feria_landing.api:blueprint",
        "feria_landing.admin_api_events:blueprint",
        "feria_landing.admin_api_testimonials:blueprint",
    ),
    permissions=(Permission("landing.write", "x"),),
)
