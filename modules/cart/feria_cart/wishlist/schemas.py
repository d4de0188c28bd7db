"""What the routes of wish lists take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from feria_cart.links import share_url
from feria_cart.wishlist.domain import Wish, WishlistView, shown_name
from feria_core.contracts.catalog import Offer
from feria_core.http import Body, Out
from feria_core.http.responses import to_bytes
from feria_core.http.schemas import ProductCard
from feria_core.money import Money, MoneyOut

_ID = Field(min_length=1, max_length=100, examples=["01936f2e-7c1a-7000-8000-0123456789ab"])


class AddWish(Body):
    """A variant to keep."""

    variant_id: Annotated[str, _ID]


class NameWishlist(Body):
    """What a wish list is called."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["Living room"])]


class SetAlerts(Body):
    """Of what about an item its owner wants a mail."""

    back_in_stock: bool
    price_drop: bool


class AlertsOut(Out):
    """What is waited for."""

    back_in_stock: bool
    price_drop: bool


class WishOut(Out):
    """One item. `product` and `price` are null while it is not sold."""

    id: UUID
    variant_id: UUID
    product: Annotated[ProductCard | None, Field(description="The product's card, as in GET /api/products")]
    name: str
    sku: str
    price: MoneyOut | None
    price_when_added: MoneyOut
    in_stock: bool
    added_at: datetime
    alerts: AlertsOut


class WishlistOut(Out):
    """A page of a wish list, newest items first. `id` is null until something is kept."""

    id: UUID | None
    name: str
    is_default: bool
    is_shared: bool
    share_token: str | None
    share_url: str | None
    item_count: int
    items: list[WishOut]
    next_cursor: str | None


class WishlistHeadOut(Out):
    """A wish list without its items."""

    id: UUID
    name: str
    is_default: bool
    is_shared: bool
    item_count: int
    created_at: datetime


class ShareOut(Out):
    """The link of a shared wish list."""

    token: str
    url: str


class SharedWishOut(Out):
    """One item of a shared wish list; what is not sold is left out."""

    variant_id: UUID
    product: ProductCard
    sku: str
    price: MoneyOut
    in_stock: bool


class SharedWishlistOut(Out):
    """A page of a shared wish list, newest items first."""

    name: str
    items: list[SharedWishOut]
    next_cursor: str | None


def wishlist_json(view: WishlistView, locale: str) -> bytes:
    """Return the shape of WishlistOut as JSON; the products' cards go out as they are."""
    wishlist = view.wishlist
    return to_bytes(
        {
            "id": wishlist.id,
            "name": shown_name(wishlist.name, locale),
            "is_default": wishlist.is_default,
            "is_shared": wishlist.share is not None,
            "share_token": view.token,
            "share_url": share_url(view.token) if view.token else None,
            "item_count": wishlist.item_count,
            "items": [_wish(wish, view.offers.get(wish.variant_id)) for wish in wishlist.items],
            "next_cursor": wishlist.next_cursor,
        }
    )


def shared_json(view: WishlistView, locale: str) -> bytes:
    """Return the shape of SharedWishlistOut as JSON."""
    wishlist = view.wishlist
    sold = [offer for wish in wishlist.items if (offer := view.offers.get(wish.variant_id)) is not None]
    return to_bytes(
        {
            "name": shown_name(wishlist.name, locale),
            "items": [_shared_wish(offer) for offer in sold],
            "next_cursor": wishlist.next_cursor,
        }
    )


def _wish(wish: Wish, offer: Offer | None) -> dict[str, Any]:
    return {
        "id": wish.id,
        "variant_id": wish.variant_id,
        "product": orjson.Fragment(offer.card) if offer else None,
        "name": offer.name if offer else wish.name,
        "sku": offer.sku if offer else wish.sku,
        "price": _money(offer.price) if offer else None,
        "price_when_added": _money(wish.added_price),
        "in_stock": offer is not None and offer.available > 0,
        "added_at": wish.added_at,
        "alerts": {kind: kind in wish.alerts for kind in ("back_in_stock", "price_drop")},
    }


def _shared_wish(offer: Offer) -> dict[str, Any]:
    return {
        "variant_id": offer.variant_id,
        "product": orjson.Fragment(offer.card),
        "sku": offer.sku,
        "price": _money(offer.price),
        "in_stock": offer.available > 0,
    }


def _money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount, "currency": money.currency}
