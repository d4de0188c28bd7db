"""What staff note and ask of an order's payment: an invoice that was paid, authorised money to be captured."""

from __future__ import annotations

from feria_core import audit
from feria_core.money import Money
from feria_orders import timeline
from feria_orders.cancelling import worth_of_cancelled
from feria_orders.domain import PaymentStatus
from feria_orders.errors import PaymentNotOpen, WrongCurrency
from feria_orders.service import OrderService
from feria_orders.standing import acting, payments_of
from feria_orders.texts import EventKind


async def note_received(number: str) -> None:
    """Note that the money of an order on invoice has arrived; noted again nothing changes.

    Raises OrderNotFound, PaymentsUnavailable, and PaymentNotOpen where no such payment is open.
    """
    async with acting(number) as order:
        payments, _ = payments_of(order)
        status = order.payment_status
        if status is PaymentStatus.PAID:
            return
        open_states = (PaymentStatus.PENDING, PaymentStatus.FAILED)
        if order.is_cancelled or status not in open_states or not await payments.note_received(order.id):
            raise PaymentNotOpen(number, status, "only a payment on invoice that is open can be noted as received")
        await OrderService().mark_paid(order.id)
        await audit.record("orders.note_received", "order", number)


async def capture(number: str, amount: Money | None) -> None:
    """Ask for authorised money: `amount`, or all of it but for what was cancelled. The provider answers later.

    Raises OrderNotFound, PaymentsUnavailable, WrongCurrency, PaymentNotOpen where nothing is authorised, and the
    payments' own Conflict where there is less.
    """
    async with acting(number) as order:
        payments, balance = payments_of(order)
        if amount is not None and amount.currency != order.row["currency"]:
            raise WrongCurrency(amount.currency, order.row["currency"])
        if order.is_cancelled or balance.authorized.amount <= 0:
            raise PaymentNotOpen(number, order.payment_status, "only authorised money can be captured")
        spared = worth_of_cancelled(order) if amount is None else 0
        wanted = amount or order.money(max(balance.authorized.amount - spared, 1))
        await payments.capture(order.id, amount=wanted)
        if spared:
            await payments.give_up(order.id)
        data = {"amount": wanted.amount, "currency": wanted.currency}
        await timeline.note(order.id, EventKind.CAPTURE_ASKED, data=data, public=False)
        await audit.record("orders.capture", "order", number, after=data)
