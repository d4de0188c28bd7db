"""Items saved for later over HTTP: the customer's, or those of the guest who holds the `Cart-Token`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from feria_cart.caller import answer, caller
from feria_cart.saved import service
from feria_cart.schemas import CartOut
from feria_cart.wishlist.service import position
from feria_core import db
from feria_core.contracts.catalog import Offer
from feria_core.http import PUBLIC, Answer, ApiBlueprint, Out, Page, PageQuery, encode_cursor
from feria_core.http.schemas import ProductCard
from feria_core.money import MoneyOut

blueprint = ApiBlueprint("cart_saved", __name__)


class SavedOut(Out):
    """One saved item. `product`, `sku`, `options` and `unit_price` are null while it is not sold."""

    id: UUID
    variant_id: UUID
    product: Annotated[ProductCard | None, Field(description="The product's card, as in GET /api/products")]
    sku: str | None
    options: dict[str, str] | None
    quantity: int
    unit_price: MoneyOut | None
    price_when_saved: MoneyOut
    in_stock: bool
    saved_at: datetime


@blueprint.endpoint("GET", "/api/cart/saved", access=PUBLIC, query=PageQuery, returns=Page[SavedOut])
async def list_saved(query: PageQuery) -> Answer:
    """What the caller has saved for later, the newest first."""
    found = await caller()
    rows = await service.page(found.shopper, limit=query.limit + 1, before=position(query.cursor))
    shown = rows[: query.limit]
    document = {
        "items": [_saved(row, offer) for row, offer in shown],
        "next_cursor": encode_cursor(shown[-1][0]["id"]) if len(rows) > query.limit else None,
    }
    return Answer(document, headers=found.headers)


@blueprint.endpoint("POST", "/api/cart/items/<item_id>/save-for-later", access=PUBLIC, returns=CartOut)
async def save_for_later(item_id: str) -> Answer:
    """Move an item out of the cart, to be found again later."""
    found = await caller()
    await service.save_for_later(found.shopper, item_id)
    return await answer(found, agrees=True)


@blueprint.endpoint("POST", "/api/cart/saved/<item_id>/move-to-cart", access=PUBLIC, returns=CartOut)
async def move_to_cart(item_id: str) -> Answer:
    """Move a saved item back into the cart, at its present price."""
    found = await caller()
    await service.move_to_cart(found.shopper, item_id)
    return await answer(found, agrees=True)


@blueprint.endpoint("DELETE", "/api/cart/saved/<item_id>", access=PUBLIC, status=204)
async def forget(item_id: str) -> None:
    """Delete a saved item."""
    await service.forget((await caller()).shopper, item_id)


def _saved(row: db.Row, offer: Offer | None) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "variant_id": str(row["variant_id"]),
        "product": orjson.Fragment(offer.card) if offer else None,
        "sku": offer.sku if offer else None,
        "options": dict(offer.options) if offer else None,
        "quantity": row["quantity"],
        "unit_price": {"amount": offer.price.amount, "currency": offer.price.currency} if offer else None,
        "price_when_saved": {"amount": row["seen_amount"], "currency": row["seen_currency"]},
        "in_stock": offer is not None and offer.available > 0,
        "saved_at": row["saved_at"],
    }
