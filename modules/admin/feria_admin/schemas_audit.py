"""Queries and answers of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from feria_core.http import Out, PageQuery

Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class AuditQuery(PageQuery):
    actor: Annotated[Words | None, Field(description="Id of who did it")] = None
    action: Annotated[
        Words | None, Field(description="`orders.correct`, or all of `orders.*`", examples=["role.changed"])
    ] = None
    object_type: Annotated[Words | None, Field(description="Kind of what was changed", examples=["order"])] = None
    object_id: Annotated[Words | None, Field(description="Id or number of what was changed")] = None
    # `from` is a word of Python's own.
    since: Annotated[AwareDatetime | None, Field(alias="from", description="At or after this moment")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to", description="Before this moment")] = None
    text: Annotated[Words | None, Field(description="Stands somewhere in action, object or values")] = None
    format: Annotated[Literal["json", "csv"] | None, Field(description="`csv` gives all rows, no pages")] = None


class AuditRow(Out):
    id: UUID
    at: datetime
    actor_kind: Annotated[str, Field(description="`staff`, `api_key`, `customer` or `system`")]
    actor_id: str | None
    action: str
    object_type: str
    object_id: str
    before: Annotated[Any, Field(description="What was, secrets masked; null for nothing")]
    after: Annotated[Any, Field(description="What is, secrets masked; null for nothing")]
    address: Annotated[str | None, Field(description="Where the request came from; null for jobs")]
    request_id: str | None
