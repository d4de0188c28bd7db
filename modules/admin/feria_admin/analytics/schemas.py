"""Queries and answers of the reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from feria_admin.analytics.periods import Interval
from feria_core.http import Out, Query

Time = Annotated[str, Field(min_length=10, max_length=40, pattern=r"^[0-9TtZz:+.\- ]+$")]
Zone = Annotated[
    str | None,
    Field(max_length=64, description="IANA time zone; the deployment's without it", examples=["Europe/Madrid"]),
]
Currency = Annotated[
    str | None, Field(pattern=r"^[A-Z]{3}$", description="Money of which currency; the shop's without it")
]
By = Literal["interval", "key"]


class ReportQuery(Query):
    since: Annotated[
        Time | None, Field(alias="from", description="From this moment, or the beginning of this day in `tz`, on")
    ] = None
    until: Annotated[
        Time | None, Field(alias="to", description="Before this moment, or to the end of this day in `tz`")
    ] = None
    tz: Zone = None
    interval: Interval = "day"
    currency: Currency = None
    by: Annotated[
        By | None, Field(description="Rows by interval, or by what was counted (`key`) where the report has that")
    ] = None
    sort: Annotated[
        str | None, Field(max_length=60, pattern=r"^-?[a-z0-9_]+$", description="A column, of `by=key`; `-` descends")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="At most so many rows of `by=key`")] = 20
    format: Annotated[Literal["json", "csv"] | None, Field(description="`csv` gives the items as a file")] = None


class ColumnOut(Out):
    name: str
    title: Annotated[str, Field(description="In the language of the request")]
    kind: Annotated[Literal["count", "money", "rate", "text", "moment"], Field(description="`rate` is a share, 0.25")]


class ReportOut(Out):
    """A report: `items` have `start`, `end` and `label`, or `key` and `title`, and each column by its name."""

    name: str
    title: str
    start: Annotated[datetime, Field(serialization_alias="from")]
    end: Annotated[datetime, Field(serialization_alias="to")]
    tz: str
    interval: Interval
    by: Literal["interval", "key", "row"]
    currency: str
    currencies: Annotated[list[str], Field(description="Those that occur in the range")]
    columns: list[ColumnOut]
    items: list[dict[str, Any]]
    totals: Annotated[dict[str, Any], Field(description="Each column for the whole range")]


class ReportNameOut(Out):
    name: str
    title: str
    by: list[Literal["interval", "key", "row"]]
    columns: list[ColumnOut]


class ReportNamesOut(Out):
    items: list[ReportNameOut]
