"""What anybody may read: posts, categories, tags, authors."""

from __future__ import annotations

from feria_blog.errors import CategoryUnknown, PostUnknown
from feria_blog.reading import page, posts, taxonomy
from feria_blog.reading.cards import TAG
from feria_blog.reading.filters import Filters
from feria_blog.reading.languages import content_language, wished
from feria_blog.schemas import AuthorOut, AuthorPage, CategoryDetail, CategoryTree, Post, PostPage, PostQuery, TagPage
from feria_blog.staff import previews
from feria_core.cache import Cached
from feria_core.http import PUBLIC, Answer, ApiBlueprint, PageQuery
from feria_core.limits import Limit

blueprint = ApiBlueprint("blog", __name__)

# Writes make answers stale at once, and none outlives the moment at which a post appears by itself.
CACHED = Cached(tags=(TAG,), max_age_s=300)
# A page shows products, whose prices and stock are the catalog's to tell.
PAGE_CACHE = Cached(tags=(TAG,), max_age_s=30)
# Nobody guesses 256 bits, and nobody shall try.
PREVIEW_LIMIT = Limit("blog.preview", 120, 60)


@blueprint.endpoint("GET", "/api/blog/posts", access=PUBLIC, query=PostQuery, returns=PostPage, cached=CACHED)
async def list_posts(query: PostQuery) -> Answer:
    """Published posts, the newest first; with `q` those that hold the most of its words, the best match first.

    A word that no post holds is mended to the nearest of the blog's own: `corrected_query` says what was searched for.
    """
    filters = Filters(query.category, query.tag, query.author)
    if query.q:
        found = await posts.matching(query.q, filters, limit=query.limit, cursor=query.cursor)
    else:
        found = await posts.newest(filters, limit=query.limit, cursor=query.cursor)
    answer = {
        "items": found.items, "next_cursor": found.next_cursor, "total": found.total,
        "corrected_query": found.corrected_query,
    }  # fmt: skip
    return Answer(answer, headers=content_language(found.languages))


@blueprint.endpoint("GET", "/api/blog/posts/<key>", access=PUBLIC, returns=Post, cached=PAGE_CACHE)
async def get_post(key: str) -> Answer:
    """One published post by slug or id; a former slug answers 301 to the present one."""
    found = await page.find(key)
    if found is None:
        raise PostUnknown(key)
    if found.moved_to is not None:
        return Answer(
            {"slug": found.moved_to}, status=301, headers={"Location": f"/api/blog/posts/{found.moved_to}"}
        )  # fmt: skip
    assert found.post is not None  # noqa: S101 - found and not moved
    return Answer(found.post, headers=content_language({found.post["locale"]}))


@blueprint.endpoint("GET", "/api/blog/previews/<token>", access=PUBLIC, returns=Post, limit=PREVIEW_LIMIT)
async def preview_post(token: str) -> Answer:
    """The post behind a preview link, as its page would be, with its `status`; 404 once the link has ended."""
    post = await previews.shown(token)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", **content_language({post["locale"]})}
    return Answer(post, headers=headers)


@blueprint.endpoint("GET", "/api/blog/categories", access=PUBLIC, returns=CategoryTree, cached=CACHED)
async def list_post_categories() -> Answer:
    """The tree of categories, each with the number of published posts in its subtree."""
    return Answer({"items": await taxonomy.category_tree(), "next_cursor": None}, headers=content_language({wished()}))


@blueprint.endpoint("GET", "/api/blog/categories/<slug>", access=PUBLIC, returns=CategoryDetail, cached=CACHED)
async def get_post_category(slug: str) -> Answer:
    """One category with the way to it and its subtree; a former slug answers 301."""
    found = await taxonomy.category(slug)
    if found is not None:
        return Answer(found, headers=content_language({wished()}))
    present = await taxonomy.present_category(slug)
    if present is None:
        raise CategoryUnknown(slug)
    return Answer({"slug": present}, status=301, headers={"Location": f"/api/blog/categories/{present}"})


@blueprint.endpoint("GET", "/api/blog/tags", access=PUBLIC, query=PageQuery, returns=TagPage, cached=CACHED)
async def list_post_tags(query: PageQuery) -> Answer:
    """The tags of published posts, the most used first."""
    found = await taxonomy.tags(limit=query.limit, cursor=query.cursor)
    return Answer(found, headers=content_language({wished()}))


@blueprint.endpoint("GET", "/api/blog/authors", access=PUBLIC, query=PageQuery, returns=AuthorPage, cached=CACHED)
async def list_post_authors(query: PageQuery) -> Answer:
    """The authors by slug."""
    return Answer(await taxonomy.authors(limit=query.limit, cursor=query.cursor))


@blueprint.endpoint("GET", "/api/blog/authors/<slug>", access=PUBLIC, returns=AuthorOut, cached=CACHED)
async def get_post_author(slug: str) -> Answer:
    """One author."""
    return Answer(await taxonomy.author(slug))
