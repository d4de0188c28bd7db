"""The use cases of returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from feria_core import audit, clock
from feria_core.db import Row
from feria_core.errors import Invalid
from feria_core.ids import new_id
from feria_core.money import Money
from feria_core.runtime import settings
from feria_orders import confirmation, timeline
from feria_orders.domain import RETURN, ReturnStatus
from feria_orders.errors import ReturnTooLate, ReturnUnknown
from feria_orders.refunds.service import Wanted, owe, restock
from feria_orders.returns import repository
from feria_orders.settings import OrdersSettings
from feria_orders.standing import Standing, Units, acting, count, settle, units_of
from feria_orders.texts import EventKind

_EVENTS = {
    ReturnStatus.REQUESTED: EventKind.RETURN_REQUESTED,
    ReturnStatus.APPROVED: EventKind.RETURN_APPROVED,
    ReturnStatus.REJECTED: EventKind.RETURN_REJECTED,
    ReturnStatus.RECEIVED: EventKind.RETURN_RECEIVED,
}


@dataclass(frozen=True)
class Receiving:
    """What has arrived of a return, (resellable, damaged) by line, all of it resellable where nothing is named.

    `refund` gives back what the pieces cost, or `amount`; `restock` puts the resellable ones into the stock.
    """

    arrived: Mapping[UUID, tuple[int, int]] = field(default_factory=dict)
    restock: bool = True
    refund: bool = True
    shipping: bool = False
    amount: Money | None = None


async def request(number: str, units: Units, *, wish: str, reason: str, note: str | None) -> UUID:
    """Ask to return pieces and return the return's id.

    Raises LineUnknown, Invalid for an unknown reason, and ReturnTooLate for pieces that have not been sent, are in a
    return already, or whose window is over.
    """
    _check_reason(reason)
    async with acting(number) as order:
        await _require_returnable(order, units)
        return_id = new_id()
        await repository.add(return_id, order.id, wish=wish, reason=reason, note=note, now=clock.now())
        await repository.add_lines(return_id, units)
        await count(order, "in_return", units)
        await _tell(order, ReturnStatus.REQUESTED, units)
    return return_id


async def approve(return_id: UUID, answer: str | None) -> None:
    """Approve a return; its buyer is told where to send it. Approved again, nothing changes.

    Raises ReturnUnknown, IllegalMove.
    """
    async with _deciding(return_id, ReturnStatus.APPROVED) as (order, found):
        if found is not None:
            await repository.decide(return_id, ReturnStatus.APPROVED, answer, clock.now())
            await _tell(order, ReturnStatus.APPROVED, await _units(return_id), answer)


async def reject(return_id: UUID, answer: str | None) -> None:
    """Reject a return, or close an approved one that never arrived: its pieces can be asked for again.

    Raises ReturnUnknown, IllegalMove.
    """
    async with _deciding(return_id, ReturnStatus.REJECTED) as (order, found):
        if found is not None:
            units = await _units(return_id)
            await repository.decide(return_id, ReturnStatus.REJECTED, answer, clock.now())
            await count(order, "in_return", units, sign=-1)
            await _tell(order, ReturnStatus.REJECTED, units, answer)


async def receive(return_id: UUID, receiving: Receiving) -> None:
    """Note what has arrived, put back into the stock what can be sold, and refund it, as is wanted.

    Received again, nothing changes. Raises ReturnUnknown, IllegalMove, LineUnknown, Invalid for more than was to come,
    and what `refunds.service.owe` raises.
    """
    async with _deciding(return_id, ReturnStatus.RECEIVED) as (order, found):
        if found is None:
            return
        expected = await _units(return_id)
        arrived = _arrived(order, expected, receiving)
        units = {line_id: good + bad for line_id, (good, bad) in arrived.items() if good + bad}
        await repository.receive(return_id, arrived, clock.now())
        missing = {line_id: n - units.get(line_id, 0) for line_id, n in expected.items()}
        await count(order, "in_return", missing, sign=-1)
        await count(order, "returned", units)
        await settle(order)
        await _tell(order, ReturnStatus.RECEIVED, units, is_refunded=receiving.refund)
        if receiving.refund and units:
            await _refund(order, return_id, units, receiving)
        if receiving.restock:
            good = {line_id: min(n, order.line(line_id).unrestocked) for line_id, (n, _) in arrived.items() if n}
            await restock(order, good, reason="returned")


@asynccontextmanager
async def _deciding(return_id: UUID, status: ReturnStatus) -> AsyncIterator[tuple[Standing, Row | None]]:
    """Give the locked order and the return that is to become `status`, or None where it is that already."""
    number = await repository.number_of(return_id)
    if number is None:
        raise ReturnUnknown(return_id)
    async with acting(number) as order:
        found = await repository.get(return_id)
        if found is None:
            raise ReturnUnknown(return_id)
        moves = RETURN.check(found["status"], status)
        yield order, found if moves else None
        if moves:
            after = {"return": str(return_id), "status": status}
            await audit.record("orders.return", "order", order.number, after=after)


async def _refund(order: Standing, return_id: UUID, units: Units, receiving: Receiving) -> None:
    """Owe back what the pieces cost; those that were refunded before are not refunded again."""
    open_units = {line_id: min(n, order.line(line_id).unrefunded) for line_id, n in units.items()}
    open_units = {line_id: n for line_id, n in open_units.items() if n}
    worth = sum(cost.goods for cost in order.price_of(open_units).values())
    if open_units and (worth or receiving.amount):
        wanted = Wanted(open_units, receiving.amount, shipping=receiving.shipping, kind="return", return_id=return_id)
        await owe(order, wanted)


async def _require_returnable(order: Standing, units: Units) -> None:
    days = settings(OrdersSettings).return_window_days
    recent = await repository.in_window(order.id, clock.now() - timedelta(days=days))
    short = []
    for line_id, wanted in units.items():
        line = order.line(line_id)
        available = max(0, min(recent.get(line_id, 0), line.shipped) - line.in_return)
        if wanted > available:
            short.append({"item_id": str(line_id), "sku": line.sku, "requested": wanted, "available": available})
    if short:
        raise ReturnTooLate(days, short)


def _arrived(order: Standing, expected: Units, receiving: Receiving) -> dict[UUID, tuple[int, int]]:
    """Return what has arrived by line. Raises LineUnknown, Invalid for more than the return is of."""
    if not receiving.arrived:
        return {line_id: (n, 0) for line_id, n in expected.items()}
    for line_id, (good, bad) in receiving.arrived.items():
        line = order.line(line_id)
        if good + bad > expected.get(line_id, 0):
            message = f"{good + bad} of {line.sku} have arrived, {expected.get(line_id, 0)} are in this return."
            raise Invalid.field("body", "items", code="more_than_returned", message=message)
    return dict(receiving.arrived)


def _check_reason(reason: str) -> None:
    known = settings(OrdersSettings).return_reasons
    if reason not in known:
        message = f"'{reason}' is no reason for a return: one of {', '.join(known)} is."
        raise Invalid.field("body", "reason", code="unknown_reason", message=message)


async def _tell(
    order: Standing, status: ReturnStatus, units: Units, answer: str | None = None, *, is_refunded: bool = False
) -> None:
    """Write the timeline and the mail of a state that a return has come to."""
    items = order.named(units)
    await timeline.note(order.id, _EVENTS[status], data={"items": items})
    context = {
        "items": items,
        "status": status,
        "answer": answer,
        "is_refunded": is_refunded,
        "return_address": settings(OrdersSettings).return_address,
    }
    await confirmation.tell(order.row, "return_update", context)


async def _units(return_id: UUID) -> dict[UUID, int]:
    return units_of(await repository.lines(return_id))
