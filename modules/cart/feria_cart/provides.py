"""What the cart offers to other modules."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from feria_cart.admin_sections import SECTIONS
from feria_cart.figures import FUNNEL
from feria_cart.personal_data import CartData
from feria_cart.product_limits.claims import ProductLimitClaims
from feria_cart.service import changing, looking, merging, reordering
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.analytics import ANALYTICS_SOURCES
from feria_core.contracts.cart import CARTS, CartAddition, CartOwner, CartSnapshot
from feria_core.contracts.catalog import StockLine
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import PRICE_CLAIMS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.contracts.users import SIGN_IN_HOOKS
from feria_core.errors import FeriaError
from feria_core.ports import Registry

log = structlog.get_logger("feria.cart")


class OwnedCarts:
    """The port `carts`."""

    async def find(self, owner: CartOwner) -> UUID | None:
        return await looking.find(owner)

    async def snapshot(self, owner: CartOwner) -> CartSnapshot | None:
        view = await looking.view(await looking.shopper(owner))
        return view.snapshot if view else None

    async def snapshot_by_id(
        self, cart_id: UUID, *, lock: bool = False, holder: UUID | None = None, shipping: Money | None = None
    ) -> CartSnapshot | None:
        view = await looking.view_by_id(cart_id, lock=lock, holder=holder, shipping=shipping)
        return view.snapshot if view else None

    async def add(self, owner: CartOwner, lines: Sequence[StockLine]) -> tuple[CartAddition, ...]:
        return await reordering.add_all(owner, lines)

    async def consume(self, cart_id: UUID, *, order_number: str) -> None:
        await changing.consume(cart_id, order_number)


class MergeAtSignIn:
    """Moves the guest cart over when its owner signs in."""

    async def signed_in(self, user_id: UUID, cart_token: str | None) -> None:
        if not cart_token:
            return
        try:
            await merging.merge_at_sign_in(user_id, cart_token)
        except FeriaError as refusal:
            # The guest cart stays as it was, and POST /api/cart/merge tells its owner the same reason.
            log.info("cart.merge_refused", user_id=str(user_id), code=refusal.code)


def register(registry: Registry) -> None:
    """Offer the ports; called while the application starts."""
    registry.provide(CARTS, OwnedCarts(), module="cart")
    registry.contribute(PERSONAL_DATA, CartData(), module="cart", order=20)
    # After discounts: whatever is claimed is claimed in one order.
    registry.contribute(PRICE_CLAIMS, ProductLimitClaims(), module="cart", order=200)
    registry.contribute(SIGN_IN_HOOKS, MergeAtSignIn(), module="cart")
    registry.contribute(ANALYTICS_SOURCES, FUNNEL, module="cart", order=20)
    for section in SECTIONS:
        registry.contribute(ADMIN_SECTIONS, section, module="cart")
