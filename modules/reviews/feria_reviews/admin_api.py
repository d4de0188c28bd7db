"""What staff do with reviews."""

from __future__ import annotations

from typing import Any

from quart import Response

from feria_core.http import ApiBlueprint, Page, staff
from feria_reviews import exporting
from feria_reviews.admin_schemas import (
    AdminReviewDetail,
    AdminReviewOut,
    AdminReviewsQuery,
    ApproveBody,
    RejectBody,
    ReplyBody,
    admin_json,
    detail_json,
)
from feria_reviews.repository import listing, votes
from feria_reviews.repository.listing import Wanted
from feria_reviews.service import moderation, products

blueprint = ApiBlueprint("reviews_admin", __name__)
MODERATE = staff("reviews.moderate")
SHOWN_REPORTS = 100


@blueprint.endpoint(
    "GET", "/api/admin/reviews", access=MODERATE, query=AdminReviewsQuery, returns=Page[AdminReviewOut]
)  # fmt: skip
async def admin_list_reviews(query: AdminReviewsQuery) -> dict[str, Any]:
    """Reviews of every state, newest first unless told."""
    wanted = Wanted(
        product_id=await products.known(query.product) if query.product is not None else None,
        customer_id=query.customer,
        status=query.status,
        ratings=(query.rating,) if query.rating is not None else (),
        is_verified=query.verified,
        is_reported=query.reported,
        has_reply=query.replied,
        text=query.q or None,
    )
    rows, more = await listing.page(wanted, listing.SORTS[query.sort], cursor=query.cursor, limit=query.limit)
    return {"items": [admin_json(row) for row in rows], "next_cursor": more}


@blueprint.endpoint("GET", "/api/admin/reviews/export", access=MODERATE, media_types=("text/csv",))
async def admin_export_reviews() -> Response:
    """Every review as CSV, streamed, in the columns that `feria reviews import` takes."""
    headers = {"Content-Disposition": 'attachment; filename="reviews.csv"'}
    return Response(exporting.as_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.endpoint("GET", "/api/admin/reviews/<review_id>", access=MODERATE, returns=AdminReviewDetail)
async def admin_get_review(review_id: str) -> dict[str, Any]:
    """One review with its latest reports."""
    row = await moderation.find(review_id)
    return detail_json(row, await votes.reports_of(row["id"], limit=SHOWN_REPORTS))


@blueprint.endpoint(
    "POST", "/api/admin/reviews/<review_id>/approve", access=MODERATE, body=ApproveBody, returns=AdminReviewOut,
    optional_body=True,
)  # fmt: skip
async def admin_approve_review(review_id: str, body: ApproveBody) -> dict[str, Any]:
    """Publish a review; with `version` only that one. A body is not needed."""
    return admin_json(await moderation.approve(review_id, version=body.version))


@blueprint.endpoint(
    "POST", "/api/admin/reviews/<review_id>/reject", access=MODERATE, body=RejectBody, returns=AdminReviewOut,
    optional_body=True,
)  # fmt: skip
async def admin_reject_review(review_id: str, body: RejectBody) -> dict[str, Any]:
    """Refuse a review, a published one too. A body is not needed."""
    return admin_json(await moderation.reject(review_id, version=body.version, reason=body.reason))


@blueprint.endpoint(
    "POST", "/api/admin/reviews/<review_id>/reply", access=MODERATE, body=ReplyBody, returns=AdminReviewOut
)  # fmt: skip
async def admin_reply_to_review(review_id: str, body: ReplyBody) -> dict[str, Any]:
    """Answer a review in public, in place of an earlier answer."""
    return admin_json(await moderation.reply(review_id, body.text))


@blueprint.endpoint("DELETE", "/api/admin/reviews/<review_id>/reply", access=MODERATE, status=204)
async def admin_withdraw_reply(review_id: str) -> None:
    """Take the shop's answer away."""
    await moderation.withdraw_reply(review_id)
