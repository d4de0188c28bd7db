"""What the catalog does with pictures of other modules."""

from __future__ import annotations

from feria_catalog.media import registry, remote, store
from feria_catalog.media.keys import url_of
from feria_catalog.media.registry import StoredFile
from feria_core import db
from feria_core.contracts.media import StoredImage

LONGEST_HOLDER = 200


class ShopMedia:
    """The port Media over this module's files."""

    async def store_image(self, data: bytes) -> StoredImage:
        """Store a picture and return its place."""
        return _image(await store.store_bytes(data))

    async def store_image_from(self, url: str) -> StoredImage:
        """Fetch a picture from a public address and store it."""
        return _image(await store.store_bytes(await remote.fetch_image(url)))

    async def keep(self, key: str, *, holder: str) -> None:
        """Let `holder` show the picture, in the caller's transaction."""
        if not 0 < len(holder) <= LONGEST_HOLDER:
            raise ValueError(f"a holder has 1 to {LONGEST_HOLDER} characters")
        await registry.take_into_use([key])
        await db.execute(
            "INSERT INTO catalog_media_use (holder, key) VALUES ($1, $2) ON CONFLICT DO NOTHING", holder, key
        )

    async def release(self, *, holder: str) -> None:
        """Let go of every picture that `holder` keeps."""
        db.require_transaction("release()")
        rows = await db.fetch_all("DELETE FROM catalog_media_use WHERE holder = $1 RETURNING key", holder)
        await registry.give_up([row["key"] for row in rows])


def _image(stored: StoredFile) -> StoredImage:
    return StoredImage(stored.key, url_of(stored.key), stored.width, stored.height)
