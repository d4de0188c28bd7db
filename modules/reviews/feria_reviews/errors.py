"""Refusals of reviews, and the status and code that each is answered with."""

from __future__ import annotations

from feria_core.errors import Conflict, FeriaError, Forbidden, NotFound


class ProductUnknown(NotFound):
    """No product of that id or slug is shown now."""

    code, title = "product_unknown", "No such product"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no product '{key[:100]}': GET /api/products lists them.")


class ReviewUnknown(NotFound):
    """Never written, deleted, not shown, or somebody else's."""

    code, title = "review_unknown", "No such review"

    def __init__(self, review_id: str) -> None:
        super().__init__(f"There is no review '{review_id[:100]}' here: load the product's reviews again.")


class PhotoUnknown(NotFound):
    code, title = "photo_unknown", "No such photo"

    def __init__(self, photo_id: str) -> None:
        super().__init__(f"The review has no photo '{photo_id[:100]}': load the review again.")


class ReviewExists(Conflict):
    """One person writes one review of a product."""

    code, title = "review_exists", "Reviewed already"

    def __init__(self) -> None:
        super().__init__("You have reviewed this product already: change that review with PATCH.")


class OwnReview(Forbidden):
    """Nobody votes on or reports what he wrote himself."""

    code, title = "own_review", "This is your own review"

    def __init__(self) -> None:
        super().__init__("This review is your own: others say whether it helps.")


class TooManyPhotos(Conflict):
    code, title = "too_many_photos", "Too many photos"

    def __init__(self, most: int) -> None:
        super().__init__(f"A review shows at most {most} photos: delete one first.")


class ReviewLinkUnknown(NotFound):
    """The token is none that was mailed, or its person is gone."""

    code, title = "review_link_unknown", "No such link"

    def __init__(self) -> None:
        super().__init__("This link leads to no review: sign in and write it on the product's page.")


class ReviewLinkUsed(Conflict):
    code, title = "review_link_used", "This link was used"

    def __init__(self) -> None:
        super().__init__("A review was written with this link already: sign in to change it.")


class ReviewLinkExpired(FeriaError):
    code, status, title = "review_link_expired", 410, "This link has expired"

    def __init__(self) -> None:
        super().__init__("This link does not work any more: sign in and write the review on the product's page.")
