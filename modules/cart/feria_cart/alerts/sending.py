"""Finding out which alerts are due, and sending them in batches, each in the transaction of its mails.

Who waits is told once: the statement that notes an alert as sent finds it only while it is not, and is committed
together with the mail's row and the job's end, or not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from feria_cart import links
from feria_cart.alerts import repository
from feria_cart.domain import is_sellable
from feria_cart.settings import CartSettings
from feria_core import clock, db, mail
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.contracts.users import PEOPLE, People
from feria_core.jobs import enqueue
from feria_core.runtime import core_settings, registry, settings

FIRST = UUID(int=0)
BATCH = 100
# Of the check: products of one look.
PRODUCTS = 200
# Those past it are noted by the next look.
_MARKED = 5000


async def look(product_ids: Collection[UUID]) -> int:
    """Compare these products' offers with what people wait for, and queue the sending of what is due.

    Returns how many products are; runs in the caller's transaction. Nothing happens without users: nobody could
    be written to.
    """
    if registry().find(PEOPLE) is None:
        return 0
    waiting = await repository.waiting_variants(product_ids)
    if not waiting:
        return 0
    on_sale = await _on_sale(waiting)
    await repository.mark_out(product_ids, [v for v in waiting if v not in on_sale], limit=_MARKED)
    due = await repository.due_products(product_ids, on_sale, least_percent=_least_percent())
    for product_id in due:
        await enqueue("cart.send_alerts", product_id=str(product_id), after=str(FIRST))
    return len(due)


async def look_everywhere() -> int:
    """Look at every product that somebody waits for; return how many have something due.

    No event tells of a product whose time of publication has come, nor of one size of a shoe that is back while
    others are there.
    """
    found, after = 0, FIRST
    while True:
        async with db.transaction():
            products = await repository.waiting_products(after, limit=PRODUCTS)
            found += await look(products)
        if len(products) < PRODUCTS:
            return found
        after = products[-1]


async def send_batch(product_id: UUID, *, after: UUID, key: bytes) -> int:
    """Send the next due alerts of the product, in the open transaction, and queue the batch after a full one.

    Returns how many were due. The offers are asked for again, so nobody is told of what has sold out meanwhile.
    """
    db.require_transaction("sending alerts")
    people = registry().find(PEOPLE)
    on_sale = await _on_sale(await repository.waiting_variants([product_id]))
    if people is None or not on_sale:
        return 0
    rows = await repository.claim(
        product_id, on_sale, least_percent=_least_percent(), after=after, limit=BATCH, now=clock.now()
    )
    unheard = [row["id"] for row in rows if not await _send(people, row, on_sale[row["variant_id"]], key)]
    await repository.delete_all(unheard)
    if len(rows) == BATCH:
        await enqueue("cart.send_alerts", product_id=str(product_id), after=str(max(row["id"] for row in rows)))
    return len(rows)


async def _send(people: People, row: db.Row, offer: Offer, key: bytes) -> bool:
    """Queue the mail of one alert; False where its person is gone, or has not shown that the address is theirs."""
    person = await people.person(row["customer_id"])
    if person is None or not person.is_email_verified:
        return False
    context = {
        "name": offer.name,
        "options": ", ".join(offer.options.values()),
        "sku": offer.sku,
        "price": {"amount": offer.price.amount, "currency": offer.price.currency},
        "asked_price": {"amount": row["asked_amount"], "currency": row["asked_currency"]},
        "link": f"{core_settings().public_url.rstrip('/')}/products/{offer.slug}",
        "unsubscribe_link": links.unsubscribe_url(row["id"], key),
    }
    await mail.send(f"cart/{row['kind']}", to=person.email, context=context, locale=person.locale)
    return True


async def _on_sale(variant_ids: Collection[UUID]) -> dict[UUID, Offer]:
    """Return the offers of those variants that can be bought at this moment."""
    currency = core_settings().currency
    offers = await registry().get(CATALOG).offers(variant_ids) if variant_ids else {}
    return {v: offer for v, offer in offers.items() if is_sellable(offer, 1, currency) and offer.available > 0}


def _least_percent() -> int:
    return settings(CartSettings).price_drop_percent
