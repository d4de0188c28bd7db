"""Photos of one's own review over HTTP."""

from __future__ import annotations

from quart import request

from feria_core.auth import current_principal
from feria_core.http import CUSTOMER, IN_PERSON, Answer, ApiBlueprint
from feria_core.limits import Limit
from feria_core.runtime import settings
from feria_reviews.form import file_of
from feria_reviews.schemas import PhotoOut
from feria_reviews.service import photos
from feria_reviews.settings import ReviewsSettings

UPLOADS = Limit("reviews.photos", 60, 3_600)

blueprint = ApiBlueprint("reviews_photos", __name__)


@blueprint.endpoint(
    "POST",
    "/api/reviews/<review_id>/photos",
    access=IN_PERSON,
    returns=PhotoOut,
    status=201,
    limit=UPLOADS,
    other_statuses=(200,),
)
async def add_photo(review_id: str) -> Answer:
    """Add a photo to one's own review: the part `file` of a form; 200 where it shows the same picture already."""
    customer_id = current_principal().id
    await photos.check_room(customer_id, review_id)
    data = await file_of(request, max_bytes=settings(ReviewsSettings).photo_max_bytes)
    added = await photos.add(customer_id, review_id, data)
    return Answer({**added.photo, "id": str(added.photo["id"])}, status=201 if added.is_new else 200)


@blueprint.endpoint("DELETE", "/api/reviews/<review_id>/photos/<photo_id>", access=CUSTOMER, status=204)
async def remove_photo(review_id: str, photo_id: str) -> None:
    """Take a photo off one's own review."""
    await photos.remove(current_principal().id, review_id, photo_id)
