"""Asking buyers for reviews some days after delivery, and the link by which they write without signing in.

Each person is asked in a transaction of his own, which notes the deliveries as asked, makes the links and queues the
one mail: a crash asks nobody twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.catalog import PRODUCTS, ProductCard
from feria_core.db import Row
from feria_core.ids import new_token, token_hash
from feria_core.runtime import registry, settings
from feria_reviews import keys
from feria_reviews.errors import ReviewLinkExpired, ReviewLinkUnknown, ReviewLinkUsed
from feria_reviews.repository import deliveries, requests, reviews
from feria_reviews.service import mails, writing
from feria_reviews.service.writing import Written
from feria_reviews.settings import ReviewsSettings

# Whoever was not asked for so long (mails were off, the module was) is not asked any more.
ASKABLE_FOR = timedelta(days=30)
MOST_PRODUCTS = 10
_PEOPLE = 100
_DELETED = 500


@dataclass(frozen=True)
class Link:
    """A link that still works, and the product that it is for; None where that is not shown any more."""

    product: ProductCard | None
    expires_at: datetime


async def send_due() -> int:
    """Ask everybody to whom something was delivered the set number of days ago; return how many mails were queued."""
    wanted = settings(ReviewsSettings)
    if not wanted.mail_requests:
        return 0
    key = await keys.load()
    until = clock.now() - timedelta(days=wanted.request_after_days)
    since, after, sent = until - ASKABLE_FOR, None, 0
    while people := await deliveries.due_people(since, until, after=after, limit=_PEOPLE):
        for customer_id in people:
            sent += await db.in_new_transaction(partial(_ask, customer_id, since, until, key))
        after = people[-1]
    return sent


async def delete_old() -> int:
    """Delete links that have expired so long ago that nobody asks for them; return how many."""
    before = clock.now() - timedelta(days=settings(ReviewsSettings).request_link_days)
    deleted = 0
    while True:
        async with db.transaction():
            count = await requests.delete_expired(before, limit=_DELETED)
        deleted += count
        if count < _DELETED:
            return deleted


async def look(token: str) -> Link:
    """Return what the link is for. Raises ReviewLinkUnknown, ReviewLinkUsed, ReviewLinkExpired."""
    row = await _usable(token)
    cards = await registry().get(PRODUCTS).cards([row["product_id"]])
    return Link(cards.get(row["product_id"]), row["expires_at"])


async def write(token: str, written: Written) -> Row:
    """Write the review that the link is for, as its person; the link works once.

    Raises as `look`, ReviewExists where the person has written one meanwhile.
    """
    async with db.transaction():
        found = await _usable(token)
        await reviews.lock_person(found["customer_id"])
        row = await _usable(token, lock=True)
        await requests.use(row["id"], now=clock.now())
        return await writing.store(row["customer_id"], row["product_id"], written)


async def unsubscribe(token: str) -> None:
    """Ask the person of the token for no reviews any more. Raises ReviewLinkUnknown for a token that is not ours."""
    customer_id = keys.read_unsubscribe_token(token, await keys.load())
    if customer_id is None:
        raise ReviewLinkUnknown
    await set_wanted(customer_id, is_wanted=False)


async def set_wanted(customer_id: UUID, *, is_wanted: bool) -> None:
    """Let the person be asked for reviews, or not."""
    if is_wanted:
        await requests.opt_in(customer_id)
    else:
        await requests.opt_out(customer_id, now=clock.now())


async def is_wanted(customer_id: UUID) -> bool:
    """Return whether the person may be asked for reviews."""
    return not await requests.is_opted_out(customer_id)


async def _ask(customer_id: UUID, since: datetime, until: datetime, key: bytes) -> int:
    """Ask one person about all that is due, in the open transaction; return the number of mails, 0 or 1."""
    await reviews.lock_person(customer_id)
    now = clock.now()
    products = await deliveries.ask(customer_id, since, until, now=now)
    person = await mails.reachable(customer_id)
    if not products or person is None or await requests.is_opted_out(customer_id):
        return 0
    cards = await registry().get(PRODUCTS).cards(products)
    asked = [(cards[product], new_token()) for product in products if product in cards][:MOST_PRODUCTS]
    expires_at = now + timedelta(days=settings(ReviewsSettings).request_link_days)
    for card, token in asked:
        await requests.add(customer_id, card.product_id, token_hash(token), now=now, expires_at=expires_at)
    if asked:
        await mails.request(person, asked, unsubscribe_token=keys.unsubscribe_token(customer_id, key))
    return int(bool(asked))


async def _usable(token: str, *, lock: bool = False) -> Row:
    row = await requests.find(token_hash(token), lock=lock)
    if row is None:
        raise ReviewLinkUnknown
    if row["used_at"] is not None:
        raise ReviewLinkUsed
    if row["expires_at"] <= clock.now():
        raise ReviewLinkExpired
    return row
