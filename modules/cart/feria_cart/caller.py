"""Who calls about which cart, and the answer: the whole cart, its entity tag, a guest's token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from quart import request

from feria_cart import tokens
from feria_cart.domain import CartView, Change, Shopper
from feria_cart.schemas import cart_json
from feria_cart.service import looking
from feria_cart.versions import etag, expected
from feria_core.auth import maybe_principal
from feria_core.contracts.cart import CartOwner
from feria_core.errors import ActingStaff
from feria_core.http import Answer
from feria_core.recent import Recent
from feria_core.runtime import core_settings

# The last answers by cart: some twenty kilobytes each with twenty lines.
_ready: Recent[UUID, tuple[CartView, bytes]] = Recent(256)
TOKEN_HEADER = "Cart-Token"  # noqa: S105 - the header's name


@dataclass(frozen=True)
class Caller:
    """Whose cart is meant, and the headers that tell a guest."""

    shopper: Shopper
    headers: dict[str, str] = field(default_factory=dict)


async def caller() -> Caller:
    """Return who asks: a signed-in person, else a guest, with a fresh token where he has none of ours.

    An API key is nobody's cart, so it counts as a guest.
    """
    expects = expected(request.headers.get("If-Match"))
    principal = maybe_principal()
    if principal is not None and principal.kind != "api_key":
        who = await looking.shopper(CartOwner(customer_id=principal.id))
        return Caller(replace(who, expects=expects))
    token = request.headers.get(TOKEN_HEADER)
    if token is None or not await tokens.is_issued(token):
        token = await tokens.issue()
    return Caller(Shopper(CartOwner(cart_token=token), expects=expects), {TOKEN_HEADER: token})


def require_in_person() -> None:
    """Raise ActingStaff where staff act for the customer: agreeing to mails is the person's own to do."""
    principal = maybe_principal()
    if principal is not None and principal.acting_staff is not None:
        raise ActingStaff


async def answer(who: Caller, *, agrees: bool = False, acknowledged: Sequence[Change] | None = None) -> Answer:
    """Return the caller's cart as it is now; `acknowledged` is what the caller has just accepted."""
    view = await looking.view(who.shopper, agrees=agrees)
    tag = etag(view.snapshot.id, view.snapshot.version) if view else etag(None, 0)
    if view is None or acknowledged is not None:
        document = cart_json(view, core_settings().currency, acknowledged=acknowledged)
    else:
        document = _ready_json(view)
    return Answer(document, headers={**who.headers, "ETag": tag})


def _ready_json(view: CartView) -> bytes:
    """Return the cart as JSON; a view that was answered before goes out as the same bytes."""
    kept = _ready.get(view.snapshot.id)
    if kept is not None and kept[0] is view:
        return kept[1]
    document = cart_json(view, view.snapshot.currency)
    _ready.keep(view.snapshot.id, (view, document))
    return document
