"""What staff do with posts."""

from __future__ import annotations

from quart import request

from feria_blog.admin_schemas import (
    AdminPage,
    AdminPost,
    AdminPostQuery,
    DiffOut,
    DiffQuery,
    PictureOut,
    PostBody,
    PostPatch,
    PreviewOut,
    PublishBody,
    RevisionOut,
    RevisionPage,
    TranslationPut,
    VersionBody,
)
from feria_blog.staff import history, media, posts, previews, translations, views
from feria_blog.writing import rows
from feria_core.http import ApiBlueprint, PageQuery, staff

blueprint = ApiBlueprint("blog_admin", __name__)
WRITE = staff("blog.write")
POST = "/api/admin/blog/posts/<key>"


@blueprint.endpoint("GET", "/api/admin/blog/posts", access=WRITE, query=AdminPostQuery, returns=AdminPage)
async def admin_list_posts(query: AdminPostQuery) -> AdminPage:
    """Posts of any status, the newest first."""
    return await views.listed(query)


@blueprint.endpoint("POST", "/api/admin/blog/posts", access=WRITE, body=PostBody, returns=AdminPost, status=201)
async def admin_create_post(body: PostBody) -> AdminPost:
    """Write a post; a draft, unless `status` or `publish_at` say otherwise."""
    return views.detail(await posts.create(body))


@blueprint.endpoint("GET", POST, access=WRITE, returns=AdminPost)
async def admin_get_post(key: str) -> AdminPost:
    """One post by id or slug, whatever its status."""
    return views.detail(await rows.find(key))


@blueprint.endpoint("PATCH", POST, access=WRITE, body=PostPatch, returns=AdminPost)
async def admin_edit_post(key: str, body: PostPatch) -> AdminPost:
    """Change what is named; with `version` only where nobody else was faster."""
    return views.detail(await posts.edit(key, body))


@blueprint.endpoint("DELETE", POST, access=WRITE, status=204)
async def admin_delete_post(key: str) -> None:
    """Delete a post for good, with its revisions; `status: archived` hides one and keeps it."""
    await posts.delete(key)


@blueprint.endpoint("POST", f"{POST}/publish", access=WRITE, body=PublishBody, optional_body=True, returns=AdminPost)
async def admin_publish_post(key: str, body: PublishBody) -> AdminPost:
    """Publish a post now, or at the time `publish_at`; one that is published stays as it is without a time."""
    return views.detail(await posts.publish(key, at=body.publish_at, version=body.version))


@blueprint.endpoint("POST", f"{POST}/unpublish", access=WRITE, body=VersionBody, optional_body=True, returns=AdminPost)
async def admin_unpublish_post(key: str, body: VersionBody) -> AdminPost:
    """Make a post a draft again."""
    return views.detail(await posts.unpublish(key, version=body.version))


@blueprint.endpoint("GET", f"{POST}/revisions", access=WRITE, query=PageQuery, returns=RevisionPage)
async def admin_list_post_revisions(key: str, query: PageQuery) -> RevisionPage:
    """The states that a post had, the newest first."""
    return await history.listed(key, query)


@blueprint.endpoint("GET", f"{POST}/revisions/<number>", access=WRITE, returns=RevisionOut)
async def admin_get_post_revision(key: str, number: str) -> RevisionOut:
    """One state with its content."""
    return await history.find(key, number)


@blueprint.endpoint("GET", f"{POST}/revisions/<number>/diff", access=WRITE, query=DiffQuery, returns=DiffOut)
async def admin_compare_post_revisions(key: str, number: str, query: DiffQuery) -> DiffOut:
    """What a state has changed since the one before it, or since `against`."""
    return await history.diff(key, number, query.against)


@blueprint.endpoint(
    "POST", f"{POST}/revisions/<number>/restore", access=WRITE, body=VersionBody, optional_body=True, returns=AdminPost
)
async def admin_restore_post_revision(key: str, number: str, body: VersionBody) -> AdminPost:
    """Give a post the content of a former state, as a new one; slug and status stay."""
    return views.detail(await history.restore(key, number, version=body.version))


@blueprint.endpoint(
    "PUT", f"{POST}/translations/<locale>", access=WRITE, body=TranslationPut, returns=AdminPost
)  # fmt: skip
async def admin_translate_post(key: str, locale: str, body: TranslationPut) -> AdminPost:
    """Write a post's text in another language of the deployment."""
    return views.detail(await translations.put(key, locale, body))


@blueprint.endpoint("DELETE", f"{POST}/translations/<locale>", access=WRITE, status=204)
async def admin_untranslate_post(key: str, locale: str) -> None:
    """Take a post's text in a language away."""
    await translations.remove(key, locale)


@blueprint.endpoint("POST", f"{POST}/previews", access=WRITE, returns=PreviewOut, status=201)
async def admin_preview_post(key: str) -> PreviewOut:
    """Make a link that shows the post, published or not, to whoever has it, for some days."""
    return await previews.give(key)


@blueprint.endpoint("DELETE", f"{POST}/previews", access=WRITE, status=204)
async def admin_withdraw_post_previews(key: str) -> None:
    """End every preview link of a post."""
    await previews.withdraw(key)


@blueprint.endpoint(
    "POST", "/api/admin/blog/pictures", access=WRITE, returns=PictureOut, status=201, max_body_bytes=media.MAX_BYTES
)
async def admin_store_post_picture() -> PictureOut:
    """Store the picture that is the body (JPEG, PNG, WebP, GIF or AVIF), to be shown by a post."""
    return await media.store(request)
