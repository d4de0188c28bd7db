"""What the routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.db import Row
from feria_core.http import Out, PageQuery


class NotesQuery(PageQuery):
    """Which notes staff want to see."""

    number: Annotated[str | None, Field(max_length=40, description="Only the note of the order of this number")] = None
    status: Annotated[
        Literal["waiting", "written"] | None, Field(description="Only notes whose card waits, or is written")
    ] = None


class GiftNoteOut(Out):
    """A gift note."""

    id: UUID = Field(description="The note's id")
    order_number: str | None = Field(description="The order's number; null for a moment after it was placed")
    text: str = Field(description="What stands on the card: plain text, lines end by a line feed")
    created_at: datetime = Field(description="When the order was placed")
    status: Literal["waiting", "written"] = Field(description="Whether the card is written")

    @classmethod
    def of(cls, row: Row) -> GiftNoteOut:
        """Return the note of a row."""
        return cls(
            id=row["id"],
            order_number=row["order_number"],
            text=row["text"],
            created_at=row["created_at"],
            status="written" if row["written_at"] else "waiting",
        )
