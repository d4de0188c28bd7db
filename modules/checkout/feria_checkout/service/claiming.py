"""Limited discounts of a checkout: claimed with its draft, given back when its payment comes to nothing.

Rows of stock are locked after these: other buyers wait for both, in this order.
"""

from __future__ import annotations

from uuid import UUID

from feria_checkout.errors import CartEmpty
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import view
from feria_checkout.service.pricing import Quote, price
from feria_core.contracts.cart import ProductLimitReached
from feria_core.contracts.pricing import PRICE_CLAIMS
from feria_core.errors import Conflict
from feria_core.http.request import locale
from feria_core.runtime import registry


async def claim(checkout: CheckoutRow, priced: Quote) -> None:
    """Claim what the price uses of limits, in the caller's transaction; what was claimed before is adjusted.

    Raises CartChanged with the present totals where others have reached a limit since: the shopper has to agree to
    the other price first. CartEmpty where nothing is sold any more, ProductLimitReached.
    """
    try:
        await adjust(checkout, priced)
    except ProductLimitReached:
        raise  # it is the quantity that has to change, not the price
    except Conflict as gone:
        present = await price(checkout, lock=True)
        if present is None:
            raise CartEmpty from gone
        raise view.cart_changed(priced.grand_total, present, locale()) from gone


async def adjust(checkout: CheckoutRow, priced: Quote) -> None:
    """Claim what the price uses. Raises a Conflict where a limit was reached by others."""
    for claims in registry().all(PRICE_CLAIMS):
        await claims.claim(
            checkout.id, priced.cart.adjustments, cart_id=checkout.cart_id, customer_id=checkout.customer_id
        )


async def renew(checkout_id: UUID) -> bool:
    """Take again what was given back after a failure; False where others have it now."""
    for claims in registry().all(PRICE_CLAIMS):
        if not await claims.renew(checkout_id):
            return False
    return True


async def release(checkout_id: UUID) -> None:
    """Give back what the checkout holds; nothing happens the second time."""
    for claims in registry().all(PRICE_CLAIMS):
        await claims.release(checkout_id)


async def keep(checkout_id: UUID, order_id: UUID) -> None:
    """Make the claims those of the placed order."""
    for claims in registry().all(PRICE_CLAIMS):
        await claims.keep(checkout_id, order_id=order_id)
