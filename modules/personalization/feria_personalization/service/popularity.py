"""What is popular: counted every few minutes, so that newcomers and a shop without a model have something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from feria_core import clock, db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.runtime import registry
from feria_personalization.domain import Found, Reason
from feria_personalization.repository import popular

POPULAR_DAYS, TRENDING_DAYS = 90, 14
_REASONS = {"trending": Reason.TRENDING, "popular": Reason.POPULAR}


async def count() -> int:
    """Count anew what is popular and trending; return how many products stand in the lists."""
    now = clock.now()
    async with db.transaction():
        return await popular.count(since=now - timedelta(days=POPULAR_DAYS), lately=now - timedelta(days=TRENDING_DAYS))


async def found(limit: int) -> list[Found]:
    """Return what is in demand, then what is popular; empty in a shop where nothing has happened."""
    return [Found(row["product_id"], _REASONS[row["kind"]]) for row in await popular.top(limit)]


async def of_the_shop(limit: int) -> Sequence[Found]:
    """Return some products of the catalog, newest first: for a shop of which nothing is known yet."""
    texts = await registry().get(PRODUCTS).texts(after=None, limit=max(limit, 100))
    newest = sorted(texts, key=lambda text: (text.created_at, text.product_id), reverse=True)
    return [Found(text.product_id, Reason.SHOP) for text in newest[:limit]]
