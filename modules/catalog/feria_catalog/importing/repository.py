"""Uploads and their errors in the database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson

from feria_catalog.domain import UpsertCounts
from feria_catalog.importing import limits
from feria_catalog.importing.batches import Batch
from feria_catalog.importing.changes import Change
from feria_catalog.importing.errors import RowProblem
from feria_core import clock, db
from feria_core.ids import new_id

_COLUMNS = """id, state, file, format, bytes_total, bytes_done, position, created, updated, unchanged, errors, failure,
    is_dry_run, created_at, started_at, finished_at"""


async def add(
    import_id: UUID, *, file: str, file_format: str, size: int, created_by: UUID | None, is_dry_run: bool = False
) -> None:
    """Store a new upload."""
    await db.execute(
        "INSERT INTO catalog_import (id, file, format, bytes_total, created_by, created_at, is_dry_run)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        import_id, file, file_format, size, created_by, clock.now(), is_dry_run,
    )  # fmt: skip


async def find(import_id: UUID) -> db.Row | None:
    """Return the upload's row."""
    return await db.fetch_one(f"SELECT {_COLUMNS} FROM catalog_import WHERE id = $1", import_id)


async def newest(after: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return uploads, the newest first, those before the upload `after`."""
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM catalog_import WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
        after, limit,
    )  # fmt: skip


async def open_command(fingerprint: str, file: str, file_format: str, size: int, *, again: bool) -> db.Row:
    """Return the import of this file at the command line: the one that was stopped or is done, else a new one.

    With `again` it is a new one in any case.
    """
    if again:
        await db.execute(
            "UPDATE catalog_import SET state = 'failed', failure = 'begun anew', finished_at = $2"
            " WHERE fingerprint = $1 AND state = 'running'",
            fingerprint, clock.now(),
        )  # fmt: skip
    else:
        latest = await db.fetch_one(
            f"SELECT {_COLUMNS} FROM catalog_import WHERE fingerprint = $1 AND state <> 'failed'"
            " ORDER BY id DESC LIMIT 1",
            fingerprint,
        )
        if latest is not None:
            return latest
    # Of two that begin at the same instant the second finds the first one's row.
    await db.execute(
        "INSERT INTO catalog_import (id, state, source, fingerprint, file, format, bytes_total, created_at, started_at)"
        " VALUES ($1, 'running', 'command', $2, $3, $4, $5, $6, $6)"
        " ON CONFLICT (fingerprint) WHERE state = 'running' DO NOTHING",
        new_id(), fingerprint, file, file_format, size, clock.now(),
    )  # fmt: skip
    found = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM catalog_import WHERE fingerprint = $1 ORDER BY id DESC LIMIT 1", fingerprint
    )
    assert found is not None  # noqa: S101 - it was inserted, now or by the other
    return found


async def begin(import_id: UUID) -> db.Row | None:
    """Mark the upload running; return its file, format and position, None where it is finished or unknown."""
    return await db.fetch_one(
        "UPDATE catalog_import SET state = 'running', started_at = coalesce(started_at, $2)"
        " WHERE id = $1 AND state IN ('queued', 'running') RETURNING file, format, position, is_dry_run",
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
            "INSERT INTO catalog_import_error (id, import_id, line, code, message, column_name, given)"
            " SELECT p.id, $1, p.line, p.code, p.message, p.column_name, p.given"
            " FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])"
            " AS p (id, line, code, message, column_name, given)",
            import_id, [new_id() for _ in kept], [problem.line for problem in kept],
            [problem.code for problem in kept], [_storable(problem.message) for problem in kept],
            [_storable(problem.column) for problem in kept], [_storable(problem.row) for problem in kept],
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
        "SELECT line, code, message, column_name, given FROM catalog_import_error WHERE import_id = $1"
        " ORDER BY line, id",
        import_id,
    )
    return [RowProblem(*row.values()) for row in rows]


async def add_changes(import_id: UUID, changes: Sequence[Change]) -> None:
    """Keep what a dry run would change."""
    if changes:
        await db.execute(
            "INSERT INTO catalog_import_change (id, import_id, line, kind, sku, name, changes)"
            " SELECT c.id, $1, c.line, c.kind, c.sku, c.name, c.changes::jsonb"
            " FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])"
            " AS c (id, line, kind, sku, name, changes)",
            import_id, [new_id() for _ in changes], [change.line for change in changes],
            [change.kind for change in changes], [change.sku for change in changes],
            [change.name for change in changes],
            [orjson.dumps(change.fields, default=str).decode() for change in changes],
        )  # fmt: skip


async def changes_of(import_id: UUID, *, after: tuple[int, UUID], limit: int) -> Sequence[db.Row]:
    """Return what a dry run would change, by line, behind a position."""
    return await db.fetch_all(
        "SELECT id, line, kind, sku, name, changes::text AS changes FROM catalog_import_change"
        " WHERE import_id = $1 AND (line, id) > ($2, $3) ORDER BY line, id LIMIT $4",
        import_id, *after, limit,
    )  # fmt: skip


def _storable(text: str | None) -> str | None:
    """Return the text as PostgreSQL takes it: bytes of a file that are no UTF-8 stand in messages as surrogates."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()
