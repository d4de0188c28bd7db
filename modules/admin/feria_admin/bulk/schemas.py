"""What bulk acts take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from feria_core.http import Body, Out, PageQuery

MOST_KEYS = 10_000
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9_-]+$")]
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00/]+$")]


class BulkBody(Body):
    """An act to do to each of `keys`, or to all that the section's list gives under the filters `query`."""

    section: Annotated[Name, Field(description="Name of a section of the pages", examples=["reviews"])]
    act: Annotated[Name, Field(description="One of its acts that are for many", examples=["approve"])]
    keys: Annotated[list[Key] | None, Field(min_length=1, max_length=MOST_KEYS)] = None
    query: Annotated[
        dict[Name, Annotated[str, Field(max_length=200)]] | None, Field(max_length=20, description="`{}` is all")
    ] = None
    body: Annotated[dict[str, Any] | None, Field(description="What the act's own call takes")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> BulkBody:
        if (self.keys is None) == (self.query is None):
            raise ValueError("give either keys or query")
        return self


class BulkOut(Out):
    id: UUID
    section: str
    act: str
    state: Annotated[
        Literal["choosing", "running", "done", "cancelled"],
        Field(description="`choosing` while the list is read under the filters"),
    ]
    reason: Annotated[str | None, Field(description="Why it was cancelled, where nobody did")]
    total: int
    done: int
    failed: int
    skipped: Annotated[int, Field(description="Not as the act wants them: a published one is not published again")]
    progress: Annotated[float, Field(description="0 to 1")]
    actor_kind: str
    actor_id: UUID | None
    created_at: datetime
    finished_at: datetime | None


class BulkErrorOut(Out):
    position: Annotated[int, Field(description="The how-maniest of all, from 0")]
    key: str
    code: str
    reason: str


class BulkErrorQuery(PageQuery):
    format: Annotated[Literal["json", "csv"] | None, Field(description="`csv` gives all rows, no pages")] = None
