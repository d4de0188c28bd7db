"""Documents whose price the clock has changed, written before they are read.

A document says until when its prices hold (`price_until`). A read that meets one whose time has come writes it first:
the window of a list opens and closes for every reader at its moment, without a job. Where a list of very many
products begins, a list of products does not wait for all of them: the job `catalog.reprice`, ready at that moment,
writes them in batches; what a page or an offer shows is written first all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from feria_catalog.documents.writing import LISTS, rewrite
from feria_core import cache, clock, db, runtime
from feria_core.jobs import enqueue

log = structlog.get_logger("feria.catalog")

JOB = "catalog.reprice"
# The tag of everything that shows a price: touched where the products are too many to name.
PRICES = "catalog-prices"
# So many are written in the transaction of an edit, about half a second.
AT_ONCE = 500
# So many are written before somebody reads a list, once for all who read it: some two seconds.
BEFORE_READING = 2000
# Of the job: so many in one statement, and so many until it hands over to the next.
BATCH, SLICE = 500, 2000
# "catp" in ASCII: one writes what is due, the others wait and find it done.
_KEY = 0x63617470

_DUE = """
SELECT product_id FROM catalog_product_document
WHERE price_until <= $1 AND ($2::uuid[] IS NULL OR product_id = ANY($2::uuid[]))
ORDER BY price_until, product_id LIMIT $3
"""
# Whose time has come already keeps it: since then its history has to be told.
_MARK = """
UPDATE catalog_product_document SET price_until = least(price_until, $2) WHERE product_id = ANY($1::uuid[])
"""

_locks: list[tuple[runtime.Runtime, asyncio.Lock]] = []


async def catch_up(product_ids: Collection[UUID] | None = None) -> bool:
    """Write the due documents, of these products alone where they are given; return whether any was written.

    Nothing happens inside of a transaction, which could hold what this needs, and where too many are due.
    """
    if db.current_transaction() is not None:
        return False
    # No connection is held by those who wait here.
    async with _lock():
        found = await _due(clock.now(), product_ids, BEFORE_READING + 1)
        if not found or len(found) > BEFORE_READING:
            return False
        try:
            while await db.in_new_transaction(lambda: _write(product_ids, BATCH)) == BATCH:
                pass
        except asyncpg.LockNotAvailableError:
            # A long edit holds one of the products: it is read as it stands, kept in no cache, and written by the job.
            log.warning("catalog.reprice_waited", due=len(found))
            return False
    return True


async def reprice(product_ids: Collection[UUID]) -> None:
    """Let the documents of these products show what lists say since now: at once, or soon where they are many."""
    cache.touch(LISTS)
    if len(product_ids) <= AT_ONCE:
        await rewrite(product_ids)
        return
    await db.execute(_MARK, list(product_ids), clock.now())
    cache.touch(PRICES)
    await enqueue(JOB)


async def prepare(*moments: datetime | None) -> None:
    """Have the job ready at those of the moments that are still to come, in the caller's transaction."""
    for moment in moments:
        if moment is not None and moment > clock.now():
            await enqueue(JOB, run_at=moment)


async def work_through() -> None:
    """Write a slice of the due documents in the open transaction, and queue the next slice."""
    for _ in range(SLICE // BATCH):
        if await _write(None, BATCH) < BATCH:
            return
    await enqueue(JOB)


async def _write(product_ids: Collection[UUID] | None, limit: int) -> int:
    await db.execute("SELECT pg_advisory_xact_lock($1)", _KEY)
    found = await _due(clock.now(), product_ids, limit)
    await rewrite(found)
    return len(found)


async def _due(now: datetime, product_ids: Collection[UUID] | None, limit: int) -> list[UUID]:
    rows = await db.fetch_all(_DUE, now, None if product_ids is None else list(product_ids), limit)
    return [row["product_id"] for row in rows]


def _lock() -> asyncio.Lock:
    """Return the lock of the running application: another one has another loop."""
    application = runtime.current()
    if not _locks or _locks[0][0] is not application:
        _locks[:] = [(application, asyncio.Lock())]
    return _locks[0][1]
