"""Storing reviews from a file: batch by batch, each external id once, what is there already untouched."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from feria_core import db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.ids import new_id, parse_id
from feria_core.runtime import core_settings, registry
from feria_reviews.domain import Status
from feria_reviews.importing.rows import BadRow, Incoming, read
from feria_reviews.service import summaries

BATCH = 500

# An export names reviews that were written here by their own ids.
_KNOWN = """
SELECT external_id FROM reviews_review WHERE external_id = ANY ($1::text[])
UNION SELECT id::text FROM reviews_review WHERE id = ANY ($2::uuid[])
"""
_ADD = """
INSERT INTO reviews_review (id, external_id, product_id, rating, title, text, author_name, created_at, locale, status,
    reply, replied_at)
SELECT n.id, n.external_id, n.product_id, n.rating, n.title, n.text, n.author, n.created_at, n.locale, n.status,
    n.reply, CASE WHEN n.reply IS NOT NULL THEN n.created_at END
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
    $9::text[], $10::text[], $11::text[])
    AS n (id, external_id, product_id, rating, title, text, author, created_at, locale, status, reply)
ORDER BY n.external_id
ON CONFLICT (external_id) DO NOTHING RETURNING product_id, rating, status
"""


@dataclass
class Tally:
    """What came of the rows so far."""

    rows: int = 0
    created: int = 0
    known: int = 0
    refused: int = 0
    bytes_done: int = 0


class ErrorReport:
    """A CSV file of row and reason, made with the first refused row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._writer: Any = None

    def add(self, row: int, reason: str) -> None:
        """Write one line."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(("row", "reason"))
        self._writer.writerow((row, reason))

    def close(self) -> None:
        """Close the file where there is one."""
        if self._file is not None:
            self._file.close()


async def import_reviews(
    path: Path, *, report: ErrorReport, on_batch: Callable[[Tally], None], is_dry_run: bool = False
) -> Tally:
    """Store the reviews of the file, nothing of them in a dry run; return what came of the rows.

    A review whose external id is known stays as it is, so a run that was stopped is simply started again.
    Raises BadFile.
    """
    tally, batch = Tally(), list[tuple[int, Incoming]]()

    def on_bytes(count: int) -> None:
        tally.bytes_done += count

    for number, row in read(path, locale=core_settings().locales[0], on_bytes=on_bytes):
        tally.rows += 1
        if isinstance(row, BadRow):
            tally.refused += 1
            report.add(number, str(row))
        else:
            batch.append((number, row))
        if len(batch) == BATCH:
            await _take(batch, tally, report, is_dry_run=is_dry_run)
            batch.clear()
            on_batch(tally)
    await _take(batch, tally, report, is_dry_run=is_dry_run)
    on_batch(tally)
    return tally


async def store(reviews: Sequence[tuple[UUID, Incoming]]) -> int:
    """Store the reviews of these products in a transaction; return how many were not there before."""
    if not reviews:
        return 0
    return await db.in_new_transaction(lambda: _store(reviews))


async def _take(batch: list[tuple[int, Incoming]], tally: Tally, report: ErrorReport, *, is_dry_run: bool) -> None:
    products = await products_of({row.product for _, row in batch})
    found: dict[str, tuple[UUID, Incoming]] = {}
    for number, row in batch:
        if row.product not in products:
            tally.refused += 1
            report.add(number, f"there is no product '{row.product}': name it by its slug, or by id while it is shown")
        elif row.external_id in found:
            tally.known += 1
        else:
            found[row.external_id] = (products[row.product], row)
    new = await _unknown(found)
    created = len(new) if is_dry_run else await store([found[external_id] for external_id in new])
    tally.created += created
    tally.known += len(found) - created


async def _unknown(external_ids: Iterable[str]) -> list[str]:
    wanted = list(external_ids)
    own = [review_id for name in wanted if (review_id := parse_id(name)) is not None]
    known = {row["external_id"] for row in await db.fetch_all(_KNOWN, wanted, own)}
    return [external_id for external_id in wanted if external_id not in known]


async def products_of(names: set[str]) -> Mapping[str, UUID]:
    """Return the products of these ids and slugs, as far as there are any."""
    ids = {name: product_id for name in names if (product_id := parse_id(name)) is not None}
    products = registry().get(PRODUCTS)
    shown = await products.cards(set(ids.values()))
    slugs = await products.ids_of(names - set(ids))
    return {**{name: product_id for name, product_id in ids.items() if product_id in shown}, **slugs}


async def _store(reviews: Sequence[tuple[UUID, Incoming]]) -> int:
    columns = zip(
        *(
            (new_id(), row.external_id, product_id, row.rating, row.title, row.text, row.author, row.created_at,
             row.locale, str(row.status), row.reply)
            for product_id, row in reviews
        ),
        strict=True,
    )  # fmt: skip
    added = await db.fetch_all(_ADD, *(list(column) for column in columns))
    counts: defaultdict[UUID, Counter[int]] = defaultdict(Counter)
    for row in added:
        if row["status"] == Status.APPROVED:
            counts[row["product_id"]][row["rating"]] += 1
    for product_id in sorted(counts):
        await summaries.add(product_id, counts[product_id])
    return len(added)
