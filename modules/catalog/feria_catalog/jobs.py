"""Scheduled work."""

from __future__ import annotations

from feria_catalog import popularity
from feria_catalog.stock import sweep
from feria_core.jobs import JobContext


async def release_expired_holds(ctx: JobContext) -> None:
    """Give back what expired holds keep from other buyers; it matters only for what is shown, not for who may buy."""
    del ctx
    await sweep.release_expired()


async def count_sales(ctx: JobContext) -> None:
    """Count what was sold lately, which orders lists by popularity."""
    async with ctx.effect():
        await popularity.recount()
