"""Issuing invoices and credit notes, and writing them as PDF."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from feria_core import clock, db
from feria_core.db import Row
from feria_core.ids import parse_id
from feria_core.runtime import core_settings, settings
from feria_orders import reads
from feria_orders.errors import NoDocument, OrderNotFound
from feria_orders.invoices import content, repository
from feria_orders.settings import OrdersSettings

# What was placed longer ago gets its number when somebody asks for it.
LOOK_BACK = timedelta(days=90)
BATCH = 200
_DRAWING = threading.Lock()


@dataclass(frozen=True)
class Pdf:
    """A document as PDF, and the number that it is filed under."""

    number: str
    body: bytes


async def invoice(order_id: UUID) -> Pdf:
    """Return the order's invoice, which gets its number the first time.

    Raises OrderNotFound, and NoDocument for an order that was cancelled without one.
    """
    issued = await _issue_invoice(order_id)
    row = await _order(order_id)
    return await _written(content.of_invoice(row, issued, _zone()))


async def credit_note(order_id: UUID, refund_id: str) -> Pdf:
    """Return the credit note of a refund that has reached the buyer. Raises OrderNotFound, NoDocument."""
    known = parse_id(refund_id)
    refund = await repository.refund_of(order_id, known) if known else None
    if known is None or refund is None:
        raise NoDocument("There is no credit note of that refund: it has one once the money has gone back.")
    first = await _issue_invoice(order_id)
    issued = await _issue_credit_note(order_id, known)
    row = await _order(order_id)
    return await _written(content.of_refund(row, issued, refund, first["number"], _zone()))


async def issue_due() -> int:
    """Give paid orders their invoice and refunds their credit note; return how many."""
    since, count = clock.now() - LOOK_BACK, 0
    if settings(OrdersSettings).invoices == "paid":
        while orders := await repository.due_invoices(since, BATCH):
            for order_id in orders:
                await _issue_invoice(order_id)
            count += len(orders)
    while refunds := await repository.due_credit_notes(since, BATCH):
        for refund in refunds:
            await _issue_credit_note(refund["order_id"], refund["id"])
        count += len(refunds)
    return count


async def _issue_invoice(order_id: UUID) -> Row:
    """Return the order's invoice, issued now where it has none."""
    known = await repository.invoice_of(order_id)
    if known is not None:
        return known
    async with db.transaction():
        order = await repository.lock_order(order_id)
        if order is None:
            raise OrderNotFound(order_id)
        known = await repository.invoice_of(order_id)
        if known is None and order["state"] == "cancelled":
            raise NoDocument("The order was cancelled before it had an invoice: it gets none.")
        return known or await _issue("invoice", order, None)


async def _issue_credit_note(order_id: UUID, refund_id: UUID) -> Row:
    async with db.transaction():
        order = await repository.lock_order(order_id)
        if order is None:
            raise OrderNotFound(order_id)
        return await repository.credit_note_of(refund_id) or await _issue("credit_note", order, refund_id)


async def _issue(kind: str, order: Row, refund_id: UUID | None) -> Row:
    """Claim the next number in the transaction that writes the document: a rollback gives it back."""
    rules = settings(OrdersSettings)
    now = clock.now()
    year = now.astimezone(_zone()).year
    serial = await repository.claim(kind, year)
    prefix = rules.invoice_prefix if kind == "invoice" else rules.credit_note_prefix
    return await repository.add(
        order["id"], refund_id, kind=kind, year=year, serial=serial, number=f"{prefix}{year}-{serial:06}",
        issued_at=now, locale=order["locale"], seller=_seller(rules),
    )  # fmt: skip


async def _order(order_id: UUID) -> Row:
    row = await reads.by_id(order_id)
    if row is None:
        raise OrderNotFound(order_id)
    return row


async def _written(document: content.Content) -> Pdf:
    """Write the PDF beside the event loop: a long one takes a second."""
    return Pdf(document.number, await asyncio.to_thread(_drawn, document))


def _drawn(document: content.Content) -> bytes:
    # One at a time: the fonts that documents share remember where they were read and which letters were asked for, and
    # two threads in them at once tear a document. The interpreter draws no faster with two.
    with _DRAWING:
        # reportlab and Pillow under it are 20 MB that a process has no use for until somebody asks for a document.
        from feria_orders.invoices import layout

        return layout.write(document)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings(OrdersSettings).invoice_time_zone)


def _seller(rules: OrdersSettings) -> dict[str, object]:
    return {
        "name": rules.seller_name or core_settings().shop_name,
        "address": list(rules.seller_address),
        "tax_id": rules.seller_tax_id,
        "contact": list(rules.seller_contact),
        "footer": rules.seller_footer,
    }
