"""Pictures that a file names by their address: noted with the rows, fetched by a job once these are stored."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from feria_catalog.domain import UpsertCounts
from feria_catalog.importing import repository
from feria_catalog.importing.batches import Placed
from feria_catalog.importing.errors import RowProblem
from feria_catalog.media import gallery
from feria_catalog.media.errors import ImageNotFetched
from feria_catalog.media.remote import fetch_image
from feria_catalog.media.store import store_bytes
from feria_catalog.media.upload import MediaForm
from feria_core import clock, db
from feria_core.errors import FeriaError, Unavailable
from feria_core.ids import new_id
from feria_core.jobs import JobContext, enqueue

JOB = "catalog.fetch_images"
ATTEMPTS = 3
# One job works so long and hands over to the next. A picture whose worker is killed, or whose server failed, is
# tried again after the pause; fetching and scaling one takes less.
SLICE_S = 60.0
PAUSE = timedelta(minutes=2)

# Those that a product shows already from the same address are not fetched again.
_NOTE = """
INSERT INTO catalog_import_image (id, import_id, product_id, line, url, alt, not_before)
SELECT i.id, $1, v.product_id, i.line, i.url, i.alt, $7
FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[]) AS i (id, sku, line, url, alt)
JOIN catalog_variant v ON v.sku = i.sku
WHERE NOT EXISTS (SELECT FROM catalog_media m WHERE m.product_id = v.product_id AND m.source_url = i.url)
"""
_CLAIM = """
UPDATE catalog_import_image SET attempts = attempts + 1, not_before = $3 WHERE id = (
    SELECT id FROM catalog_import_image WHERE import_id = $1 AND state = 'waiting' AND not_before <= $2
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, product_id, line, url, alt, attempts
"""
_SETTLE = "UPDATE catalog_import_image SET state = $2 WHERE id = $1 AND state = 'waiting'"


async def note(import_id: UUID, products: Sequence[Placed], refused: Collection[int]) -> None:
    """Queue the pictures of the products of a batch, but for those of the refused lines, in its transaction."""
    wanted = [
        (new_id(), placed.product.variants[0].sku, placed.line, image.url, image.alt)
        for placed in products
        if placed.line not in refused
        for image in placed.product.images
    ]
    if wanted and await db.execute(_NOTE, import_id, *zip(*wanted, strict=True), clock.now()):
        await enqueue(JOB, import_id=str(import_id))


async def work(import_id: UUID, ctx: JobContext) -> None:
    """Fetch the import's pictures for SLICE_S seconds, one after the other; then queue the rest, if there is any."""
    until = time.monotonic() + SLICE_S
    while time.monotonic() < until:
        now = clock.now()
        row = await db.fetch_one(_CLAIM, import_id, now, now + PAUSE)
        if row is None:
            break
        await _fetch(import_id, row)
    async with ctx.effect():
        waiting = await db.fetch_value(
            "SELECT min(not_before) FROM catalog_import_image WHERE import_id = $1 AND state = 'waiting'", import_id
        )
        if waiting is not None:
            await enqueue(JOB, run_at=waiting, import_id=str(import_id))


async def _fetch(import_id: UUID, row: db.Row) -> None:
    """Show the picture on its product, or tell in the import's errors why not."""
    try:
        if row["attempts"] > ATTEMPTS:
            raise ImageNotFetched("The picture could not be stored: its worker was stopped each time.")
        stored = await store_bytes(await fetch_image(row["url"]))
        async with db.transaction():
            await gallery.attach(row["product_id"], stored, MediaForm(alt=row["alt"]))
            await db.execute(
                "UPDATE catalog_media SET source_url = $3 WHERE product_id = $1 AND key = $2",
                row["product_id"], stored.key, row["url"],
            )  # fmt: skip
            await db.execute(_SETTLE, row["id"], "done")
    except FeriaError as error:
        if isinstance(error, (ImageNotFetched, Unavailable)) and row["attempts"] < ATTEMPTS:
            return  # again after the pause
        problem = RowProblem(row["line"], error.code, error.detail, "images", row["url"])
        async with db.transaction():
            if await db.execute(_SETTLE, row["id"], "failed"):
                await repository.count(import_id, UpsertCounts(), [problem])
