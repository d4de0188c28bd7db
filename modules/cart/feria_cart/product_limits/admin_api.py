"""Limits of products over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from feria_cart.product_limits import service
from feria_cart.wishlist.service import position
from feria_core.auth import staff
from feria_core.http import ApiBlueprint, Body, Out, Page, PageQuery, encode_cursor

blueprint = ApiBlueprint("cart_product_limits", __name__)


class LimitIn(Body):
    """How many pieces each customer may buy."""

    most: Annotated[int, Field(ge=1, le=1_000_000, examples=[2])]


class LimitOut(Out):
    """The limit of one product."""

    product_id: UUID
    most: Annotated[int, Field(description="Pieces of all its variants together that each customer may buy")]
    changed_at: datetime | None = None


@blueprint.endpoint(
    "GET", "/api/admin/cart/product-limits", access=staff("cart.write"), query=PageQuery, returns=Page[LimitOut]
)
async def list_limits(query: PageQuery) -> dict[str, Any]:
    """Products that each customer may buy a limited number of."""
    rows = await service.page(limit=query.limit + 1, after=position(query.cursor))
    shown = rows[: query.limit]
    return {
        "items": [dict(row) for row in shown],
        "next_cursor": encode_cursor(shown[-1]["product_id"]) if len(rows) > query.limit else None,
    }


@blueprint.endpoint(
    "PUT", "/api/admin/cart/product-limits/<product_id>", access=staff("cart.write"), body=LimitIn, returns=LimitOut
)
async def set_limit(product_id: str, body: LimitIn) -> LimitOut:
    """Limit how many of a product each customer may buy from now on."""
    return LimitOut(product_id=await service.set_limit(product_id, body.most), most=body.most)


@blueprint.endpoint("DELETE", "/api/admin/cart/product-limits/<product_id>", access=staff("cart.write"), status=204)
async def lift_limit(product_id: str) -> None:
    """Lift a product's limit."""
    await service.lift_limit(product_id)
