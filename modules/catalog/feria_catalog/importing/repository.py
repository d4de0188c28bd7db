"""Uploads and their errors in the database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_catalog.domain import UpsertCounts
from feria_catalog.importing import limits
from feria_catalog.importing.batches import Batch
from feria_catalog.importing.errors import RowProblem
from feria_core import clock, db
from feria_core.ids import new_id


async def add(import_id: UUID, *, file: str, file_format: str, size: int, created_by: UUID | None) -> None:
    """Store a new upload."""
    await db.execute(
        "INSERT INTO catalog_import (id, file, format, bytes_total, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        import_id, file, file_format, size, created_by, clock.now(),
    )  # fmt: skip


async def find(import_id: UUID) -> db.Row | None:
    """Return the upload's row."""
    return await db.fetch_one(
        "SELECT id, state, file, format, bytes_total, bytes_done, position, created, updated, unchanged, errors,"
        " failure, created_at, started_at, finished_at FROM catalog_import WHERE id = $1",
        import_id,
    )


async def begin(import_id: UUID) -> db.Row | None:
    """Mark the upload running; return its file, format and position, None where it is finished or unknown."""
    return await db.fetch_one(
        "UPDATE catalog_import SET state = 'running', started_at = coalesce(started_at, $2)"
        " WHERE id = $1 AND state IN ('queued', 'running') RETURNING file, format, position",
        import_id, clock.now(),
    )  # fmt: skip


async def advance(import_id: UUID, position: int, batch: Batch) -> bool:
    """Move the upload from `position` past the batch; False where another attempt has done so.

    The row stays locked until the transaction ends, so that two attempts never write the same batch.
    """
    moved = await db.execute(
        "UPDATE catalog_import SET position = position + $3, bytes_done = $4"
        " WHERE id = $1 AND position = $2 AND state = 'running'",
        import_id, position, batch.rows, batch.bytes_done,
    )  # fmt: skip
    return moved == 1


async def count(import_id: UUID, counts: UpsertCounts, problems: Sequence[RowProblem]) -> None:
    """Add to the counts of the upload, and keep its problems while they are not too many."""
    before = await db.fetch_value(
        "UPDATE catalog_import SET created = created + $2, updated = updated + $3, unchanged = unchanged + $4,"
        " errors = errors + $5 WHERE id = $1 RETURNING errors - $5",
        import_id, counts.created, counts.updated, counts.unchanged, len(problems),
    )  # fmt: skip
    kept = problems[: max(0, limits.KEPT_PROBLEMS - before)]
    if kept:
        await db.execute(
            "INSERT INTO catalog_import_error (id, import_id, line, code, message)"
            " SELECT p.id, $1, p.line, p.code, p.message"
            " FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[]) AS p (id, line, code, message)",
            import_id, [new_id() for _ in kept], [problem.line for problem in kept],
            [problem.code for problem in kept], [problem.message for problem in kept],
        )  # fmt: skip


async def finish(import_id: UUID, state: str, failure: str | None = None) -> None:
    """Mark the upload done or failed."""
    await db.execute(
        "UPDATE catalog_import SET state = $2, failure = $3, finished_at = $4,"
        " bytes_done = CASE WHEN $2 = 'done' THEN bytes_total ELSE bytes_done END"
        " WHERE id = $1 AND state IN ('queued', 'running')",
        import_id, state, failure, clock.now(),
    )  # fmt: skip


async def problems_of(import_id: UUID) -> list[RowProblem]:
    """Return the kept problems by line."""
    rows = await db.fetch_all(
        "SELECT line, code, message FROM catalog_import_error WHERE import_id = $1 ORDER BY line, id", import_id
    )
    return [RowProblem(row["line"], row["code"], row["message"]) for row in rows]
