"""Queries, bodies and answers about jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from feria_admin.schemas_keys import Moment
from feria_core.http import Body, Out, PageQuery

Words = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


class JobQuery(PageQuery):
    queue: Annotated[Words | None, Field(description="Only this queue")] = None
    state: Annotated[Literal["queued", "done", "dead"] | None, Field(description="`dead`: dead letters")] = None
    name: Annotated[Words | None, Field(description="Only this job", examples=["core.send_mail"])] = None
    since: Annotated[AwareDatetime | None, Field(alias="from", description="Queued at or after this moment")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to", description="Queued before this moment")] = None


class JobOut(Out):
    id: UUID
    name: str
    queue: str
    state: Annotated[str, Field(description="`queued`, `done` or `dead`")]
    attempt: int
    max_attempts: int
    created_at: datetime
    run_at: Annotated[datetime, Field(description="Not before this moment")]
    started_at: datetime | None
    finished_at: datetime | None
    cause: Annotated[str | None, Field(description="Why the last attempt failed, its first line")]


class QueueOut(Out):
    queue: str
    waiting: int
    running: int
    dead: int
    oldest_due_at: Annotated[
        datetime | None, Field(description="Since when the oldest could have run; null: none waits")
    ]


class ScheduleOut(Out):
    job: str
    every_s: int
    last_run_at: datetime | None


class SummaryOut(Out):
    queues: list[QueueOut]
    schedules: list[ScheduleOut]


class RetryBody(Body):
    queue: Words | None = None
    name: Words | None = None
    since: Annotated[Moment | None, Field(alias="from", description="Queued at or after this moment")] = None
    until: Annotated[Moment | None, Field(alias="to", description="Queued before this moment")] = None


class RetriedOut(Out):
    retried: Annotated[int, Field(description="How many dead letters were queued again, at most 10,000 in one call")]
