"""The use cases of parcels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import audit, clock
from feria_core.contracts.orders import OrderDelivered
from feria_core.db import Row
from feria_core.events import publish
from feria_core.ids import new_id
from feria_orders import confirmation, timeline
from feria_orders.carriers import tracking_url
from feria_orders.domain import ORDER, PARCEL, OrderState, ParcelStatus
from feria_orders.errors import FulfilmentUnknown, IllegalMove
from feria_orders.fulfilments import repository
from feria_orders.standing import Standing, Units, acting, count, settle, units_of
from feria_orders.texts import EventKind

TRACKING = ("carrier", "tracking_number", "tracking_url")
_EVENTS = {
    ParcelStatus.PENDING: EventKind.PACKED,
    ParcelStatus.SHIPPED: EventKind.SHIPPED,
    ParcelStatus.DELIVERED: EventKind.DELIVERED,
    ParcelStatus.CANCELLED: EventKind.PARCEL_CANCELLED,
}


async def create(
    number: str, units: Units, *, status: ParcelStatus, tracking: Mapping[str, str | None], notify: bool
) -> UUID:
    """Put pieces into a parcel, all that are left where none are named; return its id.

    Raises OrderNotFound, LineUnknown, TooManyPieces, and IllegalMove for an order that is completed or cancelled.
    """
    async with acting(number) as order:
        _require_open(order)
        packed = dict(units) or {line.id: line.unsent for line in order.lines if line.unsent}
        order.require(packed, "unsent", "put into a parcel")
        if not packed:
            raise IllegalMove("order", order.row["fulfilment_status"], "partial", [])
        fulfilment_id = new_id()
        await repository.add(fulfilment_id, order.id, status, tracking, clock.now())
        await repository.add_lines(fulfilment_id, packed)
        await count(order, "shipped", packed)
        await settle(order)
        await _note(order, status, packed)
        if notify and status is ParcelStatus.SHIPPED:
            await _tell(order, "shipped", packed, tracking)
        after = {"fulfilment": str(fulfilment_id), "status": status, "items": _by_line(packed)}
        await audit.record("orders.fulfil", "order", order.number, after=after)
    return fulfilment_id


async def change(number: str, fulfilment_id: UUID, changes: Mapping[str, Any], *, notify: bool) -> None:
    """Change a parcel's tracking or move it on; the same state again changes nothing.

    Raises OrderNotFound, FulfilmentUnknown, IllegalMove.
    """
    async with acting(number) as order:
        before = await repository.get(order.id, fulfilment_id)
        if before is None:
            raise FulfilmentUnknown(fulfilment_id)
        status = ParcelStatus(changes.get("status") or before["status"])
        moves = PARCEL.check(before["status"], status)
        values = _values(before, changes, status, clock.now())
        if all(values[name] == before[name] for name in values):
            return
        await repository.change(fulfilment_id, values)
        units = units_of(await repository.lines([fulfilment_id]))
        if moves:
            await _moved(order, status, units, values, notify=notify)
        elif any(values[name] != before[name] for name in TRACKING):
            await timeline.note(order.id, EventKind.TRACKING_CHANGED, public=False)
        after = {"fulfilment": str(fulfilment_id), "status": status}
        await audit.record("orders.change_fulfilment", "order", order.number, after=after)


async def _moved(
    order: Standing, status: ParcelStatus, units: Units, values: Mapping[str, Any], *, notify: bool
) -> None:
    """Let the order follow its parcel."""
    if status is ParcelStatus.CANCELLED:
        # What is on its way back to the shop already is no longer a parcel that never was.
        order.require(_besides_returns(order, units), "shipped", "taken out of their parcel")
        await count(order, "shipped", units, sign=-1)
    elif status is ParcelStatus.DELIVERED:
        await count(order, "delivered", units)
        await _announce(order, units)
    await _note(order, status, units)
    await settle(order)
    if notify and status in (ParcelStatus.SHIPPED, ParcelStatus.DELIVERED):
        await _tell(order, status.value, units, values)


def _besides_returns(order: Standing, units: Units) -> Units:
    """Return pieces that must be shipped besides those in returns for the parcel's to be taken out."""
    return {line_id: n + order.line(line_id).in_return for line_id, n in units.items()}


async def _announce(order: Standing, units: Units) -> None:
    await publish(
        OrderDelivered(
            order_id=order.id,
            number=order.number,
            customer_id=order.row["customer_id"],
            email=order.row["email"],
            locale=order.row["locale"],
            delivered_at=clock.now(),
            lines=order.line_units(units),
        )
    )


async def _note(order: Standing, status: ParcelStatus, units: Units) -> None:
    """Write the parcel's event; its tracking stays with the parcel, from where erasure takes it."""
    await timeline.note(order.id, _EVENTS[status], data={"items": order.named(units)})


async def _tell(order: Standing, template: str, units: Units, tracking: Mapping[str, Any]) -> None:
    context = {
        "items": order.named(units),
        "carrier": tracking["carrier"],
        "tracking_number": tracking["tracking_number"],
        "tracking_url": tracking_url(tracking["carrier"], tracking["tracking_number"], tracking["tracking_url"]),
    }
    await confirmation.tell(order.row, template, context)


def _values(before: Row, changes: Mapping[str, Any], status: ParcelStatus, now: datetime) -> dict[str, Any]:
    """Return the parcel's columns after the change."""
    sent = status in (ParcelStatus.SHIPPED, ParcelStatus.DELIVERED)
    return {
        **{name: changes.get(name, before[name]) for name in TRACKING},
        "status": status,
        "shipped_at": before["shipped_at"] or (now if sent else None),
        "delivered_at": before["delivered_at"] or (now if status is ParcelStatus.DELIVERED else None),
    }


def _require_open(order: Standing) -> None:
    """Raise IllegalMove unless pieces of the order can still be sent."""
    if order.state is not OrderState.OPEN:
        raise IllegalMove(ORDER.name, order.state, OrderState.OPEN, [])


def _by_line(units: Units) -> dict[str, int]:
    return {str(line_id): count for line_id, count in units.items()}
