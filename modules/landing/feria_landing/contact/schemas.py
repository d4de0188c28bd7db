"""What the routes of contact take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.http import Out, PageQuery
from feria_core.http.schemas import Body
from feria_landing.fields import EmailText, Line, ShortLine

Status = Literal["new", "open", "answered", "closed", "spam"]


class ContactBody(Body):
    """A message to the team."""

    name: ShortLine
    email: EmailText
    subject: Line
    message: Annotated[str, Field(min_length=1, max_length=5000, description="Plain text")]
    website: Annotated[
        str, Field(max_length=500, description="Leave it empty and hide it from people: who fills it is no person")
    ] = ""


class AcceptedOut(Out):
    """The request was taken."""

    status: Literal["accepted"] = "accepted"


class ContactQuery(PageQuery):
    """Which messages."""

    status: Status | None = None
    q: Annotated[str | None, Field(max_length=200, description="Part of name, address or subject")] = None


class ContactPatch(Body):
    """What to change."""

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Only where this is stored: else 409")] = None
    status: Status


class ReplyBody(Body):
    """An answer, mailed to who wrote the message."""

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Only where this is stored: else 409")] = None
    message: Annotated[str, Field(min_length=1, max_length=10_000, description="Plain text")]


class ReplyOut(Out):
    """An answer that was mailed."""

    id: UUID
    message: str
    staff_id: UUID | None
    created_at: datetime


class ContactRow(Out):
    """A message in the inbox."""

    id: UUID
    name: str
    email: str
    subject: str
    status: Status
    version: int
    created_at: datetime
    updated_at: datetime


class ContactOut(ContactRow):
    """A message with its answers."""

    message: str
    locale: str
    replies: list[ReplyOut]
