"""Staff routes of imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from quart import Response, request

from feria_catalog.access import READ, WRITE
from feria_catalog.importing import diff, service
from feria_catalog.importing.error_csv import as_csv
from feria_core import db
from feria_core.errors import NotFound
from feria_core.http import Answer, ApiBlueprint, Out, Page, PageQuery, Query
from feria_core.ids import parse_id

blueprint = ApiBlueprint("catalog_imports", __name__)


class ImportStarted(Out):
    """The import that an upload has begun."""

    job_id: UUID = Field(description="Ask GET /api/admin/imports/{job_id} how far it is")


class ImportCounts(Out):
    """What has become of the file's rows so far."""

    rows: int = Field(description="Rows of the file that are dealt with")
    created: int = Field(description="Products that are new")
    updated: int = Field(description="Products that were changed")
    unchanged: int = Field(description="Products that were as the file has them")
    errors: int = Field(description="Rows and products that were refused")


class FieldChange(Out):
    """A field that would change."""

    field: str = Field(examples=["variants.OAK-160.price_amount"])
    before: Any = Field(description="What is stored; null where there is nothing")
    after: Any = Field(description="What the file says; texts beyond 500 characters are cut")


class ProductChange(Out):
    """What would become of one product."""

    line: int = Field(description="Where the product begins in the file")
    kind: str = Field(description="created or changed")
    sku: str
    name: str
    fields: list[FieldChange]


class ImportQuery(Query):
    """How to import."""

    dry_run: Annotated[bool, Field(description="Only tell what would change")] = False


class DiffQuery(Query):
    """Which format."""

    format: Annotated[Literal["csv", "jsonl"], Field(description="CSV, or JSON Lines")] = "csv"


class ImportState(Out):
    """How far an import is."""

    id: UUID
    state: str = Field(description="queued, running, done or failed", examples=["running"])
    format: str = Field(description="csv or jsonl")
    progress: float = Field(description="Share of the file that is dealt with, 0 to 1", examples=[0.42])
    bytes_done: int
    bytes_total: int
    counts: ImportCounts
    failure: str | None = Field(description="Why the import stopped, where it failed")
    errors_csv: str = Field(description="Where the refused rows are, as CSV")
    dry_run: bool = Field(description="Whether everything is only checked and told, and nothing stored")
    changes: list[ProductChange] | None = Field(description="Of a dry run: what the first 50 products would become")
    diff: str | None = Field(description="Of a dry run: where all changes are, ?format=csv or jsonl")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportPage(Page[ImportState]):
    """Imports, the newest first."""


@blueprint.endpoint(
    "POST", "/api/admin/products/import", access=WRITE, query=ImportQuery, returns=ImportStarted, status=202
)
async def import_products(query: ImportQuery) -> ImportStarted:
    """Import products from CSV or JSON Lines, raw or as the file of a form, gzipped or not, up to 256 MiB."""
    return ImportStarted(job_id=await service.start(request, is_dry_run=query.dry_run))


@blueprint.endpoint("GET", "/api/admin/imports", access=READ, query=PageQuery, returns=ImportPage)
async def admin_list_imports(query: PageQuery) -> ImportPage:
    """The imports, the newest first; what a dry run would change stands with the one alone."""
    rows, following = await service.newest(query.cursor, query.limit)
    return ImportPage(items=[_state(row, None) for row in rows], next_cursor=following)


@blueprint.endpoint("GET", "/api/admin/imports/<import_id>", access=READ, returns=ImportState)
async def import_progress(import_id: str) -> ImportState:
    """How far an import is, and what has become of its rows; of a dry run, what the first products would become."""
    row = await service.progress(_id(import_id))
    return _state(row, await service.first_changes(row["id"]) if row["is_dry_run"] else None)


@blueprint.endpoint(
    "GET",
    "/api/admin/imports/<import_id>/diff",
    access=WRITE,
    query=DiffQuery,
    media_types=("text/csv", "application/x-ndjson"),
)
async def import_diff(import_id: str, query: DiffQuery) -> Response:
    """All that a dry run would change: line, product, field, before and after."""
    row = await service.progress(_id(import_id))
    if not row["is_dry_run"]:
        raise NotFound("This import was no dry run, so it has no diff: upload the file with ?dry_run=true.")
    response = Response(
        service.changes(row["id"], query.format),
        content_type=diff.TYPES[query.format],
        headers={"Content-Disposition": f'attachment; filename="import-{row["id"]}-diff.{query.format}"'},
    )
    response.timeout = None
    return response


@blueprint.endpoint("GET", "/api/admin/imports/<import_id>/errors", access=READ, media_types=("text/csv",))
async def import_errors(import_id: str) -> Answer:
    """The rows that an import refused: line, code, message, column and the row as it was given, as CSV; the first
    10,000 of them.
    """
    return await _errors(import_id)


@blueprint.endpoint("GET", "/api/admin/imports/<import_id>/errors.csv", access=READ, media_types=("text/csv",))
async def import_errors_csv(import_id: str) -> Answer:
    """The same under a name with an ending."""
    return await _errors(import_id)


async def _errors(import_id: str) -> Answer:
    text = as_csv(await service.problems(_id(import_id)))
    return Answer(
        text,
        headers={"Content-Disposition": f'attachment; filename="import-{_id(import_id)}-errors.csv"'},
        content_type="text/csv; charset=utf-8",
    )


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise NotFound("There is no such import: the answer to the upload names its id.")
    return found


def _state(row: db.Row, changes: Sequence[db.Row] | None) -> ImportState:
    total = row["bytes_total"]
    return ImportState(
        id=row["id"],
        state=row["state"],
        format=row["format"],
        progress=1.0 if row["state"] == "done" else round(row["bytes_done"] / total, 4) if total else 0.0,
        bytes_done=row["bytes_done"],
        bytes_total=total,
        counts=ImportCounts(
            rows=row["position"], created=row["created"], updated=row["updated"],
            unchanged=row["unchanged"], errors=row["errors"],
        ),
        failure=row["failure"],
        errors_csv=f"/api/admin/imports/{row['id']}/errors.csv",
        dry_run=row["is_dry_run"],
        changes=None if changes is None else [ProductChange(**diff.as_object(change)) for change in changes],
        diff=f"/api/admin/imports/{row['id']}/diff" if row["is_dry_run"] else None,
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )  # fmt: skip
