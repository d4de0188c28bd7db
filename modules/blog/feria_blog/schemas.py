"""What visitors ask for and get."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from feria_core.http import Out, PageQuery, Query
from feria_core.http.schemas import ProductCard

Slug = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
Word = Annotated[str, Field(max_length=120)]


class PostQuery(PageQuery):
    """Which posts; newest first, or the best matches first where `q` is given."""

    category: Annotated[Word | None, Field(description="Slug of a category; takes its subtree")] = None
    tag: Annotated[Word | None, Field(description="Slug of a tag")] = None
    author: Annotated[Word | None, Field(description="Slug of an author")] = None
    q: Annotated[str | None, Field(max_length=200, description="Words to look for")] = None


class FeedQuery(Query):
    """Which posts a feed holds."""

    category: Annotated[Word | None, Field(description="Slug of a category; takes its subtree")] = None
    tag: Annotated[Word | None, Field(description="Slug of a tag")] = None


class Named(Out):
    """Something with a name and a slug."""

    slug: str
    name: str


class Cover(Out):
    url: str
    alt: str


class PostCard(Out):
    """A post in a list."""

    id: UUID
    slug: str
    url: Annotated[str, Field(description="Path of its page on the site")]
    title: str
    excerpt: str
    locale: Annotated[str, Field(description="The language that it is shown in")]
    published_at: datetime | None
    updated_at: datetime
    reading_time_minutes: int
    author: Named | None
    category: Named | None
    tags: list[Named]
    cover: Cover | None


class PostPage(Out):
    """A page of posts."""

    items: list[PostCard]
    next_cursor: str | None
    total: Annotated[int, Field(description="How many posts there are in all")]
    corrected_query: Annotated[str | None, Field(description="What was searched for, where words were mended")] = None


class OpenGraph(Out):
    """The `og:` properties, by their name without the prefix."""

    type: str
    title: str
    description: str
    url: str
    site_name: str
    locale: str
    image: str | None
    published_time: datetime | None
    modified_time: datetime
    author: str | None
    section: str | None
    tags: list[str]


class Seo(Out):
    """For the head of the page; what staff left away falls back to title, excerpt, address and cover."""

    title: str
    description: str
    canonical: str
    image: str | None
    open_graph: OpenGraph


class Alternate(Out):
    """The same post in another language."""

    locale: str
    slug: str
    url: str


class AuthorOut(Out):
    """Who writes; `post_count` counts what is published now."""

    slug: str
    name: str
    bio: str
    url: str | None
    picture_url: str | None
    post_count: int


class Post(PostCard):
    """A post's page. In `html` each block of products holds their cards; `products` has them as data."""

    html: Annotated[str, Field(description="Allow-listed HTML; blocks of products are `div.product-block`")]
    word_count: int
    category_path: list[Named]
    seo: Seo
    jsonld: Annotated[dict[str, Any], Field(description="schema.org BlogPosting")]
    alternates: list[Alternate]
    products: Annotated[list[ProductCard], Field(description="ProductCards of the blocks, in their order")]
    related: list[PostCard]


class CategoryNode(Out):
    """A category; `count` are the posts of its subtree that are published now."""

    slug: str
    name: str
    description: str
    count: int
    children: list[CategoryNode]


class CategoryTree(Out):
    items: list[CategoryNode]
    next_cursor: None = None


class CategoryDetail(CategoryNode):
    """One category with the way to it from the root, itself the last."""

    path: list[Named]


class TagOut(Out):
    """A tag; `count` are the posts that are published now."""

    slug: str
    name: str
    count: int


class TagPage(Out):
    items: list[TagOut]
    next_cursor: str | None


class AuthorPage(Out):
    items: list[AuthorOut]
    next_cursor: str | None
