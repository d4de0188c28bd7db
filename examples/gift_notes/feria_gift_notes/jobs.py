"""What workers do for gift notes."""

from __future__ import annotations

from feria_core.jobs import JobContext
from feria_gift_notes import service


async def forget_old(ctx: JobContext) -> None:
    """Delete notes that are older than they are kept; running it again finds nothing more to do."""
    del ctx
    await service.forget_old()
