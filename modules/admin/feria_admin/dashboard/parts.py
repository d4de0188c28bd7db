"""Admin's own parts of the dashboard."""

from __future__ import annotations

from feria_core import job_log
from feria_core.contracts.admin import DashboardPart

FAILED_JOBS = DashboardPart(
    name="failed_jobs",
    title={"en": "Failed jobs", "es": "Tareas fallidas"},
    permission="jobs.read",
    value=job_log.count_dead,
    section="jobs",
    query={"state": "dead"},
    is_work=True,
)
