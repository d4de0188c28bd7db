"""What this module hands to core."""

from feria_core.module import Module, Permission

module = Module(
    blueprints=("feria_admin.api_audit:blueprint",),
    permissions=(Permission("audit.read", "Look into the audit log and export it"),),
)
