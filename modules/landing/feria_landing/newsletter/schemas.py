"""What the routes of subscriptions take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.http import Out, PageQuery, Query
from feria_core.http.schemas import Body
from feria_landing.fields import EmailText

Status = Literal["pending", "confirmed", "unsubscribed"]
ListCode = Annotated[str, Field(min_length=1, max_length=40, examples=["news"])]
Lists = Annotated[list[ListCode], Field(max_length=50, description="Codes of newsletters")]


class SubscribeBody(Body):
    """Who wants newsletters; nobody gets any before the link in the mail was followed."""

    email: EmailText
    lists: Annotated[Lists | None, Field(description="Without it the usual one")] = None


class TokenQuery(Query):
    """The link of a mail."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class ListOut(Out):
    """A newsletter that can be subscribed to."""

    code: str
    name: str


class ListsOut(Out):
    """The newsletters of this site; the first is the usual one."""

    items: list[ListOut]
    consent_version: Annotated[str, Field(description="Version of the text that the form has to show")]


class ConfirmedOut(Out):
    """The subscription holds."""

    status: Literal["confirmed"] = "confirmed"
    lists: list[str]


class StandingOut(Out):
    """How things stand for the owner of a link."""

    status: Literal["subscribed", "unsubscribed"]
    lists: list[str]


class SubscriptionQuery(PageQuery):
    """Which subscriptions."""

    status: Status | None = None
    list: Annotated[str | None, Field(max_length=40, description="Code of a newsletter")] = None
    q: Annotated[str | None, Field(max_length=254, description="Part of the address")] = None


class ConsentOut(Out):
    """One line of the proof of consent."""

    id: UUID
    action: str
    lists: list[str]
    text_version: str
    address_hash: Annotated[
        str | None, Field(description="SHA-256 of the 16 bytes of `id` and the client address, hexadecimal")
    ]
    at: datetime


class SubscriptionOut(Out):
    """A subscription."""

    id: UUID
    email: str
    status: Status
    lists: list[str]
    locale: str
    created_at: datetime
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None


class SubscriptionDetail(SubscriptionOut):
    """A subscription with its proof of consent."""

    is_suppressed: bool
    consents: list[ConsentOut]


class SuppressionBody(Body):
    """An address that is never to be mailed again."""

    email: EmailText
    reason: Literal["complaint", "bounce", "request"] = "request"


class SuppressionOut(Out):
    """Whether the address may be mailed."""

    email: str
    is_suppressed: bool
