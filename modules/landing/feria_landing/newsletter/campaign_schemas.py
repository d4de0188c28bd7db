"""What the routes of newsletters take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.http import Out, PageQuery
from feria_core.http.schemas import Body, not_null
from feria_landing.fields import EmailText, Line, Moment
from feria_landing.newsletter.schemas import ListCode

State = Literal["draft", "sending", "sent", "stopped"]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}(?:-[A-Z]{2})?$", examples=["en"])]


class NewsletterBody(Body):
    """A newsletter to write; it is a draft until it is sent."""

    subject: Line
    body: Annotated[str, Field(min_length=1, max_length=100_000, description="The text, in `format`")]
    format: Literal["markdown", "html"] = "markdown"
    lists: Annotated[
        list[ListCode], Field(max_length=50, description="Readers of any of these; none: the usual one")
    ] = Field(default_factory=list)
    locale: Annotated[Locale | None, Field(description="Only readers of this language")] = None


class NewsletterPatch(Body):
    """What to change; what is not named stays."""

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Only where this is stored: else 409")] = None
    subject: Line | None = None
    body: Annotated[str | None, Field(min_length=1, max_length=100_000)] = None
    format: Literal["markdown", "html"] | None = None
    lists: Annotated[list[ListCode] | None, Field(max_length=50)] = None
    locale: Locale | None = None

    _not_null = not_null("subject", "body", "format", "lists")


class TestBody(Body):
    """Who gets the draft to look at."""

    __test__ = False

    email: EmailText


class SendBody(Body):
    """When the newsletter goes out."""

    send_at: Annotated[Moment | None, Field(description="Without it now; who reads it is decided then")] = None


class NewsletterQuery(PageQuery):
    """Which newsletters."""

    state: State | None = None


class ProgressOut(Out):
    """How far the sending is: `mailed` were handed to the mail queue, `skipped` have gone meanwhile."""

    recipients: int
    mailed: int
    skipped: int
    waiting: int


class NewsletterOut(Out):
    """A newsletter."""

    id: UUID
    subject: str
    body: str
    body_html: str
    format: Literal["markdown", "html"]
    lists: list[str]
    locale: str | None
    state: State
    send_at: datetime | None
    progress: ProgressOut
    version: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
