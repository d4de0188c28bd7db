"""Sending what is due: a mail and its count in one transaction, the cart locked, so that an order stops it or waits.

A cart that is ordered is not open any more, and is not found here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from feria_cart import links
from feria_cart import repository as carts
from feria_cart.domain import CartView
from feria_cart.reminders import repository
from feria_cart.service.looking import group_of, priced_now
from feria_cart.settings import CartSettings
from feria_core import clock, db, mail
from feria_core.contracts.users import PEOPLE, Person
from feria_core.runtime import core_settings, registry, settings

TEMPLATE = "cart/abandoned"
# In one transaction.
BATCH = 20
# In a mail; the cart may hold more.
_SHOWN = 10


async def send_due() -> int:
    """Send every reminder that is due now; return how many carts were looked at."""
    delays = [timedelta(minutes=minutes) for minutes in sorted(settings(CartSettings).reminder_delays_minutes)]
    if not delays:
        return 0
    key = await links.load_key()
    looked = 0
    while True:
        async with db.transaction():
            rows = await repository.due(clock.now(), delays, limit=BATCH)
            for row in rows:
                await _remind(row, key)
        looked += len(rows)
        if len(rows) < BATCH:
            return looked


async def _remind(row: db.Row, key: bytes) -> None:
    """Queue the cart's next mail, or end its reminders where nobody or nothing is left to write about."""
    now, currency = clock.now(), core_settings().currency
    to = await _recipient(row, key)
    if to is None:
        await repository.stop([row["id"]], "no_address", currency, now)
        return
    stored = await carts.read_by_id(row["id"])
    view = await priced_now(stored, group=await group_of(row["customer_id"])) if stored else None
    if view is None or not view.snapshot.lines:
        await repository.stop([row["id"]], "not_sold", currency, now)
        return
    email, locale = to
    context = _context(view, row, key)
    end = context["unsubscribe_link"]
    headers = {"List-Unsubscribe": f"<{end}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    await mail.send(TEMPLATE, to=email, context=context, locale=locale, headers=headers)
    await repository.note_sent(row["id"], row["customer_id"], view.snapshot.total.amount, currency, now)


async def _recipient(row: db.Row, key: bytes) -> tuple[str, str] | None:
    """Return address and language, None where nobody is to be written to: an account that is gone or not verified."""
    if row["customer_id"] is None:
        if await repository.is_opted_out(links.address_key(row["email"], key)):
            return None
        return row["email"], row["locale"]
    person = await _person(row["customer_id"])
    return (person.email, person.locale) if person is not None and person.is_email_verified else None


async def address_of(customer_id: UUID) -> str | None:
    """Return the address that the customer's reminders go to, None for an account that is gone."""
    person = await _person(customer_id)
    return person.email if person is not None else None


async def _person(customer_id: UUID) -> Person | None:
    people = registry().find(PEOPLE)
    return await people.person(customer_id) if people is not None else None


def _context(view: CartView, row: db.Row, key: bytes) -> Mapping[str, Any]:
    snapshot = view.snapshot
    until = clock.now() + timedelta(days=settings(CartSettings).restore_link_days)
    return {
        "items": [
            {"name": line.name, "options": ", ".join(line.options.values()), "quantity": line.quantity}
            for line in snapshot.lines[:_SHOWN]
        ],
        "more": max(len(snapshot.lines) - _SHOWN, 0),
        "total": {"amount": snapshot.total.amount, "currency": snapshot.total.currency},
        "link": links.restore_url(links.restore_token(snapshot.id, until, key)),
        "days": settings(CartSettings).restore_link_days,
        "unsubscribe_link": links.reminders_end_url(UUID(str(row["consent_id"])), key),
    }
