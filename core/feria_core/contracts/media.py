"""Pictures of any module, taken and served by the one that keeps the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from feria_core.ports import Port


@dataclass(frozen=True)
class StoredImage:
    """A stored picture: `url` is the path that serves it, narrower with `?w=`; sizes in pixels."""

    key: str
    url: str
    width: int
    height: int


class Media(Protocol):
    """Takes pictures under one set of rules: type by content, bounded, re-encoded, metadata stripped.

    A file that nobody keeps goes after some hours, so a caller stores first and keeps in the transaction that
    writes what shows the picture:

        image = await media.store_image(data)
        async with db.transaction():
            ...
            await media.keep(image.key, holder=f"reviews.photo:{photo_id}")
    """

    async def store_image(self, data: bytes) -> StoredImage:
        """Store a picture and return its place; the same picture again returns the same place.

        Takes seconds: not for a transaction. Raises FeriaError with the codes unsupported_media_type, not_an_image,
        unsafe_image, image_too_large, body_too_large (4xx), storage_unavailable or temporarily_unavailable (503).
        """
        ...

    async def store_image_from(self, url: str) -> StoredImage:
        """Fetch a picture from a public http or https address and store it.

        Raises as `store_image`, and address_not_public or image_not_fetched (422).
        """
        ...

    async def keep(self, key: str, *, holder: str) -> None:
        """Let `holder` (`<module>.<thing>:<id>`, at most 200 characters) show the picture; repeats safely.

        Needs the caller's transaction. Raises storage_unavailable where the file is not stored any more.
        """
        ...

    async def release(self, *, holder: str) -> None:
        """Let go of every picture that `holder` keeps, in the caller's transaction; repeats safely."""
        ...


MEDIA: Port[Media] = Port("media", version="1.0")
