"""Uploads of products: taken from staff, done by a worker, batch by batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from quart import Request

from feria_catalog.ahead import ahead
from feria_catalog.importing import diff, repository
from feria_catalog.importing import progress as moving
from feria_catalog.importing.batches import batches
from feria_catalog.importing.diff import DiffFormat
from feria_catalog.importing.errors import BrokenFile, NotAProductFile, RowProblem
from feria_catalog.importing.reader import Reader
from feria_catalog.importing.upload import receive
from feria_core import audit, db
from feria_core.auth import current_principal
from feria_core.errors import BadRequest, NotFound
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import new_id, parse_id
from feria_core.jobs import JobContext, Superseded, enqueue
from feria_core.runtime import core_settings

JOB = "catalog.import_products"
BATCH = 500
# One job works so long and hands over to the next, far inside its timeout: a long file never looks stuck.
SLICE_S = 60.0
# Of a dry run's changes: in the answer, and at a time in the file of all.
SHOWN_CHANGES, CHANGES_AT_A_TIME = 50, 500
_BEGINNING = (-1, UUID(int=0))


def folder() -> Path:
    """Return the folder of uploads, beside the pictures; web and worker machines share it."""
    return core_settings().media_dir.parent / "imports"


async def start(request: Request, *, is_dry_run: bool = False) -> UUID:
    """Keep the uploaded file and queue its import, or the dry run of it; return the import's id.

    Raises NotAProductFile for a file whose beginning is not one of products, and what `receive` raises.
    """
    import_id = new_id()
    path = folder() / f"{import_id}.upload"
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    await receive(request, path)
    try:
        file_format = await asyncio.to_thread(_checked_format, path)
        async with db.transaction():
            size = path.stat().st_size
            await repository.add(
                import_id, file=path.name, file_format=file_format, size=size, created_by=current_principal().id,
                is_dry_run=is_dry_run,
            )  # fmt: skip
            after = {"format": file_format, "bytes": size, "dry_run": is_dry_run}
            await audit.record("catalog.import", "catalog_import", import_id, after=after)
            await enqueue(JOB, import_id=str(import_id))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return import_id


async def progress(import_id: UUID) -> db.Row:
    """Return the import's row. Raises NotFound."""
    row = await repository.find(import_id)
    if row is None:
        raise NotFound(f"There is no import {import_id}: the answer to the upload names its id.")
    return row


async def newest(cursor: str | None, limit: int) -> tuple[Sequence[db.Row], str | None]:
    """Return a page of imports, the newest first, and the cursor of the next. Raises BadRequest."""
    parts = decode_cursor(cursor, 1)
    after = parse_id(parts[0]) if parts and isinstance(parts[0], str) else None
    if parts and after is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    rows = await repository.newest(after, limit + 1)
    return rows[:limit], encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None


async def problems(import_id: UUID) -> list[RowProblem]:
    """Return what was wrong with the import's rows, by line. Raises NotFound."""
    await progress(import_id)
    return await repository.problems_of(import_id)


async def first_changes(import_id: UUID) -> Sequence[db.Row]:
    """Return what the first products of a dry run would become."""
    return await repository.changes_of(import_id, after=_BEGINNING, limit=SHOWN_CHANGES)


async def changes(import_id: UUID, file_format: DiffFormat) -> AsyncIterator[bytes]:
    """Give all that a dry run would change, as CSV or JSON Lines, in bounded memory."""
    after, rows = _BEGINNING, diff.Rows(file_format)
    yield rows.header()
    while found := await repository.changes_of(import_id, after=after, limit=CHANGES_AT_A_TIME):
        after = (found[-1]["line"], found[-1]["id"])
        yield rows.lines(found)


async def work(import_id: UUID, ctx: JobContext) -> None:
    """Import for SLICE_S seconds from where the file was left; then finish, or queue the rest."""
    row = await repository.begin(import_id)
    if row is None:
        return
    path = folder() / row["file"]
    try:
        with _reader(path, row["position"]) as reader:
            is_done = await _work_through(import_id, reader, row["position"], is_dry_run=row["is_dry_run"])
    except (NotAProductFile, BrokenFile, FileNotFoundError) as error:
        await _finish(import_id, ctx, path, failure=_sentence(error))
        return
    except Superseded:
        raise
    except Exception as error:
        if ctx.is_last_attempt:
            failure = f"The import stopped ({type(error).__name__}): upload the file again, it goes on where it was."
            await repository.finish(import_id, "failed", failure)
            await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    if is_done:
        await _finish(import_id, ctx, path)
        return
    async with ctx.effect():
        await enqueue(JOB, import_id=str(import_id))


async def _work_through(import_id: UUID, reader: Reader, position: int, *, is_dry_run: bool) -> bool:
    """Import batch by batch; return True at the end of the file, False when the slice is over."""
    until = time.monotonic() + SLICE_S
    advance = moving.advance_rehearsal if is_dry_run else moving.advance
    async with ahead(batches(reader, BATCH)) as upcoming:
        async for batch in upcoming:
            await advance(import_id, position, batch)
            position += batch.rows
            if time.monotonic() >= until:
                return False
    return True


async def _finish(import_id: UUID, ctx: JobContext, path: Path, failure: str | None = None) -> None:
    async with ctx.effect():
        await repository.finish(import_id, "failed" if failure else "done", failure)
    await asyncio.to_thread(path.unlink, missing_ok=True)


@contextmanager
def _reader(path: Path, skip_rows: int = 0) -> Iterator[Reader]:
    reader = Reader(path, currency=core_settings().currency, skip_rows=skip_rows)
    try:
        yield reader
    finally:
        reader.close()


def _checked_format(path: Path) -> str:
    """Return the format, after a look at the first product. Raises NotAProductFile."""
    try:
        with _reader(path) as reader:
            next(iter(reader), None)
            return reader.format
    except BrokenFile as error:
        raise NotAProductFile(error.detail) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The uploaded file is not on this worker's disk: let all machines share the folder, and import again."
    return str(error)
