"""Photos of reviews: stored by the shop's rules for pictures, kept with the row that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from feria_core import cache, clock, db
from feria_core.contracts.media import MEDIA, StoredImage
from feria_core.db import Row
from feria_core.ids import new_id, parse_id
from feria_core.runtime import registry, settings
from feria_reviews.errors import PhotoUnknown, TooManyPhotos
from feria_reviews.repository import photos
from feria_reviews.service import rows
from feria_reviews.service.summaries import tag
from feria_reviews.settings import ReviewsSettings


@dataclass(frozen=True)
class Added:
    """A photo of a review; `is_new` is False where the review showed the same picture already."""

    photo: Row
    is_new: bool


async def check_room(customer_id: UUID, review_id: str) -> None:
    """Look before a picture is read that it can be added. Raises ReviewUnknown, TooManyPhotos."""
    async with db.transaction():
        row = await rows.own(customer_id, review_id)
        await _check_room(row["id"])


async def add(customer_id: UUID, review_id: str, data: bytes) -> Added:
    """Store the picture and show it on the person's own review.

    Raises ReviewUnknown, TooManyPhotos, and what the port Media raises.
    """
    image = await registry().get(MEDIA).store_image(data)
    async with db.transaction():
        row = await rows.own(customer_id, review_id)
        known = await photos.find_by_key(row["id"], image.key)
        if known is not None:
            return Added(known, is_new=False)
        await _check_room(row["id"])
        photo = await _keep(row["id"], image)
        if settings(ReviewsSettings).hold_photos:
            await rows.hold(row, "photo")
        cache.touch(tag(row["product_id"]))
        return Added(photo, is_new=True)


async def remove(customer_id: UUID, review_id: str, photo_id: str) -> None:
    """Take a photo off the person's own review; its file goes later. Raises ReviewUnknown, PhotoUnknown."""
    async with db.transaction():
        row = await rows.own(customer_id, review_id)
        known = parse_id(photo_id)
        if known is None or not await photos.delete(row["id"], known):
            raise PhotoUnknown(photo_id)
        await registry().get(MEDIA).release(holder=_holder(known))
        cache.touch(tag(row["product_id"]))


async def release_all(review_id: UUID) -> None:
    """Delete every photo of the review, in the open transaction."""
    media = registry().get(MEDIA)
    for photo_id in await photos.delete_all(review_id):
        await media.release(holder=_holder(photo_id))


async def _check_room(review_id: UUID) -> None:
    most = settings(ReviewsSettings).max_photos
    if await photos.count(review_id) >= most:
        raise TooManyPhotos(most)


async def _keep(review_id: UUID, image: StoredImage) -> Row:
    photo_id = new_id()
    photo = await photos.add(photo_id, review_id, image, now=clock.now())
    await registry().get(MEDIA).keep(image.key, holder=_holder(photo_id))
    return photo


def _holder(photo_id: UUID) -> str:
    return f"reviews.photo:{photo_id}"
