"""Query and answer of the dashboard."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from feria_admin.analytics.schemas import Currency, Zone
from feria_core.http import Out, Query
from feria_core.money import MoneyOut


class DashboardQuery(Query):
    tz: Zone = None
    currency: Currency = None


class FigureOut(Out):
    name: str
    title: Annotated[str, Field(description="In the language of the request")]
    kind: Annotated[Literal["count", "money", "rate"], Field(description="`rate` is a share, 0.25")]
    value: Annotated[int | float | MoneyOut | None, Field(description="Null where it would be divided by nothing")]
    before: Annotated[int | float | MoneyOut | None, Field(description="Of as much time just before")]


class PeriodOut(Out):
    start: Annotated[datetime, Field(serialization_alias="from")]
    end: Annotated[datetime, Field(serialization_alias="to")]
    figures: list[FigureOut]


class PartOut(Out):
    name: str
    title: str
    kind: Literal["count", "money"]
    value: int | MoneyOut
    is_work: Annotated[bool, Field(description="More than nothing waits for somebody to act")]
    section: Annotated[str | None, Field(description="The section of the pages where one can do something about it")]
    query: Annotated[dict[str, str], Field(description="Filters of the section's list that show it")]


class DashboardOut(Out):
    at: datetime
    tz: str
    currency: str
    periods: Annotated[dict[str, PeriodOut], Field(description="`today`, `7d`, `30d`")]
    parts: Annotated[list[PartOut], Field(description="Those for which the caller holds the permission")]
    low_stock: Annotated[int | None, Field(description="The part of that name; null where it is not shown")] = None
    open_returns: int | None = None
    failed_jobs: int | None = None
