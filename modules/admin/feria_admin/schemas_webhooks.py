"""Bodies and answers of outgoing webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.http import Body, Out, PageQuery

Url = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
Pattern = Annotated[str, Field(max_length=100, pattern=r"^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$")]
Patterns = Annotated[
    list[Pattern],
    Field(
        min_length=1,
        max_length=50,
        description="Names of events, `orders.*` for all that begin so, `*` for all",
        examples=[["orders.*"]],
    ),
]
Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Personal = Annotated[bool, Field(description="True sends e-mail addresses too, over https only")]


class WebhookBody(Body):
    url: Annotated[Url, Field(description="Public address; redirects are not followed")]
    events: Patterns
    description: Words | None = None
    personal_data: Personal = False
    active: bool = True


class WebhookPatch(Body):
    url: Url | None = None
    events: Patterns | None = None
    description: Words | None = None
    personal_data: Personal | None = None
    active: Annotated[bool | None, Field(description="True switches on again and sends what waited")] = None


class WebhookOut(Out):
    id: UUID
    url: str
    events: list[str]
    description: str | None
    personal_data: bool
    active: bool
    owner_id: Annotated[UUID | None, Field(description="The account that is told when it is switched off")]
    failures_in_a_row: int
    off_reason: Annotated[str | None, Field(description="Why it was switched off: `failures`, `gone` (410)")]
    old_secret_until: Annotated[datetime | None, Field(description="Until then the secret before signs too")]
    created_at: datetime
    updated_at: datetime


class NewWebhookOut(WebhookOut):
    secret: Annotated[str, Field(description="`whsec_...` of Standard Webhooks; shown this once")]


class DeliveryQuery(PageQuery):
    state: Annotated[Literal["pending", "delivered", "failed"] | None, Field(description="Only these")] = None


class TryOut(Out):
    at: datetime
    status: Annotated[int | None, Field(description="What the receiver answered; null: nothing")]
    error: Annotated[str | None, Field(description="`timeout`, `refused_address`, `redirect`, ...; null: taken")]
    duration_ms: int


class DeliveryOut(Out):
    id: Annotated[UUID, Field(description="The header `webhook-id`, the same in each try")]
    event: str
    event_id: UUID | None
    state: Annotated[str, Field(description="`pending`, `delivered` or `failed`")]
    next_try_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    tries: list[TryOut]
