"""The worker's side of imports."""

from __future__ import annotations

from uuid import UUID

from feria_catalog.importing import images, service
from feria_core.jobs import JobContext


async def import_products(ctx: JobContext, *, import_id: str) -> None:
    """Import an uploaded file, or the next part of it."""
    await service.work(UUID(import_id), ctx)


async def fetch_images(ctx: JobContext, *, import_id: str) -> None:
    """Fetch the pictures that an imported file names by their addresses."""
    await images.work(UUID(import_id), ctx)
