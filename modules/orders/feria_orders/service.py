"""The use cases that write: a draft becomes an order, is paid, corrected, or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.contracts.orders import OrderDraft, OrderPaid, OrderPlaced, OrderRef, PlacedOrder
from feria_core.db import Row
from feria_core.events import publish
from feria_core.http.request import locale
from feria_core.ids import new_id, public_number
from feria_core.jobs import enqueue
from feria_core.runtime import core_settings, settings
from feria_orders import confirmation, reads, repository, timeline
from feria_orders.documents import line_units, order_document, to_json, variant_ids
from feria_orders.domain import NUMBER_PREFIX, PLACEABLE, PaymentStatus, check_draft
from feria_orders.errors import AlreadyPlaced, OrderNotFound
from feria_orders.placing import Opening, insert_open
from feria_orders.settings import OrdersSettings
from feria_orders.standing import locked, settle
from feria_orders.texts import EventKind, events_of_placing

# 40 random bits: with 10 million orders one number in 100,000 is taken, five in a row never are.
NUMBER_ATTEMPTS = 5
BATCH = 500


class OrderService:
    """What checkout asks of orders: see `feria_core.contracts.orders.Orders`."""

    async def create(self, draft: OrderDraft) -> OrderRef:
        """Write the order as a draft, or rewrite the checkout's draft.

        Raises AlreadyPlaced where the checkout's order is placed, ValueError where the draft does not add up.
        """
        check_draft(draft)
        async with db.transaction():
            order = await _write(_in_known_locale(draft))
            await repository.insert_lines(order.id, draft)
        return order

    async def place(self, order_id: UUID, *, payment_status: str, provider: str) -> bool:
        """Open the draft, announce it, queue its confirmation; False where it was placed before.

        Raises OrderNotFound for a discarded draft, ValueError for a payment status that no order starts with.
        """
        status = _placeable(payment_status)
        async with db.transaction():
            now = clock.now()
            row = await repository.open_draft(order_id, status, provider, now)
            if row is None:
                await _require_placed(order_id)
                return False
            await timeline.note_all(order_id, events_of_placing(status), now, who=timeline.BUYER)
            await _announce(row)
            await confirmation.send(row)
        return True

    async def place_at_once(
        self, draft: OrderDraft, *, payment_status: str, provider: str, guest_token: bool
    ) -> PlacedOrder:
        """Write the order as a placed one and return it with its JSON, with a fresh `token` for a guest.

        Raises AlreadyPlaced, ValueError where the draft does not add up or no order starts with that status.
        """
        check_draft(draft)
        status = _placeable(payment_status)
        async with db.transaction():
            order, token = OrderRef(new_id(), public_number(NUMBER_PREFIX)), confirmation.guest_token()
            opened = Opening(status, provider, clock.now(), events_of_placing(status), (token,) if guest_token else ())
            if not await insert_open(order, _in_known_locale(draft), opened):
                return await self._place_draft(draft, status, provider, guest_token=guest_token)
            row = await _placed(order.id)
            await _announce(row)
            await confirmation.send(row, token=token.secret if guest_token else None)
            return PlacedOrder(order.id, order.number, _document(row, token.secret if guest_token else None))

    async def _place_draft(
        self, draft: OrderDraft, status: PaymentStatus, provider: str, *, guest_token: bool
    ) -> PlacedOrder:
        """Place by way of a draft: the checkout has one of an earlier payment, or the number was taken."""
        order = await self.create(draft)
        await self.place(order.id, payment_status=status, provider=provider)
        return PlacedOrder(order.id, order.number, await self.document(order.id, guest_token=guest_token))

    async def mark_paid(self, order_id: UUID) -> bool:
        """Note that the money has arrived; False where that was noted before. Raises OrderNotFound for a draft.

        What was paid for pieces that were cancelled before it arrived goes back by a job.
        """
        async with db.transaction():
            paid = await repository.note_payment(order_id, clock.now())
            if paid is None:
                await _require_placed(order_id)
                return False
            await timeline.note(order_id, EventKind.PAID)
            await publish(OrderPaid(order_id=order_id, number=paid["number"]))
            if paid["is_begun"]:
                await settle(await locked(order_id, with_money=False))
                await enqueue("orders.return_money_of_cancelled", order_id=str(order_id))
        return True

    async def discard(self, order_id: UUID) -> None:
        """Delete the draft; a placed order stays, an unknown one is no error."""
        async with db.transaction():
            await repository.delete_draft(order_id)

    async def document(self, order_id: UUID, *, guest_token: bool) -> bytes:
        """Return the placed order's JSON, with a fresh `token` for a guest. Raises OrderNotFound."""
        async with db.transaction():
            row = await _placed(order_id)
            return _document(row, await confirmation.new_guest_token(order_id) if guest_token else None)


async def correct(number: str, changes: Mapping[str, str | None]) -> Row:
    """Correct a placed order's email, note or staff_note and return its row. Raises OrderNotFound.

    A new address gets the confirmation, and the links mailed to the old one die: a stranger may hold them.
    """
    async with db.transaction():
        before = await repository.lock_placed(number)
        if before is None:
            raise OrderNotFound(number)
        changed = sorted(name for name, value in changes.items() if before[name] != value)
        row = await repository.correct(before["id"], {**before, **changes}, clock.now())
        if row is None:
            raise OrderNotFound(number)
        if changed:
            await _note_correction(row, changed)
            return await reads.by_number(number) or row
    return row


async def add_note(number: str, text: str, *, public: bool) -> Row:
    """Write a note into the order's timeline, for its buyer too where it is public; return the order's row.

    Raises OrderNotFound.
    """
    async with db.transaction():
        order = await repository.lock_placed(number)
        if order is None:
            raise OrderNotFound(number)
        await timeline.note(order["id"], EventKind.NOTE, message=text, public=public)
        await audit.record("orders.note", "order", number, after={"public": public})
        row = await reads.by_number(number)
        if row is None:
            raise OrderNotFound(number)
    return row


async def discard_stale_drafts() -> int:
    """Delete drafts untouched for `draft_days`, and dead guest tokens, batch by batch; return how many drafts."""
    now = clock.now()
    before = now - timedelta(days=settings(OrdersSettings).draft_days)
    while await repository.delete_expired_tokens(now, BATCH) == BATCH:
        pass
    dropped = batch = await repository.delete_drafts_before(before, BATCH)
    while batch == BATCH:
        batch = await repository.delete_drafts_before(before, BATCH)
        dropped += batch
    return dropped


async def _write(draft: OrderDraft) -> OrderRef:
    """Insert the draft under a new number or rewrite the one there is, its lines taken away."""
    now = clock.now()
    for _ in range(NUMBER_ATTEMPTS):
        order = OrderRef(new_id(), public_number(NUMBER_PREFIX))
        if await repository.insert_draft(order, draft, now):
            return order
        replaced = await repository.replace_draft(draft, now)
        if replaced is not None:
            return replaced
        placed = await repository.number_of_checkout(draft.checkout_id)
        if placed is not None:
            raise AlreadyPlaced(placed)
    raise RuntimeError(f"no free order number in {NUMBER_ATTEMPTS} tries: the source of random numbers is broken")


def _in_known_locale(draft: OrderDraft) -> OrderDraft:
    offered = core_settings().locales
    return draft if draft.locale in offered else replace(draft, locale=offered[0])


def _placeable(payment_status: str) -> PaymentStatus:
    status = PaymentStatus(payment_status)
    if status not in PLACEABLE:
        raise ValueError(f"an order cannot be placed as '{status}': only pending, authorized or paid")
    return status


async def _placed(order_id: UUID) -> Row:
    row = await reads.by_id(order_id)
    if row is None:
        raise OrderNotFound(order_id)
    return row


def _document(row: Row, token: str | None) -> bytes:
    document = order_document(row, locale())
    return to_json(document if token is None else document | {"token": token})


async def _require_placed(order_id: UUID) -> None:
    if not await repository.is_placed(order_id):
        raise OrderNotFound(order_id)


async def _announce(row: Row) -> None:
    await publish(
        OrderPlaced(
            order_id=row["id"],
            number=row["number"],
            customer_id=row["customer_id"],
            email=row["email"],
            total_amount=row["grand_total"],
            currency=row["currency"],
            variant_ids=variant_ids(row),
            lines=line_units(row),
            placed_at=row["placed_at"],
            cart_id=row["cart_id"],
        )
    )
    if row["payment_status"] == PaymentStatus.PAID:
        await publish(OrderPaid(order_id=row["id"], number=row["number"]))


async def _note_correction(row: Row, changed: list[str]) -> None:
    """Leave the traces of a correction. Names of fields only: the audit log cannot forget an address again."""
    names = ", ".join(changed)
    await timeline.note(row["id"], EventKind.CORRECTED, message=names, public=False)
    await audit.record("orders.correct", "order", row["number"], after={"fields": changed})
    if "email" in changed:
        await repository.drop_guest_tokens(row["id"])
        await confirmation.send(row)
