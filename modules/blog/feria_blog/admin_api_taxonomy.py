"""What staff do with categories, tags and authors of posts."""

from __future__ import annotations

from feria_blog.admin_schemas_taxonomy import (
    AdminAuthor,
    AdminAuthorPage,
    AdminCategories,
    AdminCategory,
    AdminTag,
    AdminTagPage,
    AuthorBody,
    AuthorPatch,
    CategoryBody,
    CategoryPatch,
    NameQuery,
    TagBody,
    TagPatch,
)
from feria_blog.staff import authors, categories, tags
from feria_core.http import ApiBlueprint, staff

blueprint = ApiBlueprint("blog_admin_taxonomy", __name__)
WRITE = staff("blog.write")


@blueprint.endpoint("GET", "/api/admin/blog/categories", access=WRITE, returns=AdminCategories)
async def admin_list_post_categories() -> AdminCategories:
    """Every category, parents before their children."""
    return AdminCategories(items=await categories.listed())


@blueprint.endpoint(
    "POST", "/api/admin/blog/categories", access=WRITE, body=CategoryBody, returns=AdminCategory, status=201
)
async def admin_create_post_category(body: CategoryBody) -> AdminCategory:
    """Create a category."""
    return await categories.create(body)


@blueprint.endpoint("GET", "/api/admin/blog/categories/<slug>", access=WRITE, returns=AdminCategory)
async def admin_get_post_category(slug: str) -> AdminCategory:
    """One category."""
    return await categories.find(slug)


@blueprint.endpoint(
    "PATCH", "/api/admin/blog/categories/<slug>", access=WRITE, body=CategoryPatch, returns=AdminCategory
)
async def admin_edit_post_category(slug: str, body: CategoryPatch) -> AdminCategory:
    """Rename a category, give it another slug, move it with its subtree."""
    return await categories.edit(slug, body)


@blueprint.endpoint("DELETE", "/api/admin/blog/categories/<slug>", access=WRITE, status=204)
async def admin_delete_post_category(slug: str) -> None:
    """Delete a category without children and posts."""
    await categories.delete(slug)


@blueprint.endpoint("GET", "/api/admin/blog/tags", access=WRITE, query=NameQuery, returns=AdminTagPage)
async def admin_list_post_tags(query: NameQuery) -> AdminTagPage:
    """Tags by slug."""
    return await tags.listed(query)


@blueprint.endpoint("POST", "/api/admin/blog/tags", access=WRITE, body=TagBody, returns=AdminTag, status=201)
async def admin_create_post_tag(body: TagBody) -> AdminTag:
    """Create a tag."""
    return await tags.create(body)


@blueprint.endpoint("GET", "/api/admin/blog/tags/<slug>", access=WRITE, returns=AdminTag)
async def admin_get_post_tag(slug: str) -> AdminTag:
    """One tag."""
    return await tags.find(slug)


@blueprint.endpoint("PATCH", "/api/admin/blog/tags/<slug>", access=WRITE, body=TagPatch, returns=AdminTag)
async def admin_edit_post_tag(slug: str, body: TagPatch) -> AdminTag:
    """Rename a tag."""
    return await tags.edit(slug, body)


@blueprint.endpoint("DELETE", "/api/admin/blog/tags/<slug>", access=WRITE, status=204)
async def admin_delete_post_tag(slug: str) -> None:
    """Delete a tag and take it off its posts."""
    await tags.delete(slug)


@blueprint.endpoint("GET", "/api/admin/blog/authors", access=WRITE, query=NameQuery, returns=AdminAuthorPage)
async def admin_list_post_authors(query: NameQuery) -> AdminAuthorPage:
    """Authors by slug."""
    return await authors.listed(query)


@blueprint.endpoint("POST", "/api/admin/blog/authors", access=WRITE, body=AuthorBody, returns=AdminAuthor, status=201)
async def admin_create_post_author(body: AuthorBody) -> AdminAuthor:
    """Create an author."""
    return await authors.create(body)


@blueprint.endpoint("GET", "/api/admin/blog/authors/<slug>", access=WRITE, returns=AdminAuthor)
async def admin_get_post_author(slug: str) -> AdminAuthor:
    """One author."""
    return await authors.find(slug)


@blueprint.endpoint("PATCH", "/api/admin/blog/authors/<slug>", access=WRITE, body=AuthorPatch, returns=AdminAuthor)
async def admin_edit_post_author(slug: str, body: AuthorPatch) -> AdminAuthor:
    """Change an author's name, text, links or account."""
    return await authors.edit(slug, body)


@blueprint.endpoint("DELETE", "/api/admin/blog/authors/<slug>", access=WRITE, status=204)
async def admin_delete_post_author(slug: str) -> None:
    """Delete an author without posts."""
    await authors.delete(slug)
