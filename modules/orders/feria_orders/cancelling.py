"""Cancelling: the buyer's whole order before anything is sent, and staff's pieces; their money and stock go back."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from feria_core import audit, db
from feria_core.contracts.orders import OrderCancelled
from feria_core.events import publish
from feria_orders import confirmation, timeline
from feria_orders.domain import ORDER, Line, OrderState, PaymentStatus
from feria_orders.errors import IllegalMove, InFulfilment
from feria_orders.refunds import repository as refunds
from feria_orders.refunds.service import Wanted, is_paid, owe, restock
from feria_orders.shares import total
from feria_orders.standing import Standing, Units, acting, count, locked, payments_of, settle
from feria_orders.texts import EventKind


@dataclass(frozen=True)
class Cancelling:
    """What is to be cancelled: pieces, or with none named all that is not in a parcel."""

    units: Units = field(default_factory=dict)
    reason: str | None = None
    restock: bool = True
    refund: bool = True
    notify: bool = True


async def cancel_own(number: str, *, reason: str | None) -> None:
    """Cancel the buyer's order as a whole; one that is cancelled already stays as it is.

    Raises InFulfilment once pieces are in a parcel, IllegalMove for a completed order.
    """
    async with acting(number) as order:
        if order.is_cancelled:
            return
        if any(line.shipped for line in order.lines):
            raise InFulfilment(number)
        await _cancel(order, Cancelling(reason=reason), is_buyer=True)


async def cancel(number: str, what: Cancelling) -> None:
    """Cancel pieces of an order, or all that is not in a parcel.

    Raises LineUnknown, TooManyPieces, IllegalMove, and with `refund` PaymentsUnavailable where paid money is unknown.
    """
    async with acting(number) as order:
        await _cancel(order, what, is_buyer=False)
        after = {"items": {str(line_id): n for line_id, n in what.units.items()}, "restock": what.restock}
        await audit.record("orders.cancel", "order", order.number, after={**after, "refund": what.refund})


async def return_money_of_cancelled(order_id: UUID) -> None:
    """Give back what has been paid for cancelled pieces: money that arrived after they were cancelled.

    Run again it finds nothing more to give back.
    """
    async with db.transaction():
        order = await locked(order_id)
        owed = await _owed_for_cancelled(order)
        if owed is not None and is_paid(order):
            await owe(order, owed)


def worth_of_cancelled(order: Standing) -> int:
    """Return what the cancelled pieces cost with their share of shipping: it need not be captured."""
    return total(order.price_of({line.id: line.cancelled for line in order.lines}, start=None)).amount


async def _cancel(order: Standing, what: Cancelling, *, is_buyer: bool) -> None:
    if order.state is not OrderState.OPEN:
        raise IllegalMove(ORDER.name, order.state, OrderState.CANCELLED, [])
    units = dict(what.units) or {line.id: line.unsent for line in order.lines if line.unsent}
    order.require(units, "unsent", "cancelled")
    if not units:
        raise InFulfilment(order.number)
    await count(order, "cancelled", units)
    await settle(order)
    is_whole = order.is_cancelled
    await _note(order, units, is_whole=is_whole, reason=what.reason, is_buyer=is_buyer)
    if what.refund:
        await _give_back(order, what.reason, is_whole=is_whole)
    if what.restock:
        await restock(order, units, reason="cancelled")
    if what.notify:
        context = {"items": order.named(units), "is_whole": is_whole, "is_paid": is_paid(order) and what.refund}
        await confirmation.tell(order.row, "cancelled", context)


async def _note(order: Standing, units: Units, *, is_whole: bool, reason: str | None, is_buyer: bool) -> None:
    """Write the timeline, and announce an order that is cancelled as a whole with all that was in it."""
    data = {"items": order.named(units)}
    kind = EventKind.CANCELLED if is_whole else EventKind.ITEMS_CANCELLED
    await timeline.note(order.id, kind, data=data, is_buyer=is_buyer)
    if reason:
        await timeline.note(order.id, EventKind.NOTE, message=reason, public=is_buyer, is_buyer=is_buyer)
    if is_whole:
        cancelled = {line.id: line.cancelled for line in order.lines}
        await publish(
            OrderCancelled(
                order_id=order.id,
                number=order.number,
                customer_id=order.row["customer_id"],
                lines=order.line_units(cancelled),
            )
        )


async def _give_back(order: Standing, reason: str | None, *, is_whole: bool) -> None:
    """Owe back what was paid for the pieces, or let go of what was only authorised."""
    if is_paid(order):
        payments_of(order)  # refuses where the money cannot be moved here
        owed = await _owed_for_cancelled(order, reason)
        if owed is not None:
            await owe(order, owed)
        return
    is_authorized = order.payment_status is PaymentStatus.AUTHORIZED
    if is_whole and (is_authorized or order.balance is not None):
        payments, _ = payments_of(order)
        await payments.give_up(order.id)
        if is_authorized:
            await settle(order, payment=PaymentStatus.PENDING)


async def _owed_for_cancelled(order: Standing, reason: str | None = None) -> Wanted | None:
    """Return the refund that is due for cancelled pieces, or None.

    What was never captured need not go back: an authorised payment may have been captured without these pieces.
    """
    if order.balance is None:
        return None
    done, returned = await refunds.of_cancellations(order.id)
    units = {line.id: _uncovered(line, done.get(line.id, 0)) for line in order.lines}
    left = order.balance.refundable
    if order.is_cancelled:
        due = left.amount
    else:
        missing = order.row["grand_total"] - order.balance.captured.amount
        due = min(left.amount, worth_of_cancelled(order) - missing - returned)
    if due <= 0:
        return None
    return Wanted({k: n for k, n in units.items() if n}, order.money(due), reason=reason, kind="cancellation")


def _uncovered(line: Line, covered: int) -> int:
    """Return the cancelled pieces whose money has not gone back."""
    return min(line.cancelled - covered, line.unrefunded)
