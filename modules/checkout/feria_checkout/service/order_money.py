"""The port `order_payments`: the money of placed orders, asked and owed in the transaction of whoever asks.

Callers hold their order's row already, so rows are locked in the order: order, payment. What a provider has to do
is done after the commit, by the jobs in `moving`.
"""

from __future__ import annotations

from uuid import UUID

from feria_checkout.errors import CaptureTooLarge, RefundTooLarge
from feria_checkout.providers import immediate_names
from feria_checkout.repository import moves
from feria_checkout.repository.moves import PaidOrder
from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.payments import Balance
from feria_core.ids import new_id
from feria_core.jobs import enqueue


class MoneyOfOrders:
    """What this module answers of the money that it took."""

    async def balance(self, order_id: UUID) -> Balance | None:
        """Return where the order's money is, its payment locked, or None where it has none here."""
        db.require_transaction("balance()")
        paid = await moves.lock_of_order(order_id)
        return _balance(paid) if paid else None

    async def refund(self, order_id: UUID, *, refund_id: UUID, amount: Money) -> None:
        """Owe `amount` back and have a job give it; again for the same refund it changes nothing.

        Raises RefundTooLarge, owing nothing, where less is left, or the order has no payment here.
        """
        db.require_transaction("refund()")
        paid = await moves.lock_of_order(order_id)
        if paid is None or paid.currency != amount.currency or amount.amount <= 0:
            raise RefundTooLarge(amount, Money(paid.refundable if paid else 0, paid.currency if paid else "XXX"))
        if not await moves.insert("refund", refund_id, paid, amount):
            return
        if not await moves.reserve_refund(paid.payment_id, amount.amount):
            raise RefundTooLarge(amount, Money(paid.refundable, paid.currency))
        await enqueue("checkout.refund_order", refund_id=str(refund_id))

    async def capture(self, order_id: UUID, *, amount: Money | None = None) -> None:
        """Have a job take what is reserved, all of it or `amount`. Raises CaptureTooLarge where less is reserved.

        What an invoice is open for cannot be taken: it arrives, and is noted by `note_received`.
        """
        db.require_transaction("capture()")
        paid = await moves.lock_of_order(order_id)
        if paid is None or paid.provider in immediate_names():
            raise CaptureTooLarge(amount, Money(0, paid.currency if paid else "XXX"))
        left = Money(paid.authorized, paid.currency)
        wanted = left if amount is None else amount
        if wanted.currency != left.currency or not 0 < wanted.amount <= left.amount:
            raise CaptureTooLarge(amount, left)
        capture_id = new_id()
        await moves.insert("capture", capture_id, paid, wanted)
        if not await moves.reserve_capture(paid.payment_id, wanted.amount):
            raise CaptureTooLarge(wanted, left)
        await enqueue("checkout.capture_order", capture_id=str(capture_id))

    async def give_up(self, order_id: UUID) -> None:
        """Let go of what is reserved and was never taken; what is being taken stays so."""
        db.require_transaction("give_up()")
        paid = await moves.lock_of_order(order_id)
        if paid is None or not await moves.let_go(paid.payment_id):
            return
        if paid.provider not in immediate_names():
            await enqueue("checkout.release_order", payment_id=str(paid.payment_id))

    async def note_received(self, order_id: UUID) -> bool:
        """Count the open sum of an invoice as taken; False where there is no such open payment."""
        db.require_transaction("note_received()")
        paid = await moves.lock_of_order(order_id)
        if paid is None or paid.provider not in immediate_names() or not paid.authorized:
            return False
        await moves.reserve_capture(paid.payment_id, paid.authorized)
        await moves.settle_capture(paid.payment_id, paid.authorized, is_taken=True)
        return await moves.mark_captured(paid.payment_id)


def _balance(paid: PaidOrder) -> Balance:
    def money(amount: int) -> Money:
        return Money(amount, paid.currency)

    return Balance(
        authorized=money(paid.authorized),
        captured=money(paid.captured),
        refunded=money(paid.refunded),
        refunding=money(paid.refunding),
    )
