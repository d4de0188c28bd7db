"""Pictures that staff upload for posts."""

from __future__ import annotations

from quart import Request

from feria_blog.admin_schemas import PictureOut
from feria_core import audit, db
from feria_core.contracts.media import MEDIA
from feria_core.errors import ModuleDisabled
from feria_core.http.bodies import read_body
from feria_core.runtime import registry

MAX_BYTES = 20 * 1024 * 1024


async def store(request: Request) -> PictureOut:
    """Store the picture that is the request's body; it stays where a post that is saved within hours shows it.

    Raises ModuleDisabled where nobody keeps files, and what the media port raises.
    """
    media = registry().find(MEDIA)
    if media is None:
        raise ModuleDisabled("catalog")
    stored = await media.store_image(await read_body(request, MAX_BYTES))
    async with db.transaction():
        await audit.record("blog.picture.stored", "picture", stored.key, after={"url": stored.url})
    return PictureOut.model_validate(stored)
