"""Orders for an empty shop, so that staff's pages show something: drafts of staff, paid on invoice by their buyers.

They are made by the same calls as everybody's, and their mails are taken back before they are sent.
"""

from __future__ import annotations

from uuid import UUID

import orjson

from feria_checkout.draft_schemas import DraftBody, DraftLine, DraftShipping
from feria_checkout.providers import immediate_names
from feria_checkout.repository.checkouts import Caller
from feria_checkout.schemas import Address
from feria_checkout.service import completing, drafting, paying
from feria_checkout.service.order_money import MoneyOfOrders
from feria_core import db, mail
from feria_core.contracts.catalog import PRODUCTS
from feria_core.contracts.money import Money
from feria_core.ids import token_hash
from feria_core.jobs import enqueue
from feria_core.money import MoneyIn
from feria_core.runtime import core_settings, registry

BUYERS = (
    ("Ada Fernández", "Avenida Central 12", "San José", "SJ", "10101", "CR"),
    ("Jonas Weber", "Lindenstraße 4", "Berlin", None, "10969", "DE"),
    ("Mary Lewis", "350 5th Ave", "New York", "NY", "10118", "US"),
    ("Laura Mora", "Calle 5, casa 3", "Cartago", "C", "30101", "CR"),
    ("Emma Roux", "8 rue Oberkampf", "Paris", None, "75011", "FR"),
    ("Tom Baker", "101 Main St", "Austin", "TX", "78701", "US"),
)
# So many of the buyers have paid their invoices; the last one still has his link to pay by.
PAID, WAITING = 3, 1
_SHOWN = 24


async def load() -> list[str]:
    """Make orders where there was never a checkout; return what to tell the newcomer."""
    if await db.fetch_value("SELECT EXISTS (SELECT FROM checkout_checkout)"):
        return []
    variants = await _variants()
    if len(variants) < len(BUYERS) or "manual" not in immediate_names():
        return []
    for number, buyer in enumerate(BUYERS):
        body = _draft(number, buyer, variants)
        made = await drafting.make(body)
        if number < len(BUYERS) - WAITING:
            token = str(made["pay_link"]).partition("?token=")[2]
            await _pay(UUID(made["id"]), body.email, Caller(None, token_hash(token)), is_settled=number < PAID)
    return [f"{len(BUYERS) - WAITING} orders, and a draft that waits to be paid"]


async def _variants() -> list[UUID]:
    products = registry().find(PRODUCTS)
    if products is None:
        return []
    ids = [text.product_id for text in await products.texts(after=None, limit=_SHOWN)]
    shown = (await products.cards(ids)).values()
    return [UUID(orjson.loads(card.card)["default_variant_id"]) for card in shown if card.in_stock]


def _draft(number: int, buyer: tuple[str, str, str, str | None, str, str], variants: list[UUID]) -> DraftBody:
    name, line1, city, region, postal_code, country = buyer
    wanted = [variants[number], variants[-1 - number]] if len(variants) > 2 * len(BUYERS) else [variants[number]]
    shipping = Money(500, core_settings().currency)
    return DraftBody(
        email=f"{name.split()[0].lower()}@example.com",
        lines=[DraftLine(variant_id=variant, quantity=1 + number % 2) for variant in wanted],
        shipping=DraftShipping(label="Standard", price=MoneyIn(amount=shipping.amount, currency=shipping.currency)),
        shipping_address=Address(
            name=name, line1=line1, city=city, region=region, postal_code=postal_code, country=country
        ),
        send_link=False,
    )


async def _pay(checkout_id: UUID, email: str, caller: Caller, *, is_settled: bool) -> None:
    """Complete the draft on invoice, and note the invoice as paid where it is settled."""
    opened = await paying.open_payment(checkout_id, caller, "manual")
    expected = Money(opened["amount"]["amount"], opened["amount"]["currency"])
    await completing.complete(checkout_id, caller, expected)
    async with db.transaction():
        await mail.withdraw(email, ["orders/order_confirmation"])
        order_id: UUID = await db.fetch_value("SELECT order_id FROM checkout_checkout WHERE id = $1", checkout_id)
        if is_settled and await MoneyOfOrders().note_received(order_id):
            await enqueue("checkout.note_paid", order_id=str(order_id))
