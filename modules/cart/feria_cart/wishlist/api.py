"""Wish lists over HTTP: a person's own, and those that others have shared."""

from __future__ import annotations

from uuid import UUID

from feria_cart.alerts import service as alerts
from feria_cart.caller import answer, caller
from feria_cart.errors import LinkUnknown, WishlistUnknown
from feria_cart.links import share_url
from feria_cart.schemas import CartOut
from feria_cart.wishlist import service, sharing
from feria_cart.wishlist.domain import WishlistView, shown_name
from feria_cart.wishlist.schemas import (
    AddWish,
    AlertsOut,
    NameWishlist,
    SetAlerts,
    SharedWishlistOut,
    ShareOut,
    WishlistHeadOut,
    WishlistOut,
    shared_json,
    wishlist_json,
)
from feria_core.auth import current_principal
from feria_core.http import CUSTOMER, PUBLIC, Answer, ApiBlueprint, Page, PageQuery
from feria_core.http.request import locale
from feria_core.ids import parse_id
from feria_core.limits import Limit

# Of each address. A token has 256 bits: nobody finds one by asking, nor shall he keep the shop busy with it.
GUESSES = Limit("shared-wishlists", 300, 60)

blueprint = ApiBlueprint("cart_wishlists", __name__)


@blueprint.endpoint("GET", "/api/wishlist", access=CUSTOMER, query=PageQuery, returns=WishlistOut)
async def get_wishlist(query: PageQuery) -> bytes:
    """The person's default wish list with present prices and stock, newest items first."""
    return await _answer(None, query)


@blueprint.endpoint("POST", "/api/wishlist/items", access=CUSTOMER, body=AddWish, returns=WishlistOut, status=201)
async def add_wish(body: AddWish) -> bytes:
    """Keep a variant; one that is kept already stays as it is."""
    await service.add(current_principal().id, body.variant_id)
    return await _answer(None)


@blueprint.endpoint("POST", "/api/wishlist", access=CUSTOMER, body=AddWish, returns=WishlistOut, status=201)
async def keep_wish(body: AddWish) -> bytes:
    """Keep a variant; the same as POST /api/wishlist/items."""
    await service.add(current_principal().id, body.variant_id)
    return await _answer(None)


@blueprint.endpoint("DELETE", "/api/wishlist/items/<item_id>", access=CUSTOMER, status=204)
async def remove_wish(item_id: str) -> None:
    """Remove an item from whichever of the person's lists holds it, with the alerts that were set on it."""
    await service.remove(current_principal().id, item_id)


@blueprint.endpoint("DELETE", "/api/wishlist", access=CUSTOMER, returns=WishlistOut)
async def empty_wishlist() -> bytes:
    """Remove every item of the default list; its link stays."""
    await service.empty(current_principal().id)
    return await _answer(None)


@blueprint.endpoint("POST", "/api/wishlist/items/<item_id>/move-to-cart", access=CUSTOMER, returns=CartOut)
async def move_wish_to_cart(item_id: str) -> Answer:
    """Move one of an item into the person's cart, and answer the cart; what is sold out stays where it is."""
    found = await caller()
    await service.move_to_cart(found.shopper, item_id)
    return await answer(found)


@blueprint.endpoint(
    "PUT", "/api/wishlist/items/<item_id>/alerts", access=CUSTOMER, body=SetAlerts, returns=AlertsOut
)  # fmt: skip
async def set_wish_alerts(item_id: str, body: SetAlerts) -> AlertsOut:
    """Say of what about an item a mail is wanted, once; one that was sent is waited for anew."""
    wanted = {"back_in_stock": body.back_in_stock, "price_drop": body.price_drop}
    await alerts.set_for_item(current_principal().id, item_id, wanted)
    return AlertsOut(**wanted)


@blueprint.endpoint("POST", "/api/wishlist/share", access=CUSTOMER, returns=ShareOut, status=201)
async def share_wishlist() -> ShareOut:
    """Share the default list; the link stays the same until it is revoked."""
    return await _share(None)


@blueprint.endpoint("DELETE", "/api/wishlist/share", access=CUSTOMER, status=204)
async def revoke_wishlist_share() -> None:
    """End the link of the default list; sharing again makes another."""
    await sharing.revoke(current_principal().id)


@blueprint.endpoint("GET", "/api/wishlists", access=CUSTOMER, returns=Page[WishlistHeadOut])
async def list_wishlists() -> Page[WishlistHeadOut]:
    """The person's wish lists, the default one first; all of them, since they are few."""
    rows = await service.lists(current_principal().id)
    return Page(items=[WishlistHeadOut(**{**row, "name": shown_name(row["name"], locale())}) for row in rows])


@blueprint.endpoint("POST", "/api/wishlists", access=CUSTOMER, body=NameWishlist, returns=WishlistOut, status=201)
async def create_wishlist(body: NameWishlist) -> bytes:
    """Begin another wish list."""
    return await _answer(await service.create(current_principal().id, body.name))


@blueprint.endpoint("GET", "/api/wishlists/<list_id>", access=CUSTOMER, query=PageQuery, returns=WishlistOut)
async def get_named_wishlist(list_id: str, query: PageQuery) -> bytes:
    """One of the person's wish lists with its items."""
    return await _answer(_parsed(list_id), query)


@blueprint.endpoint("PATCH", "/api/wishlists/<list_id>", access=CUSTOMER, body=NameWishlist, returns=WishlistOut)
async def rename_wishlist(list_id: str, body: NameWishlist) -> bytes:
    """Name a wish list anew."""
    found = _parsed(list_id)
    await service.rename(current_principal().id, found, body.name)
    return await _answer(found)


@blueprint.endpoint("DELETE", "/api/wishlists/<list_id>", access=CUSTOMER, status=204)
async def delete_wishlist(list_id: str) -> None:
    """Delete a wish list with its items and its link."""
    await service.delete(current_principal().id, _parsed(list_id))


@blueprint.endpoint(
    "POST", "/api/wishlists/<list_id>/items", access=CUSTOMER, body=AddWish, returns=WishlistOut, status=201
)  # fmt: skip
async def add_named_wish(list_id: str, body: AddWish) -> bytes:
    """Keep a variant in that list."""
    found = _parsed(list_id)
    await service.add(current_principal().id, body.variant_id, found)
    return await _answer(found)


@blueprint.endpoint("DELETE", "/api/wishlists/<list_id>/items/<item_id>", access=CUSTOMER, status=204)
async def remove_named_wish(list_id: str, item_id: str) -> None:
    """Remove an item from that list."""
    await service.remove(current_principal().id, item_id, _parsed(list_id))


@blueprint.endpoint("POST", "/api/wishlists/<list_id>/share", access=CUSTOMER, returns=ShareOut, status=201)
async def share_named_wishlist(list_id: str) -> ShareOut:
    """Share that list; the link stays the same until it is revoked."""
    return await _share(_parsed(list_id))


@blueprint.endpoint("DELETE", "/api/wishlists/<list_id>/share", access=CUSTOMER, status=204)
async def revoke_named_wishlist_share(list_id: str) -> None:
    """End the link of that list."""
    await sharing.revoke(current_principal().id, _parsed(list_id))


@blueprint.endpoint(
    "GET", "/api/shared-wishlists/<token>", access=PUBLIC, query=PageQuery, returns=SharedWishlistOut, limit=GUESSES
)  # fmt: skip
async def get_shared_wishlist(token: str, query: PageQuery) -> bytes:
    """A wish list that somebody has shared: its name and what is sold of it, nothing of the person."""
    found = await sharing.shared(token, limit=query.limit, before=service.position(query.cursor))
    if found is None:
        raise LinkUnknown
    return shared_json(WishlistView(found, await service.offers_of(found)), locale())


async def _answer(list_id: UUID | None, query: PageQuery = service.FIRST_PAGE) -> bytes:
    return wishlist_json(await service.view(current_principal().id, list_id, query), locale())


async def _share(list_id: UUID | None) -> ShareOut:
    token = await sharing.share(current_principal().id, list_id)
    return ShareOut(token=token, url=share_url(token))


def _parsed(list_id: str) -> UUID:
    found = parse_id(list_id)
    if found is None:
        raise WishlistUnknown(list_id)
    return found
