"""Scheduled work."""

from __future__ import annotations

from uuid import UUID

from feria_catalog import popularity
from feria_catalog.documents import affected
from feria_catalog.pricing import current as prices
from feria_catalog.pricing import sweep as old_prices
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


async def reprice(ctx: JobContext) -> None:
    """Write the documents whose price a list has changed since they were written."""
    async with ctx.effect():
        await prices.work_through()


async def sweep_prices(ctx: JobContext) -> None:
    """Delete prices of the past that no reduction can be compared with any more."""
    del ctx
    await old_prices.prune()


async def rewrite_affected(ctx: JobContext, kind: str, key: str, after: str | None = None) -> None:
    """Write the documents that show an attribute, a brand or a category anew, from the product after `after` on."""
    async with ctx.effect():
        await affected.work_through(kind, key, after=UUID(after) if after else None)
