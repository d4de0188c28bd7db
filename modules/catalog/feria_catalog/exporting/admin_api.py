"""Staff's route of the export."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from quart import Response

from feria_catalog.access import WRITE
from feria_catalog.exporting import service
from feria_core import audit, clock, db
from feria_core.http import ApiBlueprint, Query

blueprint = ApiBlueprint("catalog_exports", __name__)


class ExportQuery(Query):
    """Which of the formats that the import reads."""

    format: Annotated[Literal["csv", "jsonl"], Field(description="CSV, or JSON Lines")] = "csv"


@blueprint.endpoint(
    "GET",
    "/api/admin/products/export",
    access=WRITE,
    query=ExportQuery,
    media_types=("text/csv", "application/x-ndjson"),
)
async def export_products(query: ExportQuery) -> Response:
    """All products as a file that the import takes: each whole, and as it was at one moment."""
    async with db.transaction():
        await audit.record("catalog.export", "catalog", None, after={"format": query.format})
    name = f"products-{clock.now():%Y-%m-%d}.{query.format}"
    response = Response(
        service.pieces(query.format),
        content_type=service.TYPES[query.format],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
    # As long as somebody reads, the file goes on.
    response.timeout = None
    return response
