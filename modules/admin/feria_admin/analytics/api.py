"""Reports, for staff who look at how the shop does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from quart import Response

from feria_admin import csv_rows
from feria_admin.analytics import reports
from feria_admin.analytics.schemas import ReportNamesOut, ReportOut, ReportQuery
from feria_core.http import ApiBlueprint, staff
from feria_core.money import exponent

blueprint = ApiBlueprint("admin_analytics", __name__)
READ = staff("analytics.read")


@blueprint.endpoint("GET", "/api/admin/analytics", access=READ, returns=ReportNamesOut)
async def admin_reports() -> ReportNamesOut:
    """The reports that the modules of this deployment give, with their columns."""
    return reports.names()


@blueprint.endpoint("GET", "/api/admin/analytics/<report>", access=READ, query=ReportQuery, returns=ReportOut)
async def admin_report(report: str, query: ReportQuery) -> Any:
    """A report by interval or by what was counted, over any range; with `format=csv` its items as a file."""
    found = await reports.report(report, query)
    if csv_rows.is_wanted(query.format):
        return _csv(found)
    return reports.document(found)


def _csv(found: ReportOut) -> Response:
    before = {"interval": ("start", "end", "label"), "key": ("key", "title"), "row": ()}[found.by]
    names = [*before, *(column.name for column in found.columns)]

    async def lines() -> AsyncIterator[Sequence[Any]]:
        for item in found.items:
            yield [*(_cell(item.get(name)) for name in names), found.currency]

    return csv_rows.answer(f"{found.name}-{found.start:%Y-%m-%d}", [*names, "currency"], lines())


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return Decimal(value["amount"]).scaleb(-exponent(value["currency"]))
    return value.isoformat() if isinstance(value, datetime) else value
