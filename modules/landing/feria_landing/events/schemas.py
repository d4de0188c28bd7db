"""What the routes of events take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from feria_core.http import Out, Page, PageQuery, Query
from feria_core.http.schemas import Body, not_null
from feria_landing.fields import FromMoment, ImageUrl, Line, Moment, Second, ToMoment, WebUrl

Status = Literal["draft", "scheduled", "published"]
EventStatus = Literal["scheduled", "postponed", "cancelled"]
Format = Literal["markdown", "html"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=120)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=40)]


class EventFields(Body):
    """What an event has besides its title and its time."""

    slug: Annotated[Slug | None, Field(description="Made of the title where it is missing")] = None
    summary: Annotated[str, Field(max_length=500, description="One or two sentences for lists")] = ""
    description: Annotated[str, Field(max_length=50_000, description="The text, in `format`")] = ""
    format: Format = "markdown"
    kind: Annotated[Word, Field(description="workshop, talk, fair, ...")] = "event"
    tags: Annotated[list[Word], Field(max_length=20)] = Field(default_factory=list)
    status: Annotated[Status, Field(description="scheduled is published with publish_at")] = "published"
    publish_at: Annotated[Moment | None, Field(description="Not shown before; without it at once")] = None
    event_status: Annotated[EventStatus, Field(description="A cancelled or postponed one stays listed")] = "scheduled"
    ends_at: Annotated[Second | None, Field(description="Of the first occurrence; each takes as long")] = None
    rrule: Annotated[str | None, Field(max_length=300, description="RFC 5545", examples=["FREQ=WEEKLY;COUNT=10"])] = (
        None
    )
    exdates: Annotated[list[Second], Field(max_length=200, description="Occurrences that do not take place")] = Field(
        default_factory=list
    )
    location: Annotated[str | None, Field(max_length=300, description="Place and address")] = None
    is_online: bool = False
    url: Annotated[WebUrl | None, Field(description="Where to join or to read more")] = None
    capacity: Annotated[str | None, Field(max_length=100, description="For people to read: 40 seats")] = None
    image_url: ImageUrl | None = None
    image_alt: Annotated[str, Field(max_length=300)] = ""


class EventBody(EventFields):
    """An event to make."""

    title: Line
    starts_at: Annotated[Second, Field(description="Begin of the first occurrence")]
    time_zone: Annotated[
        str,
        Field(
            min_length=1, max_length=60, description="IANA name: rules are counted in it", examples=["Europe/Madrid"]
        ),
    ]


class EventPatch(Body):
    """What to change; what is not named stays."""

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Only where this is stored: else 409")] = None
    title: Line | None = None
    slug: Slug | None = None
    summary: Annotated[str | None, Field(max_length=500)] = None
    description: Annotated[str | None, Field(max_length=50_000)] = None
    format: Format | None = None
    kind: Word | None = None
    tags: Annotated[list[Word] | None, Field(max_length=20)] = None
    status: Status | None = None
    publish_at: Moment | None = None
    event_status: EventStatus | None = None
    starts_at: Second | None = None
    ends_at: Second | None = None
    time_zone: Annotated[str | None, Field(min_length=1, max_length=60, examples=["Europe/Madrid"])] = None
    rrule: Annotated[str | None, Field(max_length=300, examples=["FREQ=WEEKLY;COUNT=10"])] = None
    exdates: Annotated[list[Second] | None, Field(max_length=200)] = None
    location: Annotated[str | None, Field(max_length=300)] = None
    is_online: bool | None = None
    url: WebUrl | None = None
    capacity: Annotated[str | None, Field(max_length=100)] = None
    image_url: ImageUrl | None = None
    image_alt: Annotated[str | None, Field(max_length=300)] = None

    _not_null = not_null(
        "title",
        "summary",
        "description",
        "format",
        "kind",
        "tags",
        "status",
        "event_status",
        "starts_at",
        "time_zone",
        "exdates",
        "is_online",
        "image_alt",
    )


class EventQuery(PageQuery):
    """Which occurrences; `from` and `to` bound when they take place."""

    from_: Annotated[
        FromMoment | None, Field(alias="from", description="Those that do not end before; a time, or a date")
    ] = None
    to: Annotated[ToMoment | None, Field(description="Those that begin before; a date means its whole day, UTC")] = None
    when: Annotated[Literal["upcoming", "past"] | None, Field(description="past ones come latest first")] = None
    tag: Annotated[str | None, Field(max_length=40)] = None
    kind: Annotated[str | None, Field(max_length=40)] = None
    q: Annotated[str | None, Field(max_length=200, description="Words that title, text or place hold")] = None


class EventsFileQuery(Query):
    """Which events go into the calendar file."""

    tag: Annotated[str | None, Field(max_length=40)] = None
    kind: Annotated[str | None, Field(max_length=40)] = None


class AdminEventQuery(PageQuery):
    """Which events, drafts too."""

    status: Literal["draft", "published"] | None = None
    q: Annotated[str | None, Field(max_length=200)] = None


class ImageOut(Out):
    """A picture."""

    url: str
    alt: str


class EventCard(Out):
    """One occurrence of an event, as lists show it."""

    id: UUID
    slug: str
    title: str
    summary: str
    kind: str
    tags: list[str]
    starts_at: Annotated[datetime, Field(description="Of this occurrence, UTC")]
    ends_at: datetime | None
    starts_local: Annotated[str, Field(description="The same on the clocks of the place, with its offset")]
    time_zone: str
    is_recurring: bool
    event_status: EventStatus
    location: str | None
    is_online: bool
    image: ImageOut | None


class EventPage(Page[EventCard]):
    """A page of occurrences; `total` counts all of them."""

    total: int


class OccurrenceOut(Out):
    """When an event takes place."""

    starts_at: datetime
    ends_at: datetime | None
    starts_local: str


class EventOut(EventCard):
    """An event as its page shows it."""

    description_html: Annotated[str, Field(description="Allow-listed HTML")]
    rrule: str | None
    exdates: list[datetime]
    url: str | None
    capacity: str | None
    occurrences: Annotated[
        list[OccurrenceOut], Field(description="The next ones, or the last of a past event; at most 50")
    ]
    ics_url: str
    jsonld: Annotated[dict[str, object], Field(description="schema.org Event")]
    updated_at: datetime


class AdminEvent(EventOut):
    """An event as staff see it."""

    description: str
    format: Format
    status: Status
    publish_at: datetime | None
    version: int
    created_at: datetime


class AdminEventRow(Out):
    """An event in the list of staff."""

    id: UUID
    slug: str
    title: str
    kind: str
    status: Status
    publish_at: datetime | None
    event_status: EventStatus
    starts_at: datetime
    ends_at: datetime | None
    time_zone: str
    rrule: str | None
    version: int
    updated_at: datetime
