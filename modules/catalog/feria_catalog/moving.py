"""The shop has another address: products' pages, which name it, are written anew."""

from __future__ import annotations

from feria_catalog.documents import rebuilding

BATCH = 200


async def moved() -> list[str]:
    """Write every product's document anew; return the line of the report, none without products."""
    total = await rebuilding.count()
    async for batch in rebuilding.batches(BATCH):
        await rebuilding.rebuild(batch)
    return [f"{total:,} products name the new address"] if total else []
