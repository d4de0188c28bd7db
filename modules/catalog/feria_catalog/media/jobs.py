"""Scheduled work of pictures."""

from __future__ import annotations

from feria_catalog.media import store
from feria_core.jobs import JobContext


async def sweep_media(ctx: JobContext) -> None:
    """Remove files that nothing shows any more; repeats safely."""
    del ctx
    await store.sweep()
