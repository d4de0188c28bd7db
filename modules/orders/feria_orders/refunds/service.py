"""The use cases of refunds: owed in one transaction with the payments, settled when the provider has told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from feria_core import audit, clock, db
from feria_core.contracts.catalog import CATALOG, StockLine
from feria_core.contracts.orders import OrderRefunded
from feria_core.contracts.payments import PaymentRefunded, PaymentRefundFailed
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.money import Money
from feria_core.runtime import registry
from feria_orders import confirmation, timeline
from feria_orders.domain import MONEY_IN, Line, payment_after_refund
from feria_orders.errors import NothingToRefund, OrderNotFound, RefundTooLarge, WrongCurrency
from feria_orders.refunds import repository
from feria_orders.refunds.repository import NewRefund
from feria_orders.shares import Cost, total
from feria_orders.standing import Standing, Units, acting, count, locked, payments_of, settle, units_of
from feria_orders.texts import EventKind

log = structlog.get_logger("feria.orders")


@dataclass(frozen=True)
class Wanted:
    """What is to go back: pieces, an amount, both (so much for these pieces), or with neither all that is left."""

    units: Units = field(default_factory=dict)
    amount: Money | None = None
    shipping: bool = True
    restock: bool = False
    reason: str | None = None
    kind: str = "refund"
    return_id: UUID | None = None


async def refund(number: str, wanted: Wanted) -> UUID:
    """Owe money back and return the refund's id.

    Raises OrderNotFound, LineUnknown, TooManyPieces, WrongCurrency, PaymentsUnavailable, NothingToRefund and
    RefundTooLarge, owing nothing.
    """
    async with acting(number) as order:
        refund_id = await owe(order, wanted)
        if wanted.restock:
            await restock(order, await _units(refund_id), reason="refunded")
        after = {"refund": str(refund_id), "amount": wanted.amount.amount if wanted.amount else None}
        await audit.record("orders.refund", "order", order.number, after=after)
    return refund_id


async def owe(order: Standing, wanted: Wanted) -> UUID:
    """Owe back what is wanted, in the transaction that has locked the order; return the refund's id."""
    payments, balance = payments_of(order)
    left = balance.refundable
    everything = not wanted.units and wanted.amount is None
    units = {line.id: line.quantity - line.refunded for line in order.lines} if everything else wanted.units
    order.require(units, "unrefunded", "refunded")
    priced = order.price_of(units)
    cost = total(priced) if wanted.shipping else total(priced).without_shipping()
    asked = _amount(order, wanted, left if everything else order.money(cost.amount))
    if asked.amount <= 0:
        raise NothingToRefund(order.number)
    if asked.amount > left.amount:
        raise RefundTooLarge(order.number, asked, left)
    new = _new(order, wanted, asked.amount, cost)
    await repository.add(new, clock.now())
    await repository.add_lines(new.id, units, priced)
    await payments.refund(order.id, refund_id=new.id, amount=asked)
    await count(order, "refunded", units)
    await _settle(order, captured=balance.captured.amount)
    data = {"items": order.named(wanted.units), "amount": asked.amount, "currency": asked.currency}
    await timeline.note(order.id, EventKind.REFUND_STARTED, data=data)
    return new.id


async def restock(order: Standing, units: Units, *, reason: str) -> None:
    """Put pieces back into the stock, each once; those that the catalog no longer knows are left out.

    One that was refunded and put back before it was cancelled is there already.
    """
    units = {line_id: min(n, order.line(line_id).unrestocked) for line_id, n in units.items()}
    await count(order, "restocked", units)
    lines = [StockLine(line.variant_id, units[line.id]) for line in order.lines if units.get(line.id)]
    catalog = registry().get(CATALOG)
    known = await catalog.offers([line.variant_id for line in lines]) if lines else {}
    returned = [line for line in lines if line.variant_id in known]
    if returned:
        await catalog.return_stock(returned, reason=reason, reference=order.number)


async def settled(event: PaymentRefunded) -> None:
    """Note that a refund has reached the buyer, tell him and announce it; once for each refund.

    Money that the provider gave back by itself, without a refund of ours, is noted as one.
    """
    async with db.transaction():
        order = await _locked(event.order_id)
        if order is None:
            return
        await _note_foreign(order, event)
        row = await repository.move(event.refund_id, "succeeded", clock.now())
        if row is None:
            return
        units = await _units(event.refund_id)
        money = order.money(row["amount"])
        data = {"items": order.named(units), "amount": money.amount, "currency": money.currency}
        await timeline.note(order.id, EventKind.REFUNDED, data=data, by_system=True)
        await _announce(order, units, row["amount"])
        context = {"items": order.named(units), "amount": {"amount": money.amount, "currency": money.currency}}
        await confirmation.tell(order.row, "refunded", context)


async def failed(event: PaymentRefundFailed) -> None:
    """Note that a refund is refused for good, or was lost later: its pieces and its money can be refunded again."""
    async with db.transaction():
        order = await _locked(event.order_id)
        row = await repository.move(event.refund_id, "failed", clock.now()) if order else None
        if order is None or row is None:
            return
        await count(order, "refunded", await _units(event.refund_id), sign=-1)
        await _settle(order, captured=order.balance.captured.amount if order.balance else 0)
        data = {"amount": row["amount"], "currency": order.row["currency"]}
        await timeline.note(order.id, EventKind.REFUND_FAILED, data=data, public=False, by_system=True)
        log.warning("orders.refund_failed", order=order.number, refund_id=str(event.refund_id))


def whole_products(lines: Sequence[Line], *, is_full: bool) -> tuple[UUID, ...]:
    """Return the products of which everything that was delivered has been refunded.

    Where nothing is left to refund these are all of them. A product of which nothing was delivered is one once all
    its pieces are refunded or cancelled.
    """
    by_product: dict[UUID, list[Line]] = {}
    for line in lines:
        by_product.setdefault(line.product_id, []).append(line)
    return tuple(product for product, of in by_product.items() if is_full or _is_whole(of))


def _is_whole(lines: list[Line]) -> bool:
    refunded, delivered = sum(line.refunded for line in lines), sum(line.delivered for line in lines)
    gone = sum(max(line.refunded, line.cancelled) for line in lines)
    return gone == sum(line.quantity for line in lines) or 0 < delivered <= refunded


async def _announce(order: Standing, units: Units, amount: int) -> None:
    is_full = order.balance is not None and order.balance.refundable.amount == 0
    await publish(
        OrderRefunded(
            order_id=order.id,
            number=order.number,
            customer_id=order.row["customer_id"],
            amount=amount,
            currency=order.row["currency"],
            is_full=is_full,
            lines=order.line_units(units),
            whole_products=whole_products(order.lines, is_full=is_full),
        )
    )


async def _note_foreign(order: Standing, event: PaymentRefunded) -> None:
    """Write the refund that nobody here asked for, e.g. one made in the provider's own pages."""
    if await repository.is_known(event.refund_id):
        return
    tax = order.row["tax_total"] * event.amount // max(1, order.row["grand_total"])
    new = NewRefund(event.refund_id, order.id, "provider", event.amount, 0, tax)
    if await repository.add(new, clock.now()):
        await _settle(order, captured=order.balance.captured.amount if order.balance else event.amount)


async def _settle(order: Standing, *, captured: int) -> None:
    """Write refunded_total and the payment status that follow from the order's refunds."""
    given_back = await repository.given_back(order.id)
    status = payment_after_refund(order.payment_status, refunded=given_back, captured=captured)
    await settle(order, payment=status, refunded_total=given_back)


async def _locked(order_id: UUID) -> Standing | None:
    """Lock the order; None where it is none: money of a checkout that never became an order."""
    try:
        return await locked(order_id)
    except OrderNotFound:
        return None


async def _units(refund_id: UUID) -> dict[UUID, int]:
    return units_of(await repository.lines(refund_id))


def _amount(order: Standing, wanted: Wanted, computed: Money) -> Money:
    if wanted.amount is None:
        return computed
    if wanted.amount.currency != order.row["currency"]:
        raise WrongCurrency(wanted.amount.currency, order.row["currency"])
    return wanted.amount


def _new(order: Standing, wanted: Wanted, amount: int, cost: Cost) -> NewRefund:
    """Return the refund with its shipping and tax: those of its pieces, or the amount's share of the order's."""
    tax = cost.tax
    if amount != cost.amount:
        tax = order.row["tax_total"] * amount // max(1, order.row["grand_total"])
    shipping = min(cost.shipping, amount)
    return NewRefund(new_id(), order.id, wanted.kind, amount, shipping, tax, wanted.reason, wanted.return_id)


def is_paid(order: Standing) -> bool:
    """Return whether money of the order has arrived."""
    return order.payment_status in MONEY_IN
