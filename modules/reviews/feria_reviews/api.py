"""Reviews over HTTP: what visitors read and report, what signed-in people write and vote on."""

from __future__ import annotations

from typing import Any

from feria_core import cache
from feria_core.auth import current_principal, maybe_principal
from feria_core.cache import Cached
from feria_core.http import CUSTOMER, IN_PERSON, PUBLIC, ApiBlueprint, Page
from feria_core.limits import Limit
from feria_reviews.repository import listing
from feria_reviews.repository.listing import Wanted
from feria_reviews.schemas import (
    OwnReviewOut,
    OwnReviewsQuery,
    ReportBody,
    ReportedOut,
    ReviewBody,
    ReviewPatch,
    ReviewsPage,
    ReviewsQuery,
    VoteBody,
    VoteOut,
    own_json,
    review_json,
    summary_json,
)
from feria_reviews.service import products, summaries, voting, writing
from feria_reviews.service.writing import Written

blueprint = ApiBlueprint("reviews", __name__)

WRITES = Limit("reviews.write", 100, 3_600)
VOTES = Limit("reviews.vote", 300, 60)
REPORTS = Limit("reviews.report", 30, 3_600)


@blueprint.endpoint(
    "GET", "/api/products/<key>/reviews", access=PUBLIC, query=ReviewsQuery, returns=ReviewsPage,
    cached=Cached(max_age_s=60),
)  # fmt: skip
async def list_reviews(key: str, query: ReviewsQuery) -> dict[str, Any]:
    """The published reviews of a product by id or slug, with its numbers."""
    product = await products.shown(key)
    cache.tag(summaries.tag(product.product_id), f"product:{product.product_id}")
    principal = maybe_principal()
    wanted = Wanted(
        product_id=product.product_id,
        status="approved",
        ratings=tuple(query.rating or ()),
        is_verified=query.verified,
        has_photos=query.photos,
        locale=query.locale,
    )
    rows, more = await listing.page(
        wanted, listing.SORTS[query.sort], cursor=query.cursor, limit=query.limit,
        viewer=principal.id if principal else None,
    )  # fmt: skip
    summary = await summaries.of(product.product_id)
    return {"items": [review_json(row) for row in rows], "next_cursor": more, "summary": summary_json(summary)}


@blueprint.endpoint(
    "POST", "/api/products/<key>/reviews", access=IN_PERSON, body=ReviewBody, returns=OwnReviewOut, status=201,
    limit=WRITES,
)  # fmt: skip
async def write_review(key: str, body: ReviewBody) -> dict[str, Any]:
    """Review a product, once; shown at once or after a look of staff, as `status` says."""
    written = Written(body.rating, body.title, body.text, body.display_name)
    return own_json(await writing.write(current_principal().id, key, written))


@blueprint.endpoint("GET", "/api/reviews/mine", access=CUSTOMER, query=OwnReviewsQuery, returns=Page[OwnReviewOut])
async def list_own_reviews(query: OwnReviewsQuery) -> dict[str, Any]:
    """One's own reviews, published or not, newest first."""
    product_id = await products.known(query.product) if query.product is not None else None
    wanted = Wanted(customer_id=current_principal().id, product_id=product_id)
    rows, more = await listing.page(wanted, listing.NEWEST, cursor=query.cursor, limit=query.limit)
    return {"items": [own_json(row) for row in rows], "next_cursor": more}


@blueprint.endpoint(
    "PATCH", "/api/reviews/<review_id>", access=IN_PERSON, body=ReviewPatch, returns=OwnReviewOut, limit=WRITES
)
async def change_review(review_id: str, body: ReviewPatch) -> dict[str, Any]:
    """Change one's own review; the rules decide anew whether it is shown."""
    changed = await writing.change(
        current_principal().id, review_id, rating=body.rating, title=body.title, text=body.text,
        display_name=body.display_name,
    )  # fmt: skip
    return own_json(changed)


@blueprint.endpoint("DELETE", "/api/reviews/<review_id>", access=CUSTOMER, status=204)
async def delete_review(review_id: str) -> None:
    """Delete one's own review."""
    await writing.delete(current_principal().id, review_id)


@blueprint.endpoint(
    "POST", "/api/reviews/<review_id>/votes", access=IN_PERSON, body=VoteBody, returns=VoteOut, limit=VOTES
)
async def vote(review_id: str, body: VoteBody) -> dict[str, Any]:
    """Say whether somebody else's review helps, say otherwise, or take it back; one vote for each person."""
    return _votes(await voting.vote(current_principal().id, review_id, is_helpful=body.helpful))


@blueprint.endpoint("DELETE", "/api/reviews/<review_id>/votes", access=IN_PERSON, status=204, limit=VOTES)
async def withdraw_vote(review_id: str) -> None:
    """Take one's vote back."""
    await voting.vote(current_principal().id, review_id, is_helpful=None)


@blueprint.endpoint(
    "POST",
    "/api/reviews/<review_id>/reports",
    access=PUBLIC,
    body=ReportBody,
    returns=ReportedOut,
    status=202,
    limit=REPORTS,
)
async def report_review(review_id: str, body: ReportBody) -> dict[str, Any]:
    """Tell staff what is wrong with a review; of each account and address the first report counts."""
    await voting.report(review_id, reason=body.reason, text=body.text)
    return {"status": "received"}


def _votes(standing: voting.Standing) -> dict[str, Any]:
    return {"helpful_count": standing.helpful, "unhelpful_count": standing.unhelpful, "my_vote": standing.mine}
