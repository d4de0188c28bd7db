"""Subscriptions for staff: looked at, exported, deleted, suppressed."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from feria_core import audit, clock, db, mail
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_landing.errors import SubscriptionUnknown
from feria_landing.fields import address_of
from feria_landing.newsletter import consent, repository, suppression
from feria_landing.newsletter.schemas import (
    ConsentOut,
    SubscriptionDetail,
    SubscriptionOut,
    SubscriptionQuery,
    SuppressionBody,
    SuppressionOut,
)

EXPORTED = ("email", "status", "lists", "locale", "created_at", "confirmed_at", "unsubscribed_at")
BATCH = 1000
# A table calculator takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


async def listed(query: SubscriptionQuery) -> Page[SubscriptionOut]:
    """Return a page of subscriptions, the latest first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await repository.listed(query.status, query.list, query.q, before, query.limit + 1)
    items = [SubscriptionOut(**row) for row in rows[: query.limit]]
    more = encode_cursor(str(items[-1].id)) if len(rows) > query.limit else None
    return Page[SubscriptionOut](items=items, next_cursor=more)


async def find(subscription_id: str) -> SubscriptionDetail:
    """Return one subscription with its proof of consent. Raises SubscriptionUnknown."""
    row = await _row(subscription_id)
    consents = [ConsentOut(**line) for line in await repository.consents(row["id"])]
    suppressed = await suppression.is_suppressed(address_of(row["email"]))
    return SubscriptionDetail(**row, is_suppressed=suppressed, consents=consents)


async def remove(subscription_id: str) -> None:
    """Delete the subscription and its proof of consent. Raises SubscriptionUnknown."""
    async with db.transaction():
        row = await _row(subscription_id)
        await repository.lock_address(address_of(row["email"]))
        row = await _row(subscription_id, lock=True)
        await consent.end(row, action="unsubscribed")
        await repository.delete(row["id"])
        await audit.record("landing.subscription.deleted", "subscription", row["id"], before={"status": row["status"]})


async def suppress(body: SuppressionBody) -> SuppressionOut:
    """Never mail the address again: its subscription ends and what waits for it is taken back."""
    address = address_of(body.email)
    async with db.transaction():
        await repository.lock_address(address)
        is_new = await suppression.add(address, body.reason)
        await mail.withdraw(address.deliverable, ("landing/contact_received", *consent.NEWSLETTER_MAILS))
        row = await repository.by_key(address.key, lock=True)
        is_ended = row is not None and row["status"] != "unsubscribed"
        if row is not None:
            await consent.end(row, action="suppressed")
        if is_new or is_ended:
            await audit.record(
                "landing.suppression.added", "subscription", row["id"] if row else "-", after={"reason": body.reason}
            )  # fmt: skip
    return SuppressionOut(email=body.email, is_suppressed=True)


async def unsuppress(body: SuppressionBody) -> SuppressionOut:
    """Let the address be mailed again, if its owner subscribes anew."""
    async with db.transaction():
        if await suppression.remove(address_of(body.email)):
            await audit.record("landing.suppression.removed", "subscription", "-")
    return SuppressionOut(email=body.email, is_suppressed=False)


async def as_csv() -> AsyncIterator[bytes]:
    """Give all subscriptions as CSV, piece by piece."""
    yield _lines([EXPORTED])
    before: UUID | None = None
    while rows := await repository.listed(None, None, None, before, BATCH):
        yield _lines([[_cell(row[name]) for name in EXPORTED] for row in rows])
        before = rows[-1]["id"]


async def record_export() -> None:
    """Note that staff have taken the list with them."""
    async with db.transaction():
        await audit.record("landing.subscription.exported", "subscription", "all", after={"at": clock.now()})


def neutral(text: str) -> str:
    """Return the text with an apostrophe before what a table calculator would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return neutral(" ".join(value))
    return neutral("" if value is None else str(value))


def _lines(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


async def _row(subscription_id: str, *, lock: bool = False) -> Any:
    known = parse_id(subscription_id)
    row = await repository.by_id(known, lock=lock) if known else None
    if row is None:
        raise SubscriptionUnknown(subscription_id)
    return row
