"""What this module hands to core."""

from feria_core.module import Module, Permission

module = Module(
    models="feria_admin.models",
    blueprints=(
        "feria_admin.api_audit:blueprint",
        "feria_admin.api_keys:blueprint",
        "feria_admin.pages.routes:blueprint",
    ),
    provides="feria_admin.provides:register",
    permissions=(
        Permission("audit.read", "Look into the audit log and export it"),
        Permission("api_keys.write", "See, make and revoke API keys"),
    ),
)
