"""The jobs of promotions: thin, each one use case."""

from __future__ import annotations

from uuid import UUID

from feria_core.jobs import JobContext
from feria_promotions.staff import codes


async def generate_codes(ctx: JobContext, *, batch_id: str) -> None:
    """Make the codes of a batch, ten thousand in a transaction; a new attempt goes on where the last one stopped."""
    del ctx
    while await codes.fill(UUID(batch_id)):
        pass
