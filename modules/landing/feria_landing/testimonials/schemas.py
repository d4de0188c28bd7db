"""What the routes of testimonials take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.http import Out, PageQuery
from feria_core.http.schemas import Body, not_null
from feria_landing.fields import ImageUrl, OptionalLine, ShortLine, WebUrl

Status = Literal["pending", "published", "rejected"]
Position = Annotated[int, Field(ge=0, le=1_000_000, description="Small ones come first")]


class TestimonialBody(Body):
    """A testimonial to make; it is shown once it is published."""

    __test__ = False

    author: ShortLine
    quote: Annotated[str, Field(min_length=1, max_length=2000, description="Plain text")]
    role: OptionalLine = ""
    company: OptionalLine = ""
    rating: Annotated[int | None, Field(ge=1, le=5)] = None
    url: WebUrl | None = None
    image_url: ImageUrl | None = None
    status: Status = "pending"
    position: Annotated[int | None, Field(ge=0, le=1_000_000, description="Without it the last")] = None


class TestimonialPatch(Body):
    """What to change; what is not named stays."""

    __test__ = False

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Only where this is stored: else 409")] = None
    author: ShortLine | None = None
    quote: Annotated[str | None, Field(min_length=1, max_length=2000)] = None
    role: OptionalLine | None = None
    company: OptionalLine | None = None
    rating: Annotated[int | None, Field(ge=1, le=5)] = None
    url: WebUrl | None = None
    image_url: ImageUrl | None = None
    status: Status | None = None
    position: Position | None = None

    _not_null = not_null("author", "quote", "role", "company", "status")


class OrderBody(Body):
    """Testimonials in the order in which they are to be shown; those not named come behind."""

    ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(min_length=1, max_length=500)]


class TestimonialQuery(PageQuery):
    """Which testimonials."""

    __test__ = False

    status: Status | None = None


class TestimonialOut(Out):
    """What a customer says."""

    __test__ = False

    id: UUID
    author: str
    role: str
    company: str
    quote: str
    rating: int | None
    url: str | None
    image_url: str | None


class TestimonialsOut(Out):
    """The published ones, in their order."""

    __test__ = False

    items: list[TestimonialOut]


class AdminTestimonial(TestimonialOut):
    """A testimonial as staff see it."""

    status: Status
    position: int
    version: int
    created_at: datetime
    updated_at: datetime
