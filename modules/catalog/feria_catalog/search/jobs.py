"""Scheduled work of the search."""

from __future__ import annotations

from datetime import timedelta

from feria_catalog.search import log
from feria_catalog.settings import CatalogSettings
from feria_core import clock
from feria_core.jobs import JobContext
from feria_core.runtime import settings


async def sweep_searches(ctx: JobContext) -> None:
    """Delete counts of searches that are older than they are kept."""
    async with ctx.effect():
        await log.sweep(clock.now().date() - timedelta(days=settings(CatalogSettings).search_log_days))
