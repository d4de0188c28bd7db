"""What the routes of projects and contributions take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from feria_core.http import Out, Page, PageQuery


class ProjectQuery(PageQuery):
    """Which projects."""

    language: Annotated[str | None, Field(max_length=60)] = None
    topic: Annotated[str | None, Field(max_length=60)] = None
    q: Annotated[str | None, Field(max_length=200, description="Part of name or description")] = None
    forks: Annotated[bool, Field(description="With repositories forked from others")] = False
    archived: Annotated[bool, Field(description="With archived ones")] = False
    sort: Literal["-stars", "-pushed_at", "name"] = "-stars"


class ContributionQuery(PageQuery):
    """Which contributions."""

    type: Annotated[
        Literal["pull_request", "pr", "issue"] | None, Field(description="pr is short for pull_request")
    ] = None
    state: Annotated[Literal["open", "closed", "merged"] | None, Field(description="closed without being merged")] = (
        None
    )
    repo: Annotated[str | None, Field(max_length=200, description="owner/name")] = None


class ProjectOut(Out):
    """A repository."""

    id: int
    name: str
    full_name: str
    description: str | None
    url: str
    homepage: str | None
    stars: int
    forks: int
    open_issues: int
    language: str | None
    topics: list[str]
    license: Annotated[str | None, Field(description="SPDX identifier")]
    is_fork: bool
    is_archived: bool
    pushed_at: datetime | None
    created_at: datetime | None


class ContributionOut(Out):
    """A pull request or an issue."""

    id: int
    type: Literal["pull_request", "issue"]
    state: Literal["open", "closed", "merged"]
    repo: str
    number: int
    title: str
    url: str
    labels: list[str]
    comments: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


class _Copied(Out):
    total: int
    fetched_at: Annotated[datetime | None, Field(description="When GitHub was read last; null before the first time")]
    stale: Annotated[bool, Field(description="True for a copy that could not be renewed in time, or is not there yet")]


class ProjectsOut(Page[ProjectOut], _Copied):
    """A page of projects."""


class ContributionsOut(Page[ContributionOut], _Copied):
    """A page of contributions."""


class FeedOut(Out):
    """How the copy of a feed stands."""

    name: Literal["projects", "contributions"]
    is_configured: bool
    fetched_at: datetime | None
    stale: bool
    failures: Annotated[int, Field(description="Refreshes that failed in a row")]
    not_before: Annotated[datetime | None, Field(description="GitHub is not asked before")]
    last_error: str | None


class FeedsOut(Out):
    """How the copies stand."""

    items: list[FeedOut]
