"""What staff do with promotions and codes."""

from __future__ import annotations

from quart import Response

from feria_core.http import Answer, ApiBlueprint, Page, PageQuery, staff
from feria_promotions.preview import PreviewBody, PreviewOut, preview
from feria_promotions.schemas import (
    CodesBody,
    CodesMade,
    CodesOut,
    PromotionBody,
    PromotionOut,
    PromotionPatch,
    PromotionQuery,
)
from feria_promotions.staff import codes, promotions

blueprint = ApiBlueprint("promotions_admin", __name__)
WRITE = staff("promotions.write")


@blueprint.endpoint("GET", "/api/admin/promotions", access=WRITE, query=PromotionQuery, returns=Page[PromotionOut])
async def admin_list_promotions(query: PromotionQuery) -> Page[PromotionOut]:
    """Promotions, newest first; with `archived=true` the archived ones instead."""
    return await promotions.listed(query)


@blueprint.endpoint(
    "POST", "/api/admin/promotions", access=WRITE, body=PromotionBody, returns=PromotionOut, status=201
)  # fmt: skip
async def admin_create_promotion(body: PromotionBody) -> PromotionOut:
    """Make a promotion; it holds from now, or from `starts_at`, on."""
    return await promotions.create(body)


@blueprint.endpoint("GET", "/api/admin/promotions/<promotion_id>", access=WRITE, returns=PromotionOut)
async def admin_get_promotion(promotion_id: str) -> PromotionOut:
    """One promotion, archived or not."""
    return await promotions.find(promotion_id)


@blueprint.endpoint(
    "PATCH", "/api/admin/promotions/<promotion_id>", access=WRITE, body=PromotionPatch, returns=PromotionOut
)  # fmt: skip
async def admin_edit_promotion(promotion_id: str, body: PromotionPatch) -> PromotionOut:
    """Change what is named; with `version` only where nobody else was faster."""
    return await promotions.edit(promotion_id, body)


@blueprint.endpoint("DELETE", "/api/admin/promotions/<promotion_id>", access=WRITE, status=204)
async def admin_remove_promotion(promotion_id: str) -> None:
    """Delete a promotion that nobody has used and that has no codes; any other is archived."""
    await promotions.remove(promotion_id)


@blueprint.endpoint(
    "GET", "/api/admin/promotions/<promotion_id>/codes", access=WRITE, query=PageQuery, returns=CodesOut
)  # fmt: skip
async def admin_list_codes(promotion_id: str, query: PageQuery) -> CodesOut:
    """A promotion's codes, newest first, and how far the last batches are."""
    return await codes.listed(promotion_id, query)


@blueprint.endpoint(
    "POST", "/api/admin/promotions/<promotion_id>/codes", access=WRITE, body=CodesBody, returns=CodesMade, status=201,
    other_statuses=(202,),
)  # fmt: skip
async def admin_create_codes(promotion_id: str, body: CodesBody) -> Answer:
    """Make a code, or up to a million at random; more than a thousand are made by a job (202)."""
    made = await codes.create(promotion_id, body)
    is_done = made.batch is None or made.batch.state == "done"
    return Answer(made, status=201 if is_done else 202)


@blueprint.endpoint("GET", "/api/admin/promotions/<promotion_id>/codes.csv", access=WRITE, media_types=("text/csv",))
async def admin_export_codes(promotion_id: str) -> Response:
    """A promotion's codes as CSV, streamed."""
    promotion = await promotions.find(promotion_id)
    headers = {"Content-Disposition": f'attachment; filename="codes-{promotion.id}.csv"'}
    return Response(codes.as_csv(promotion.id), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.endpoint("POST", "/api/admin/promotions/preview", access=WRITE, body=PreviewBody, returns=PreviewOut)
async def admin_preview_promotions(body: PreviewBody) -> PreviewOut:
    """What a cart would cost, with a promotion that is not stored if given: what applies, what does not, and why."""
    return await preview(body)
