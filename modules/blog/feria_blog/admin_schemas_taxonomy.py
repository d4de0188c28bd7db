"""What staff send and get: categories, tags, authors."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BeforeValidator, Field, field_validator

from feria_blog.admin_schemas import Label, Locale, Version, WebAddress
from feria_blog.schemas import Slug
from feria_core.http import Body, Out, PageQuery
from feria_core.http.schemas import Text

Names = Annotated[dict[Locale, Label], Field(max_length=20, description="Names in other languages")]
Position = Annotated[int, Field(ge=0, le=1_000_000)]
Description = Annotated[str, Field(max_length=2000)]
Id = Annotated[UUID, BeforeValidator(lambda value: UUID(value) if isinstance(value, str) else value)]


def _given(value: Any) -> Any:
    if value is None:
        raise ValueError("null is not a value of this field: leave it away to keep what is stored")
    return value


class CategoryBody(Body):
    """A new category, under `parent` where that is given."""

    name: Label
    slug: Slug | None = None
    parent: Slug | None = None
    description: Description = ""
    names: Names = Field(default_factory=dict)
    position: Position = 0


class CategoryPatch(Body):
    """What is to change; `parent: null` moves it to the root."""

    name: Label | None = None
    slug: Slug | None = None
    parent: Slug | None = None
    description: Description | None = None
    names: Names | None = None
    position: Position | None = None
    version: Version | None = None

    _not_null = field_validator("name", "slug", "description", "names", "position")(_given)


class TagBody(Body):
    """A new tag."""

    name: Label
    slug: Slug | None = None
    names: Names = Field(default_factory=dict)


class TagPatch(Body):
    """What is to change."""

    name: Label | None = None
    slug: Slug | None = None
    names: Names | None = None
    version: Version | None = None

    _not_null = field_validator("name", "slug", "names")(_given)


class AuthorBody(Body):
    """A new author; `user_id` is the account that writes under this name."""

    name: Text
    slug: Slug | None = None
    bio: Description = ""
    url: WebAddress | None = None
    picture_url: WebAddress | None = None
    user_id: Id | None = None


class AuthorPatch(Body):
    """What is to change."""

    name: Text | None = None
    slug: Slug | None = None
    bio: Description | None = None
    url: WebAddress | None = None
    picture_url: WebAddress | None = None
    user_id: Id | None = None
    version: Version | None = None

    _not_null = field_validator("name", "slug", "bio")(_given)


class NameQuery(PageQuery):
    """By the beginning of what."""

    q: Annotated[str | None, Field(max_length=100, description="A part of the name or slug")] = None


class _Translated(Out):
    names: dict[str, str]

    @field_validator("names", mode="before")
    @classmethod
    def _parsed(cls, value: Any) -> Any:
        return orjson.loads(value) if isinstance(value, str) else value


class AdminCategory(_Translated):
    """A category; `path` are the slugs from the root down, `post_count` counts posts of any status in itself."""

    id: UUID
    slug: str
    name: str
    parent: str | None
    path: list[str]
    description: str
    position: int
    post_count: int
    version: int


class AdminCategories(Out):
    items: list[AdminCategory]
    next_cursor: None = None


class AdminTag(_Translated):
    """A tag; `post_count` counts posts of any status."""

    id: UUID
    slug: str
    name: str
    post_count: int
    version: int


class AdminTagPage(Out):
    items: list[AdminTag]
    next_cursor: str | None


class AdminAuthor(Out):
    """An author; `post_count` counts posts of any status."""

    id: UUID
    slug: str
    name: str
    bio: str
    url: str | None
    picture_url: str | None
    user_id: UUID | None
    post_count: int
    version: int


class AdminAuthorPage(Out):
    items: list[AdminAuthor]
    next_cursor: str | None
