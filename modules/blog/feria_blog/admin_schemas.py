"""What staff send and get: posts, their translations, revisions and previews."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from feria_blog.schemas import PostCard, Slug
from feria_core.http import Body, Out, PageQuery, Query
from feria_core.http.schemas import Moment, Text

Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version that was edited: another one is refused")]
Format = Annotated[Literal["markdown", "html"], Field(description="What `body` is written in")]
State = Literal["draft", "scheduled", "published", "archived"]
MAX_BODY = 200_000
# Not trimmed: four spaces at the beginning are code in Markdown.
Source = Annotated[str, StringConstraints(min_length=1, max_length=MAX_BODY, strip_whitespace=False)]
Excerpt = Annotated[
    str, Field(min_length=1, max_length=500, description="Left away it is the beginning of the text")
]  # fmt: skip
Locale = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")]
# A page of this site or of another; nothing that runs.
WebAddress = Annotated[
    str, Field(max_length=1000, pattern=r"^(?:https?://[^\s\"<>\\]+|/(?:[^/\s\"<>\\][^\s\"<>\\]*)?)$")
]  # fmt: skip
Label = Annotated[str, Field(min_length=1, max_length=100)]


class SeoBody(Body):
    """What search engines and social networks show; what is left away falls back to title, excerpt, address, cover."""

    title: Annotated[str | None, Field(max_length=200)] = None
    description: Annotated[str | None, Field(max_length=500)] = None
    canonical: Annotated[WebAddress | None, Field(description="Where the text stands first, if elsewhere")] = None
    image: Annotated[WebAddress | None, Field(description="Picture of shared links")] = None

    @field_validator("canonical")
    @classmethod
    def _with_host(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("/"):
            raise ValueError("a canonical address has its host: https://...")
        return value


class CoverBody(Body):
    """The picture above the text."""

    url: WebAddress
    alt: Annotated[str, Field(max_length=500)] = ""


class TranslationSeo(Body):
    title: Annotated[str | None, Field(max_length=200)] = None
    description: Annotated[str | None, Field(max_length=500)] = None


class TranslationBody(Body):
    """A post in another language; without `slug` it is found under that of the post."""

    title: Text
    slug: Slug | None = None
    body: Source
    format: Format
    excerpt: Excerpt | None = None
    seo: TranslationSeo = Field(default_factory=TranslationSeo)


class TranslationPut(TranslationBody):
    version: Version | None = None


Tags = Annotated[list[Label], Field(max_length=30, description="Names or slugs; unknown ones are made")]
Translations = Annotated[dict[Locale, TranslationBody], Field(max_length=20)]


class PostContent(Body):
    """What of a post is kept in its revisions."""

    title: Text
    body: Source
    format: Format
    excerpt: Excerpt | None = None
    locale: Annotated[Locale | None, Field(description="Its language; left away the shop's first")] = None
    tags: Tags = Field(default_factory=list)
    category: Annotated[Slug | None, Field(description="Slug of a category")] = None
    author: Annotated[Slug | None, Field(description="Slug of an author; left away the writer's own, if any")] = None
    seo: SeoBody = Field(default_factory=SeoBody)
    cover: CoverBody | None = None
    translations: Translations = Field(default_factory=dict)


class PostBody(PostContent):
    """A new post. With `publish_at` and no `status` it is published then."""

    slug: Annotated[Slug | None, Field(description="Left away one is made of the title")] = None
    status: State | None = None
    publish_at: Moment | None = None


class PostPatch(Body):
    """What is to change; what is left away stays."""

    title: Text | None = None
    slug: Slug | None = None
    body: Source | None = None
    format: Format | None = None
    excerpt: Excerpt | None = None
    locale: Locale | None = None
    tags: Tags | None = None
    category: Slug | None = None
    author: Slug | None = None
    seo: SeoBody | None = None
    cover: CoverBody | None = None
    status: State | None = None
    publish_at: Moment | None = None
    version: Version | None = None

    @field_validator("title", "slug", "body", "format", "locale", "tags", "seo", "status")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("null is not a value of this field: leave it away to keep what is stored")
        return value


class PublishBody(Body):
    """When a post appears: now, or at a time."""

    publish_at: Moment | None = None
    version: Version | None = None


class VersionBody(Body):
    version: Version | None = None


class AdminPostQuery(PageQuery):
    """Which posts staff look for; the last edited first."""

    q: Annotated[str | None, Field(max_length=200, description="A part of the title or slug")] = None
    status: State | None = None
    category: Annotated[str | None, Field(max_length=120)] = None
    tag: Annotated[str | None, Field(max_length=120)] = None
    author: Annotated[str | None, Field(max_length=120)] = None


class AdminCard(PostCard):
    """A post in staff's list, in its own language."""

    status: State
    version: int


class AdminPage(Out):
    items: list[AdminCard]
    next_cursor: str | None


class SeoOut(Out):
    title: str | None
    description: str | None
    canonical: str | None
    image: str | None


class CoverOut(Out):
    url: str
    alt: str


class TranslationSeoOut(Out):
    title: str | None
    description: str | None


class TranslationOut(Out):
    """A post in another language."""

    title: str
    slug: str | None
    body: str
    format: str
    excerpt: str | None
    seo: TranslationSeoOut
    html: str


class AdminPost(Out):
    """A post as staff edit it. `html` is what visitors get, without the cards of products."""

    id: UUID
    version: int
    status: State
    publish_at: datetime | None
    slug: str
    url: str
    title: str
    body: str
    format: str
    html: str
    excerpt: str | None
    locale: str
    tags: list[str]
    category: str | None
    author: str | None
    seo: SeoOut
    cover: CoverOut | None
    translations: dict[str, TranslationOut]
    products: list[str]
    word_count: int
    reading_time_minutes: int
    created_at: datetime
    updated_at: datetime


class RevisionCard(Out):
    """A state of the post: who wrote it, when, why."""

    number: int
    reason: str
    actor_id: UUID | None
    at: datetime
    title: str


class RevisionPage(Out):
    items: list[RevisionCard]
    next_cursor: str | None


class RevisionOut(RevisionCard):
    content: dict[str, Any]


class DiffQuery(Query):
    """With which earlier state; left away the one before."""

    against: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class Change(Out):
    """One field that differs; `lines` where it is a text of lines."""

    field: str
    before: Any
    after: Any
    lines: list[dict[str, str]] | None


class DiffOut(Out):
    """What differs between two revisions."""

    before: int
    after: int
    changes: list[Change]


class PreviewOut(Out):
    """A link that shows the post to whoever has it; `token` is in no other answer."""

    token: str
    url: str
    expires_at: datetime


class PictureOut(Out):
    """A stored picture: write `url` into a text or a cover within some hours, or it goes."""

    key: str
    url: str
    width: int
    height: int
