"""Bodies and answers of API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from feria_core.http import Body, Out, PageQuery


def _moment(value: object) -> object:
    """Read a moment as JSON writes it; bodies convert nothing else."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError("is no moment such as 2026-05-01T00:00:00Z") from error
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Permissions = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(min_length=1, max_length=500, description="Names of GET /api/admin/permissions; those that you hold"),
]


class KeyBody(Body):
    name: Annotated[Name, Field(description="What it is for", examples=["warehouse"])]
    permissions: Annotated[Permissions, Field(examples=[["orders.read"]])]
    expires_at: Annotated[Moment | None, Field(description="null: holds until it is revoked")] = None


class KeyQuery(PageQuery):
    revoked: Annotated[bool, Field(description="True lists the revoked and expired ones instead")] = False


class KeyOut(Out):
    id: UUID
    name: str
    beginning: Annotated[str, Field(description="The key's first characters", examples=["fk_9hXv2bQ0"])]
    permissions: list[str]
    created_by: Annotated[UUID | None, Field(description="The account of staff who made it, or the key that did")]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="To a minute; null: never")]
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    key: Annotated[str, Field(description="`Authorization: Bearer ...`; shown this once, nobody can show it again")]
