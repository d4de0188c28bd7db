"""What workers do for reviews."""

from __future__ import annotations

from feria_core.jobs import JobContext
from feria_reviews.service import requests


async def send_requests(ctx: JobContext) -> None:
    """Ask buyers for reviews some days after delivery; whoever was asked is not asked again."""
    del ctx
    await requests.send_due()


async def forget_links(ctx: JobContext) -> None:
    """Delete links that have long expired."""
    del ctx
    await requests.delete_old()
