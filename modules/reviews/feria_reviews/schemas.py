"""What the routes of visitors and authors take and give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AfterValidator, BeforeValidator, Field

from feria_core.http import Body, Out, Page, PageQuery, Query
from feria_core.http.schemas import ProductCard
from feria_reviews.domain import MAX_NAME, MAX_TEXT, MAX_TITLE, STARS
from feria_reviews.service.summaries import Summary

Row = Mapping[str, Any]
SortName = Literal["newest", "oldest", "helpful", "rating", "-rating", "created_at", "-created_at"]
ReportReason = Literal["spam", "offensive", "fake", "off_topic", "personal_data", "other"]


def _one_line(text: str) -> str:
    """Return the text without line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def plain_lines(text: str) -> str:
    """Return the text without control characters but line breaks and tabs."""
    return "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable() or c == "\u200d")


def _list_of_int(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Stars = Annotated[int, Field(ge=1, le=5, description="Stars, 5 is best", examples=[5])]
Title = Annotated[
    str, Field(max_length=MAX_TITLE, description="One line; plain text", examples=["Sturdy"]), AfterValidator(_one_line)
]
ReviewText = Annotated[
    str,
    Field(max_length=MAX_TEXT, description="Plain text, never HTML", examples=["It stands firmly."]),
    AfterValidator(plain_lines),
]
DisplayName = Annotated[
    str,
    Field(max_length=MAX_NAME, description="The name that is shown; empty for none", examples=["Ana B."]),
    AfterValidator(_one_line),
]
LinkToken = Annotated[str, Field(min_length=1, max_length=200, description="The token of the mail's link")]


class ReviewBody(Body):
    """A review to write. Whether the purchase is verified is the server's to say."""

    rating: Stars
    title: Title = ""
    text: ReviewText = ""
    display_name: Annotated[
        DisplayName | None, Field(description="Without it the account's first name and an initial are shown")
    ] = None


class ReviewPatch(Body):
    """What to change of one's own review; it goes through the rules again."""

    rating: Annotated[Stars | None, Field(description="Left as it is without it")] = None
    title: Annotated[Title | None, Field(description="Left as it is without it")] = None
    text: Annotated[ReviewText | None, Field(description="Left as it is without it")] = None
    display_name: Annotated[DisplayName | None, Field(description="Left as it is without it")] = None


class LinkedReviewBody(ReviewBody):
    """A review written with the link of a request."""

    token: LinkToken


class VoteBody(Body):
    """Whether the review helps."""

    helpful: Annotated[bool | None, Field(description="true, false, or null to take the vote back", examples=[True])]


class ReportBody(Body):
    """What is wrong with a review."""

    reason: Annotated[ReportReason, Field(description="The kind of trouble", examples=["spam"])] = "other"
    text: Annotated[str, Field(max_length=1_000, description="A word for staff"), AfterValidator(plain_lines)] = ""


class RequestsBody(Body):
    """Whether the shop may ask for reviews by mail."""

    mails: Annotated[bool, Field(description="false: ask me for no reviews", examples=[False])]


class TokenQuery(Query):
    """The token of a mail's link."""

    token: LinkToken


class ReviewsQuery(PageQuery):
    """Which published reviews of a product, in which order."""

    sort: Annotated[SortName, Field(description="`helpful` is by the lower bound of Wilson's interval")] = "newest"
    rating: Annotated[
        Annotated[list[Stars], Field(max_length=5), BeforeValidator(_list_of_int)] | None,
        Field(description="Only these stars; repeatable"),
    ] = None
    verified: Annotated[bool | None, Field(description="Only verified purchases, or only others")] = None
    photos: Annotated[bool | None, Field(description="Only with photos, or only without")] = None
    locale: Annotated[str | None, Field(max_length=20, description="Only those written in this language")] = None


class OwnReviewsQuery(PageQuery):
    """Which of one's own reviews."""

    product: Annotated[str | None, Field(max_length=200, description="Id or slug of the product")] = None


class PhotoOut(Out):
    """A photo; narrower with `?w=`."""

    id: UUID
    url: str
    width: int
    height: int


class ReplyOut(Out):
    """What the shop has answered."""

    text: str
    replied_at: datetime


class ReviewOut(Out):
    """A published review; nothing of its author but the name that is shown."""

    id: UUID
    product_id: UUID
    rating: int
    title: str
    text: str
    author_name: Annotated[str, Field(description="Empty for nobody's: the person is erased or gave no name")]
    verified_purchase: Annotated[bool, Field(description="The product reached the author and was not refunded")]
    locale: str
    helpful_count: int
    unhelpful_count: int
    my_vote: Annotated[bool | None, Field(description="The asking person's own vote")]
    photos: list[PhotoOut]
    reply: ReplyOut | None
    created_at: datetime
    edited_at: datetime | None


class OwnReviewOut(ReviewOut):
    """One's own review, published or not."""

    status: Annotated[str, Field(description="pending, approved, rejected or flagged; only approved ones are shown")]


class SummaryOut(Out):
    """A product's ratings by numbers."""

    count: int
    mean: Annotated[float | None, Field(description="To the hundredth; null without reviews")]
    bayesian_mean: Annotated[float | None, Field(description="The mean that few reviews cannot make high")]
    histogram: Annotated[dict[str, int], Field(description="Number of reviews by stars", examples=[{"5": 2, "4": 1}])]


class ReviewsPage(Page[ReviewOut]):
    """Reviews of a product with its numbers, which no filter narrows."""

    summary: SummaryOut


class ReportedOut(Out):
    """What was told is with staff."""

    status: Literal["received"]


class VoteOut(Out):
    """The votes on a review."""

    helpful_count: int
    unhelpful_count: int
    my_vote: bool | None


class RequestOut(Out):
    """What a link is for."""

    product: Annotated[ProductCard | None, Field(description="ProductCard; null where it is not shown any more")]
    expires_at: datetime


class RequestsOut(Out):
    """Whether the shop may ask for reviews by mail."""

    mails: bool


def review_json(row: Row) -> dict[str, Any]:
    """Return a review as everybody sees it."""
    reply = {"text": row["reply"], "replied_at": row["replied_at"]} if row["reply"] is not None else None
    return {
        "id": str(row["id"]),
        "product_id": str(row["product_id"]),
        "rating": row["rating"],
        "title": row["title"],
        "text": row["text"],
        "author_name": row["author_name"],
        "verified_purchase": row["is_verified"],
        "locale": row["locale"],
        "helpful_count": row["helpful"],
        "unhelpful_count": row["unhelpful"],
        "my_vote": row.get("my_vote"),
        "photos": orjson.loads(row["photos"]),
        "reply": reply,
        "created_at": row["created_at"],
        "edited_at": row["edited_at"],
    }


def own_json(row: Row) -> dict[str, Any]:
    """Return a review as its author sees it."""
    return {**review_json(row), "status": row["status"]}


def summary_json(summary: Summary) -> dict[str, Any]:
    """Return a product's numbers."""
    return {
        "count": summary.count,
        "mean": _number(summary.mean),
        "bayesian_mean": _number(summary.bayesian_mean),
        "histogram": {str(stars): summary.histogram[stars] for stars in reversed(STARS)},
    }


def _number(value: Decimal | None) -> float | None:
    return float(value) if value is not None else None
