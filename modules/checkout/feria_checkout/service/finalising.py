"""Phase C of a completion: one conditional update decides who makes the order; API, webhook and reconciler share it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson
import structlog

from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.rows import CheckoutRow, PaymentRow
from feria_checkout.service import claiming, stepping, view
from feria_checkout.service.holding import held_until
from feria_checkout.service.pricing import Quote, order_draft
from feria_checkout.service.refunding import owe_refund
from feria_core import db
from feria_core.contracts.cart import CARTS
from feria_core.contracts.catalog import CATALOG, OutOfStock
from feria_core.contracts.orders import ORDERS, PlacedOrder
from feria_core.contracts.payments import PaymentReport, PaymentState
from feria_core.errors import Conflict, FeriaError, NotFound
from feria_core.runtime import registry

log = structlog.get_logger("feria.checkout")


@dataclass(frozen=True)
class Settled:
    """What has become of a payment: an order, or a refusal to tell the shopper, or neither yet."""

    order_id: UUID | None = None
    refusal: FeriaError | None = None


async def finalise(payment_id: UUID, report: PaymentReport) -> Settled:
    """Turn captured money into the placed order of its checkout, once, whoever comes first.

    Money that cannot become that order is owed back from here on: it arrived for a payment that was given up,
    is another sum than asked for, or nothing is left to sell. Whoever is second gets the same result.
    """

    async def work() -> Settled:
        checkout, payment = await _lock(payment_id)
        if payment.is_settled:
            return Settled(order_id=checkout.order_id)
        if payment.state in {"refund_due", "refunded"}:
            return Settled(refusal=await owe_refund(checkout, payment, None))
        reason = await _objection(checkout, payment, report)
        if reason is not None:
            return Settled(refusal=await owe_refund(checkout, payment, reason, alert=True))
        return await _place_or_refund(checkout, payment, is_taken=report.state is PaymentState.CAPTURED)

    return await db.in_new_transaction(work)


async def place_immediately(checkout: CheckoutRow, payment: PaymentRow, priced: Quote) -> PlacedOrder:
    """Place the order of a payment that nobody outside has to confirm, in the transaction that priced its cart.

    The payment becomes that order's, of this price and these lines. Raises CartChanged where a discount is gone
    meanwhile, OutOfStock.
    """
    lines, is_guest = priced.stock_lines, checkout.customer_id is None
    await claiming.claim(checkout, priced)
    order = (
        await registry()
        .get(ORDERS)
        .place_at_once(
            order_draft(checkout, priced), payment_status="pending", provider=payment.provider, guest_token=is_guest
        )
    )
    if not await payments.settle_at_once(payment.id, order_id=order.id, amount=priced.grand_total, lines=lines):
        raise RuntimeError(f"payment {payment.id} left the state 'pending' under its own lock")
    await _consume(checkout, order.number)
    await claiming.keep(checkout.id, order.id)
    await stepping.placed(checkout, order.id)
    quote = orjson.dumps(view.totals(priced, with_cards=False))
    await checkouts.complete(checkout.id, order=order, quote=quote, held=lines, cart_version=priced.cart.version)
    # Last, so that rows of stock, which other buyers wait for, are locked as briefly as can be.
    await registry().get(CATALOG).sell(checkout.id, lines, reference=order.number)
    return order


async def _lock(payment_id: UUID) -> tuple[CheckoutRow, PaymentRow]:
    """Return checkout and payment, locked in this order."""
    unlocked = await payments.get(payment_id)
    checkout = await checkouts.lock(unlocked.checkout_id) if unlocked else None
    payment = await payments.get(payment_id, lock=True)
    if checkout is None or payment is None:
        raise RuntimeError(f"payment {payment_id} is not stored: rows of payments are never deleted")
    return checkout, payment


async def _objection(checkout: CheckoutRow, payment: PaymentRow, report: PaymentReport) -> str | None:
    """Return why captured money must not become this order, or None."""
    other_payment = report.payment_id is not None and report.payment_id != payment.id
    objections = (
        (report.amount != payment.amount, f"captured {report.amount} instead of {payment.amount}"),
        (report.checkout_id != checkout.id, f"captured for checkout {report.checkout_id} instead of {checkout.id}"),
        (other_payment, f"captured for payment {report.payment_id} instead of {payment.id}"),
        (payment.state != "pending", f"captured after the payment was {payment.state}"),
        (checkout.order_id is None or payment.order_id != checkout.order_id, "captured after its order was dropped"),
    )
    found = next((sentence for is_so, sentence in objections if is_so), None)
    if found is None and await checkouts.has_sold(checkout.cart_id, besides=checkout.id):
        return "captured for a cart that has become another order"
    return found


async def _place_or_refund(checkout: CheckoutRow, payment: PaymentRow, *, is_taken: bool) -> Settled:
    assert payment.order_id is not None  # noqa: S101 - an objection otherwise
    if not await claiming.renew(checkout.id):
        reason = "captured after others had used up its discount"
        return Settled(refusal=await owe_refund(checkout, payment, reason))
    try:
        async with db.savepoint():
            await _ensure_hold(checkout, payment)
            state, status = ("captured", "paid") if is_taken else ("authorized", "authorized")
            if not await payments.settle(payment.id, to=state):
                raise RuntimeError(f"payment {payment.id} left the state 'pending' under its own lock")
            await _place(checkout, payment, payment.order_id, order_status=status)
    except OutOfStock as shortage:
        log.warning("checkout.paid_but_out_of_stock", checkout_id=str(checkout.id), payment_id=str(payment.id))
        return Settled(refusal=await owe_refund(checkout, payment, "out of stock", shortage=shortage))
    except NotFound:
        reason = "captured after its draft order was deleted"
        return Settled(refusal=await owe_refund(checkout, payment, reason, alert=True))
    return Settled(order_id=payment.order_id)


async def _place(checkout: CheckoutRow, payment: PaymentRow, order_id: UUID, *, order_status: str) -> None:
    """Cart, order, checkout, stock of a settled payment: all or nothing, in the caller's transaction."""
    assert checkout.order_number is not None  # noqa: S101 - stands beside order_id
    await _consume(checkout, checkout.order_number)
    await claiming.keep(checkout.id, order_id)
    await registry().get(ORDERS).place(order_id, payment_status=order_status, provider=payment.provider)
    await stepping.placed(checkout, order_id)
    await checkouts.close(checkout.id, state="completed")
    # Last, so that rows of stock, which other buyers wait for, are locked as briefly as can be.
    await registry().get(CATALOG).sell_held(checkout.id, reference=checkout.order_number)


async def _consume(checkout: CheckoutRow, order_number: str) -> None:
    if checkout.draft is not None:
        return  # staff made it without a cart
    try:
        await registry().get(CARTS).consume(checkout.cart_id, order_number=order_number)
    except Conflict:
        # Its guest has signed in meanwhile, so the cart was merged into another: what was paid is sold all the same.
        log.info("checkout.cart_gone", checkout_id=str(checkout.id), cart_id=str(checkout.cart_id))


async def _ensure_hold(checkout: CheckoutRow, payment: PaymentRow) -> None:
    """Hold what was paid for, where it is not held any more. Raises OutOfStock."""
    catalog = registry().get(CATALOG)
    until = held_until(checkout)
    if checkout.held == payment.lines and await catalog.extend_hold(checkout.id, until=until):
        return
    await catalog.hold(checkout.id, payment.lines, until=until)
