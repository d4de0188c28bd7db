"""What staff's routes of reviews take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from feria_core.http import Body, Out, PageQuery
from feria_reviews.domain import MAX_TEXT
from feria_reviews.schemas import OwnReviewOut, Row, SortName, Stars, own_json, plain_lines

StatusName = Literal["pending", "approved", "rejected", "flagged"]


class AdminReviewsQuery(PageQuery):
    """Which reviews, in which order."""

    status: Annotated[StatusName | None, Field(description="Only those in this state")] = None
    product: Annotated[str | None, Field(max_length=200, description="Id or slug of the product")] = None
    customer: Annotated[UUID | None, Field(description="Only those of this customer")] = None
    rating: Annotated[Stars | None, Field(description="Only these stars")] = None
    verified: Annotated[bool | None, Field(description="Only verified purchases, or only others")] = None
    reported: Annotated[bool | None, Field(description="Only those with reports that nobody has looked at")] = None
    replied: Annotated[bool | None, Field(description="Only those that the shop has answered, or not")] = None
    q: Annotated[str | None, Field(max_length=200, description="A part of title, text or name")] = None
    sort: SortName = "newest"


Version = Annotated[
    int | None, Field(ge=1, le=2_147_483_647, description="Decide only on this version of the review", examples=[1])
]


class ApproveBody(Body):
    """A review to publish; nothing of it is needed."""

    version: Version = None


class RejectBody(Body):
    """A review to refuse; nothing of it is needed."""

    version: Version = None
    reason: Annotated[str | None, Field(max_length=1_000, description="Why it is refused; for staff alone")] = None


class ReplyBody(Body):
    """What the shop answers in public."""

    text: Annotated[
        str, Field(min_length=1, max_length=MAX_TEXT, description="Plain text", examples=["Thank you!"]),
        AfterValidator(plain_lines), Field(min_length=1),
    ]  # fmt: skip


class ReportOut(Out):
    """What somebody has reported; who did is not kept in a way that can be read."""

    reason: str
    text: str
    created_at: datetime
    handled_at: Annotated[datetime | None, Field(description="When staff decided on the review after the report")]


class AdminReviewOut(OwnReviewOut):
    """A review as staff see it."""

    customer_id: UUID | None
    external_id: Annotated[str | None, Field(description="Where it was imported from")]
    held_by: Annotated[
        str | None,
        Field(description="The rule that holds it: unverified, link, word, first_review, photo, refused_before, all, "
              "reports"),
    ]  # fmt: skip
    moderation_note: str | None
    moderated_at: datetime | None
    report_count: Annotated[int, Field(description="Reports that nobody has looked at")]
    version: int


class AdminReviewDetail(AdminReviewOut):
    """A review with its latest reports."""

    reports: list[ReportOut]


def admin_json(row: Row) -> dict[str, Any]:
    """Return a review as staff see it."""
    known = ("external_id", "held_by", "moderation_note", "moderated_at", "report_count", "version")
    customer = str(row["customer_id"]) if row["customer_id"] is not None else None
    return {**own_json(row), "customer_id": customer, **{name: row[name] for name in known}}


def detail_json(row: Row, reports: Sequence[Row]) -> dict[str, Any]:
    """Return a review with its reports."""
    return {**admin_json(row), "reports": [dict(report) for report in reports]}
