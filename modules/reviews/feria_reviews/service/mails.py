"""Mails to authors and buyers; only to addresses that their owners have verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from feria_core import mail
from feria_core.contracts.catalog import PRODUCTS, ProductCard
from feria_core.contracts.users import PEOPLE, Person
from feria_core.db import Row
from feria_core.runtime import core_settings, registry


async def approved(row: Row) -> None:
    """Tell the author that the review is published, in the open transaction."""
    await _to_author("reviews/review_approved", row, {})


async def replied(row: Row, reply: str) -> None:
    """Tell the author what the shop has answered, in the open transaction."""
    await _to_author("reviews/review_replied", row, {"reply": reply})


async def request(person: Person, asked: Sequence[tuple[ProductCard, str]], *, unsubscribe_token: str) -> None:
    """Ask the person for reviews of these products, each with the token of its link, in the open transaction."""
    base = core_settings().public_url.rstrip("/")
    context = {
        "products": [{"name": card.name, "link": f"{base}/reviews/write?token={token}"} for card, token in asked],
        "unsubscribe_link": f"{base}/api/review-requests/unsubscribe?token={unsubscribe_token}",
    }
    await mail.send("reviews/review_request", to=person.email, context=context, locale=person.locale, person=person.id)


async def reachable(customer_id: UUID) -> Person | None:
    """Return the person where a mail may go to the account's address."""
    person = await registry().get(PEOPLE).person(customer_id)
    return person if person is not None and person.is_email_verified else None


async def _to_author(template: str, row: Row, context: Mapping[str, Any]) -> None:
    if row["customer_id"] is None or (person := await reachable(row["customer_id"])) is None:
        return
    card = (await registry().get(PRODUCTS).cards([row["product_id"]])).get(row["product_id"])
    if card is None:
        return
    link = f"{core_settings().public_url.rstrip('/')}/products/{card.slug}"
    values = {"product": card.name, "link": link, **context}
    await mail.send(template, to=person.email, context=values, locale=person.locale, person=person.id)
