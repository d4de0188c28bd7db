"""Staff's routes of a product's pictures."""

from __future__ import annotations

from quart import request

from feria_catalog.access import READ, WRITE
from feria_catalog.media import gallery
from feria_catalog.media.schemas import AdminMedia, AdminMediaList, MediaPatch
from feria_core.http import Answer, ApiBlueprint

blueprint = ApiBlueprint("catalog_media_admin", __name__)


@blueprint.endpoint("GET", "/api/admin/products/<key>/media", access=READ, returns=AdminMediaList)
async def admin_list_media(key: str) -> AdminMediaList:
    """A product's pictures in their order; the first is that of cards."""
    return await gallery.listed(key)


@blueprint.endpoint(
    "POST", "/api/admin/products/<key>/media", access=WRITE, returns=AdminMedia, status=201, other_statuses=(200,)
)
async def admin_add_media(key: str) -> Answer:
    """Upload a picture: a form with `file`, and `alt`, `position`, `focal_x` with `focal_y` where wished.

    JPEG, PNG, WebP, GIF or AVIF, decided by content. Answered once it is stored in all widths; 200 where the product
    shows the same picture already.
    """
    added = await gallery.add(key, request)
    return Answer(added.media, status=201 if added.is_new else 200)


@blueprint.endpoint(
    "PATCH", "/api/admin/products/<key>/media/<media>", access=WRITE, body=MediaPatch, returns=AdminMedia
)
async def admin_edit_media(key: str, media: str, body: MediaPatch) -> AdminMedia:
    """Change a picture's alt text, place or focal point."""
    return await gallery.edit(key, media, body)


@blueprint.endpoint("DELETE", "/api/admin/products/<key>/media/<media>", access=WRITE, status=204)
async def admin_remove_media(key: str, media: str) -> None:
    """Take a picture off a product."""
    await gallery.remove(key, media)
