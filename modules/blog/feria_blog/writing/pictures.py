"""The pictures of this site that a post shows are kept as long as it shows them."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from feria_blog.errors import PictureMissing
from feria_core.contracts.media import MEDIA
from feria_core.errors import FeriaError
from feria_core.runtime import registry

PREFIX = "/media/"
_KEY = re.compile(r"[a-f0-9]{8,64}\.[a-z]{3,4}")


def holder(post_id: UUID) -> str:
    """Return by which name a post keeps its pictures."""
    return f"blog.post:{post_id}"


async def keep(post_id: UUID, paths: Collection[str]) -> None:
    """Keep the pictures that the post shows, let go of the others. Raises PictureMissing for one that is gone."""
    media = registry().find(MEDIA)
    if media is None:
        return
    await media.release(holder=holder(post_id))
    for key in sorted({path.removeprefix(PREFIX).partition("?")[0] for path in paths if path.startswith(PREFIX)}):
        if _KEY.fullmatch(key):
            try:
                await media.keep(key, holder=holder(post_id))
            except FeriaError as error:
                raise PictureMissing(f"{PREFIX}{key}") from error


async def release(post_id: UUID) -> None:
    """Let go of the post's pictures."""
    media = registry().find(MEDIA)
    if media is not None:
        await media.release(holder=holder(post_id))
