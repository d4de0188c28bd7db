"""What admin offers to other modules."""

from __future__ import annotations

from feria_admin.dashboard.parts import FAILED_JOBS
from feria_admin.personal_data import AdminData
from feria_admin.sections import API_KEYS, AUDIT_LOG, JOBS, WEBHOOKS
from feria_admin.service.api_keys import ApiKeys
from feria_core.auth import AUTHENTICATORS, RIGHTS
from feria_core.contracts.admin import ADMIN_SECTIONS, DASHBOARD_PARTS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry


def register(registry: Registry) -> None:
    """Contribute the keys' authenticator, what is known of people, and admin's own sections."""
    registry.contribute(AUTHENTICATORS, ApiKeys(), module="admin")
    registry.contribute(RIGHTS, ApiKeys(), module="admin")
    registry.contribute(PERSONAL_DATA, AdminData(), module="admin")
    for section in (AUDIT_LOG, API_KEYS, WEBHOOKS, JOBS):
        registry.contribute(ADMIN_SECTIONS, section, module="admin")
    registry.contribute(DASHBOARD_PARTS, FAILED_JOBS, module="admin", order=90)
